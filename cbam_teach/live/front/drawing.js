// A sheet on which the reader draws with mouse, touch, pen or keys.
import { button, freshId, make } from "./dom.js";
import { clampTo } from "./numbers.js";

const SIDE = 256; // pixels of the sheet's longer side

// drawn(canvas, when): after every stroke's step. Gives { node, open(), close() }.
export function drawingPart(context, drawn) {
  const { say, spec } = context;
  const [, channels, height, width] = spec.image.shape;
  const scale = SIDE / Math.max(width, height);
  const sheet = make("canvas", { class: "cbam-live-sheet", width: Math.round(width * scale), height: Math.round(height * scale),
    tabindex: "0", role: "img", "aria-label": say("draw.sheet") });
  const pen = sheet.getContext("2d", { willReadFrequently: true });
  const id = freshId();
  const colour = make("input", { type: "color", id, value: "#000000", class: "cbam-live-colour" });
  let at = null;
  let key = { x: sheet.width / 2, y: sheet.height / 2 };

  function clear(event) {
    pen.fillStyle = "#ffffff";
    pen.fillRect(0, 0, sheet.width, sheet.height);
    if (event) drawn(sheet, event.timeStamp);
  }

  function stroke(from, to, when) {
    pen.strokeStyle = channels === 1 ? "#000000" : colour.value;
    pen.lineWidth = SIDE / 16;
    pen.lineCap = "round";
    pen.beginPath();
    pen.moveTo(from.x, from.y);
    pen.lineTo(to.x, to.y);
    pen.stroke();
    drawn(sheet, when);
  }

  function placeOf(event) {
    const box = sheet.getBoundingClientRect();
    return { x: ((event.clientX - box.left) * sheet.width) / box.width, y: ((event.clientY - box.top) * sheet.height) / box.height };
  }

  sheet.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    sheet.setPointerCapture(event.pointerId);
    at = placeOf(event);
    stroke(at, at, event.timeStamp);
  });
  sheet.addEventListener("pointermove", (event) => {
    if (!at) return;
    const next = placeOf(event);
    stroke(at, next, event.timeStamp);
    at = next;
  });
  for (const end of ["pointerup", "pointercancel"]) sheet.addEventListener(end, () => { at = null; });
  // Arrow keys draw from the middle; with Shift they only move.
  sheet.addEventListener("keydown", (event) => {
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!way || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    const next = { x: clampTo(key.x + 8 * way[0], 0, sheet.width), y: clampTo(key.y + 8 * way[1], 0, sheet.height) };
    if (!event.shiftKey) stroke(key, next, event.timeStamp);
    key = next;
  });

  const tools = [button(say("draw.clear"), clear), button(say("close"), () => close())];
  if (channels > 1) tools.unshift(make("label", { for: id, class: "cbam-live-option" }, colour, make("span", {}, say("draw.colour"))));
  const node = make("div", { class: "cbam-live-drawing", hidden: true },
    make("div", { class: "cbam-live-note" }, say("draw.hint")), sheet, make("div", { class: "cbam-live-buttons" }, ...tools));
  clear();

  function close() {
    node.hidden = true;
  }

  return { node, close, open: () => { node.hidden = false; sheet.focus(); } };
}
