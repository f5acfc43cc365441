// Views that are numbers: what is said about a map, and the values themselves.
import { make, textNode } from "./dom.js";
import { areShares, extremes, mapShape, maskEntropy, meanOf, saturatedShare, sharesEntropy } from "./statistics.js";
import { viewFrame } from "./map_panel.js";

export function numbersView(view, context) {
  const { count } = numbersShape(context.shapeOf(view.of));
  const lines = ["mean", "saturated", "entropy"].map((key) => ({ key, text: textNode() }));
  const list = make("dl", { class: "cbam-live-numbers" });
  for (const { key, text } of lines) {
    list.append(make("div", {}, make("dt", {}, context.say(key)), make("dd", {}, text.node)));
  }
  return {
    node: viewFrame(view, make("div", { role: "group", "aria-label": view.label }, list)),
    areas: [],
    draw(values) {
      const { least, most } = extremes(values);
      const bounded = least >= -1e-6 && most <= 1 + 1e-6; // others are neither masks nor shares
      const shares = context.sharesOf(view.of) ?? areShares(values, count);
      const entropy = shares ? sharesEntropy(values, count) : maskEntropy(values);
      lines[0].text.write(context.number(meanOf(values), 3));
      lines[1].text.write(bounded ? context.percent(saturatedShare(values)) : "–");
      lines[2].text.write(bounded ? context.say("nats", { value: context.number(entropy, 3) }) : "–");
    },
    describe() {},
  };
}

// K of (1, K), (1, K, 1, 1) or (1, K, H, W).
function numbersShape(shape) {
  return { count: shape.length > 1 ? shape[1] : shape[0] };
}

const MOST = 64; // values in a table

export function valuesView(view, context) {
  const { rows, columns, heads } = tableShape(context.shapeOf(view.of), view.names);
  const cells = Array.from({ length: Math.min(rows * columns, MOST) }, () => textNode());
  const table = make("table", { class: "cbam-live-table" }, make("caption", { class: "cbam-live-unseen" }, view.label));
  if (heads) table.append(make("thead", {}, make("tr", {}, ...heads.map((head) => make("th", { scope: "col" }, head)))));
  const body = make("tbody");
  for (let at = 0; at < cells.length; at += columns) {
    body.append(make("tr", {}, ...cells.slice(at, at + columns).map((cell) => make("td", {}, cell.node))));
  }
  table.append(body);
  const more = rows * columns > MOST ? [make("div", { class: "cbam-live-note" }, context.say("first", { shown: MOST, all: rows * columns }))] : [];
  const box = make("div", { class: "cbam-live-scroll", tabindex: "0", role: "group", "aria-label": view.label }, table);
  return {
    node: viewFrame(view, box, ...more),
    areas: [],
    draw: (values) => cells.forEach((cell, i) => cell.write(context.number(values[i], view.digits ?? 3))),
    describe() {},
  };
}

// A map becomes rows and columns; a list of numbers one row, below their names.
export function tableShape(shape, names = null) {
  const { count, height, width } = mapShape(shape);
  if (width === 1 && height === 1) return { rows: 1, columns: count, heads: fitting(names, count) };
  return { rows: count * height, columns: width, heads: fitting(names, width) };
}

function fitting(names, columns) {
  return names && names.length >= columns ? names.slice(0, columns) : null;
}
