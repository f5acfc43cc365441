// Views that are maps: the picture, a heat map, a mask laid over the picture, a difference.
import { DARKEST, darken, gradient, paintMap, paintPicture } from "./colours.js";
import { button } from "./dom.js";
import { describeMaps, mapPanel, scaleBar, scaleOf, viewFrame } from "./map_panel.js";
import { extremes, mapShape, roundUp } from "./statistics.js";

// Every view: { node, draw(values, image), describe(), areas }; values: of the output that it shows.
export function pictureView(view, context) {
  const shape = context.shapeOf(view.of);
  const { count, height, width } = mapShape(shape);
  let shown = null;
  const tell = (k, row, column) => {
    const place = row * width + column;
    return Array.from({ length: count }, (_, c) => context.number(shown[c * height * width + place], 2)).join(" · ");
  };
  const panel = mapPanel(view, context, { count: 1, height, width }, tell);
  return {
    node: viewFrame(view, panel.frame, panel.readout),
    areas: panel.areas,
    draw(values) {
      if (values !== shown || view.of !== "image") {
        shown = values;
        paintPicture(panel.maps[0].pixels, values, count);
      }
      panel.drawn();
    },
    describe: () => describeMaps(view, context, panel, shown),
  };
}

export function heatmapView(view, context) {
  const { count, height, width } = mapShape(context.shapeOf(view.of));
  const places = height * width;
  let shown = null;
  const tell = (k, row, column) => {
    const values = Array.from({ length: count }, (_, i) => context.number(shown[i * places + row * width + column], 3));
    return count > 8 ? values[k] : values.join(" · ");
  };
  const panel = mapPanel(view, context, { count, height, width }, tell, view.names);
  const bar = scaleBar(gradient(context.spec.palette), context);
  return {
    node: viewFrame(view, panel.frame, bar.node, panel.readout),
    areas: panel.areas,
    draw(values) {
      shown = values;
      const { least, most } = scaleOf(view, values);
      panel.maps.forEach((map, k) => paintMap(map.pixels, values, k * places, least, most, context.tables.palette));
      bar.write(least, most);
      panel.drawn();
    },
    describe: () => describeMaps(view, context, panel, shown),
  };
}

export function overlayView(view, context) {
  const [, channels, height, width] = context.spec.image.shape;
  const size = mapShape(context.shapeOf(view.of));
  let shown = null;
  const tell = (k, row, column) => {
    const line = Math.floor((row * size.height) / height) * size.width;
    return context.number(shown[line + Math.floor((column * size.width) / width)], 3);
  };
  const panel = mapPanel(view, context, { count: 1, height, width }, tell);
  const dark = `rgb(${[0, 0, 0].map(() => Math.round(255 * DARKEST))})`;
  const bar = scaleBar(gradient([dark, "#ffffff"]), context);
  return {
    node: viewFrame(view, panel.frame, bar.node, panel.readout),
    areas: panel.areas,
    draw(values, image) {
      shown = values;
      const { least, most } = scaleOf(view, values);
      const { pixels } = panel.maps[0];
      paintPicture(pixels, image, channels);
      darken(pixels, width, height, values, size, least, most);
      bar.write(least, most);
      panel.drawn();
    },
    describe: () => describeMaps(view, context, panel, shown),
  };
}

// Now minus what is held: the first result, until the reader holds another one.
export function differenceView(view, context) {
  const { count, height, width } = mapShape(context.shapeOf(view.of));
  const places = height * width;
  let held = null;
  let now = null;
  let change = null;
  const tell = (k, row, column) => context.number(change[k * places + row * width + column], 3);
  const panel = mapPanel(view, context, { count, height, width }, tell, view.names);
  const bar = scaleBar(gradient(context.spec.diverging), context);
  function paint() {
    for (let i = 0; i < now.length; i += 1) change[i] = now[i] - held[i];
    const { least, most } = extremes(change);
    const end = roundUp(Math.max(-least, most));
    const table = context.tables.diverging;
    panel.maps.forEach((map, k) => paintMap(map.pixels, change, k * places, -end, end, table));
    bar.write(-end, end);
    panel.drawn();
  }
  function hold() {
    held = Float32Array.from(now);
    paint();
    context.announce(context.say("held"));
  }
  const press = button(context.say("hold"), hold, { "aria-label": `${context.say("hold")}: ${view.label}` });
  return {
    node: viewFrame(view, panel.frame, bar.node, panel.readout, press),
    areas: panel.areas,
    draw(values) {
      now = values;
      held ??= Float32Array.from(values);
      change ??= new Float32Array(values.length);
      paint();
    },
    describe: () => describeMaps(view, context, panel, change),
  };
}
