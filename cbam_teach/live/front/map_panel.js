// Maps drawn at their own size and scaled up by CSS, with labels, a scale and a reading point.
import { make, mark, textNode } from "./dom.js";
import { extremes, meanOf } from "./statistics.js";
import { readingPoint } from "./reading_point.js";

// The frame of a view: its label above, and what is drawn below.
export function viewFrame(view, ...content) {
  const label = make("div", { class: "cbam-live-label", "aria-hidden": "true" }, view.label);
  return make("div", { class: "cbam-live-view" }, label, ...content);
}

// count maps of one size; tell(k, row, column) gives the text of a place.
export function mapPanel(view, context, { count, height, width }, tell, names = null) {
  const maps = Array.from({ length: count }, (_, k) => oneMap(view, width, height, count > 1 ? (names?.[k] ?? String(k + 1)) : ""));
  const grid = make("div", { class: count > 1 ? "cbam-live-maps cbam-live-many" : "cbam-live-maps" }, ...maps.map((map) => map.node));
  const frame = make("div", { class: "cbam-live-reading", role: "group", "aria-label": view.label }, grid);
  const areas = maps.map((map) => map.area);
  const point = readingPoint(frame, areas, { height, width }, (k, row, column) => {
    return context.say("place", { row, column, value: tell(k, row, column) });
  }, context);
  return {
    frame, maps, areas, readout: point.readout,
    drawn() {
      for (const map of maps) map.commit();
      point.refresh();
    },
  };
}

function oneMap(view, width, height, name) {
  const canvas = make("canvas", { class: "cbam-live-canvas", width, height, role: "img", "aria-label": view.label });
  const pen = canvas.getContext("2d", { alpha: false });
  const image = pen.createImageData(width, height);
  const area = make("div", { class: "cbam-live-area" }, canvas);
  const label = name ? [make("div", { class: "cbam-live-name", "aria-hidden": "true" }, name)] : [];
  return {
    node: make("div", { class: "cbam-live-map" }, area, ...label),
    area, canvas, name,
    pixels: new Uint32Array(image.data.buffer),
    commit: () => pen.putImageData(image, 0, 0),
  };
}

// A bar of the palette with the numbers of its ends.
export function scaleBar(background, context) {
  const [low, high] = [textNode(), textNode()];
  const strip = make("span", { class: "cbam-live-strip" });
  strip.style.backgroundImage = background;
  const node = make("div", { class: "cbam-live-scale", "aria-hidden": "true" },
    make("span", {}, low.node), strip, make("span", {}, high.node));
  return {
    node,
    write(least, most) {
      low.write(context.number(least));
      high.write(context.number(most));
    },
  };
}

// Says in words what a map shows: its label, mean, least and most.
export function mapSummary(view, context, values, name = "") {
  const { least, most } = extremes(values);
  const [mean, low, high] = [meanOf(values), least, most].map((value) => context.number(value));
  const label = name ? `${view.label} ${name}` : view.label;
  return context.say("map", { label, mean, least: low, most: high });
}

export function describeMaps(view, context, panel, values) {
  const size = values.length / panel.maps.length;
  panel.maps.forEach((map, k) => {
    mark(map.canvas, "aria-label", mapSummary(view, context, values.subarray(k * size, (k + 1) * size), map.name));
  });
}

// The scale of a view: as given, or from the least to the most of what is drawn.
export function scaleOf(view, values) {
  if (typeof view.least === "number" && typeof view.most === "number") return view;
  const found = extremes(values);
  const least = view.least ?? found.least;
  const most = view.most ?? found.most;
  return most > least ? { least, most } : { least, most: least + 1e-6 };
}
