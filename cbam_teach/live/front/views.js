// The views of one variant, in the order of the figure.
import { make, show } from "./dom.js";
import { barsView, histogramView } from "./views_bars.js";
import { differenceView, heatmapView, overlayView, pictureView } from "./views_maps.js";
import { numbersView, valuesView } from "./views_numbers.js";
import { mapSummary } from "./map_panel.js";

function makerOf(kind) {
  const makers = {
    picture: pictureView, heatmap: heatmapView, overlay: overlayView, difference: differenceView,
    bars: barsView, histogram: histogramView, numbers: numbersView, values: valuesView,
  };
  return makers[kind];
}

// Gives { node, draw(outputs, image), describe(), summary(), handles }: one variant's column.
export function variantColumn(index, shared) {
  const { spec, say } = shared;
  const variant = spec.variants[index];
  const shapes = new Map([["image", spec.image.shape], ...variant.outputs.map(({ name, shape }) => [name, shape])]);
  const context = {
    ...shared,
    shapeOf: (name) => shapes.get(name),
    sharesOf: (name) => variant.outputs.find((output) => output.name === name)?.shares,
  };
  const drawn = [];
  for (const view of spec.views) {
    const maker = makerOf(view.kind);
    if (maker && shapes.has(view.of)) drawn.push({ view, ...maker(view, context) });
  }
  const title = make("div", { class: "cbam-live-variant" }, variant.label);
  show(title, spec.variants.length > 1);
  const grid = make("div", { class: "cbam-live-views" }, ...drawn.map((view) => view.node));
  const several = spec.variants.length > 1 ? { role: "group", "aria-label": say("side", { name: variant.label }) } : {};
  const node = make("div", { class: "cbam-live-side", ...several }, title, grid);
  let last = null;
  return {
    node,
    name: variant.label,
    // The map that carries the handle: the first picture, or else the first overlay.
    handled: drawn.find(({ view }) => ["picture", "overlay"].includes(view.kind))?.areas[0] ?? null,
    draw(outputs, image) {
      last = outputs;
      for (const { view, draw } of drawn) draw(view.of === "image" ? image : outputs[view.of], image);
    },
    describe: () => drawn.forEach((view) => view.describe()),
    summary() {
      const first = drawn.find(({ view }) => view.of !== "image")?.view;
      return first && last ? mapSummary(first, shared, last[first.of]) : "";
    },
  };
}
