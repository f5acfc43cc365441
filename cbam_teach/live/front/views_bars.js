// Views that are bars: K numbers, and how the values of a map are spread.
import { make, mark, textNode } from "./dom.js";
import { histogramOf, meanOf } from "./statistics.js";
import { mapSummary, scaleBar, scaleOf, viewFrame } from "./map_panel.js";
import { readingPoint } from "./reading_point.js";

const ROWS = 16; // more bars than this stand beside each other, without a number each

export function barsView(view, context) {
  const count = context.shapeOf(view.of).reduce((product, size) => product * size, 1);
  return count > ROWS ? columnsView(view, context, count) : rowsView(view, context, count);
}

// The ends of the bars: they grow from 0.
function endsOf(view, values) {
  const { least, most } = scaleOf(view, values);
  return { least: Math.min(least, 0), most: Math.max(most, 0) };
}

function rowsView(view, context, count) {
  const rows = Array.from({ length: count }, (_, k) => {
    const fill = make("span", { class: "cbam-live-fill" });
    const value = textNode();
    const name = view.names?.[k] ?? String(k + 1);
    return { fill, value, name, node: make("div", { class: "cbam-live-row" }, make("span", { class: "cbam-live-name" }, name),
      make("span", { class: "cbam-live-track" }, fill), make("span", { class: "cbam-live-number" }, value.node)) };
  });
  const chart = make("div", { class: "cbam-live-rows", role: "img", "aria-label": view.label }, ...rows.map((row) => row.node));
  return {
    node: viewFrame(view, chart),
    areas: [],
    draw(values) {
      const { least, most } = endsOf(view, values);
      const whole = most - least || 1;
      rows.forEach(({ fill, value }, k) => {
        const [from, to] = [Math.min(values[k], 0), Math.max(values[k], 0)];
        const left = Math.max((from - least) / whole, 0);
        fill.style.transform = `translateX(${100 * left}%) scaleX(${Math.min((to - from) / whole, 1 - left)})`;
        value.write(context.number(values[k], 3));
      });
    },
    describe() {
      const said = rows.map((row) => `${row.name} ${row.value.node.data}`).join("; ");
      mark(chart, "aria-label", `${view.label}: ${said}`);
    },
  };
}

// Bars beside each other, with a reading point; heights(k) in [0, 1].
function columnChart(view, context, count, tell) {
  const fills = Array.from({ length: count }, () => make("span", { class: "cbam-live-column-fill" }));
  const bars = fills.map((fill) => make("span", { class: "cbam-live-bin" }, fill));
  const chart = make("div", { class: "cbam-live-chart", role: "img", "aria-label": view.label }, ...bars);
  const area = make("div", { class: "cbam-live-area" }, chart);
  const frame = make("div", { class: "cbam-live-reading", role: "group", "aria-label": view.label }, area);
  const point = readingPoint(frame, [area], { height: 1, width: count }, (k, row, column) => tell(column), context);
  return {
    frame, readout: point.readout,
    label: (text) => mark(chart, "aria-label", text),
    draw(height) {
      fills.forEach((fill, k) => { fill.style.transform = `scaleY(${Math.min(Math.max(height(k), 0), 1)})`; });
      point.refresh();
    },
  };
}

function columnsView(view, context, count) {
  let shown = null;
  const top = textNode();
  const tell = (k) => `${view.names?.[k] ?? k + 1}: ${context.number(shown[k], 3)}`;
  const chart = columnChart(view, context, count, tell);
  return {
    node: viewFrame(view, make("div", { class: "cbam-live-top" }, top.node), chart.frame, chart.readout),
    areas: [],
    draw(values) {
      shown = values;
      const { least, most } = endsOf(view, values);
      chart.draw((k) => (values[k] - least) / (most - least || 1));
      top.write(mapSummary({ label: "" }, context, values).replace(/^\s*:\s*/, ""));
    },
    describe: () => chart.label(mapSummary(view, context, shown)),
  };
}

export function histogramView(view, context) {
  const bins = view.bins ?? 20;
  let ends = { least: 0, most: 1 };
  let shares = new Float64Array(bins);
  let shown = null;
  const edge = (k) => context.number(ends.least + ((ends.most - ends.least) * k) / bins);
  const range = (k) => context.say("bin", { from: edge(k), to: edge(k + 1), share: context.percent(shares[k]) });
  const chart = columnChart(view, context, bins, range);
  const top = textNode();
  const bar = scaleBar(`linear-gradient(currentColor, currentColor)`, context);
  bar.node.classList.add("cbam-live-axis");
  return {
    node: viewFrame(view, make("div", { class: "cbam-live-top", "aria-hidden": "true" }, top.node), chart.frame, bar.node, chart.readout),
    areas: [],
    draw(values) {
      shown = values;
      ends = scaleOf(view, values);
      shares = histogramOf(values, ends.least, ends.most, bins);
      const highest = Math.max(...shares);
      chart.draw((k) => shares[k] / (highest || 1));
      top.write(context.say("highest", { share: context.percent(highest) }));
      bar.write(ends.least, ends.most);
    },
    describe() {
      const highest = shares.indexOf(Math.max(...shares));
      chart.label(`${mapSummary(view, context, shown)}; ${range(highest)}; ${context.say("mean")} ${context.number(meanOf(shown))}`);
    },
  };
}
