// Which picture is looked at: one of the offered, or the reader's own.
import { cameraPart, cameraWorks } from "./camera.js";
import { chooser } from "./chooser.js";
import { paintPicture } from "./colours.js";
import { drawingPart } from "./drawing.js";
import { button, make, mark, show, textNode } from "./dom.js";
import { Refusal, decoded, fitter } from "./picture_fit.js";

const FACES = 12; // more offered pictures than this are a list without faces

// complain(text) shows what is wrong. Gives { node, show(), engine(name), stop() }.
export function picturePanel(store, context, root, complain) {
  const { spec, say } = context;
  const { names, shape } = spec.image;
  const faces = spec.image.type === "uint8" && [1, 3].includes(shape[1]) && names.length <= FACES;
  const options = names.map((label, value) => ({ label, value, face: faces && names.length > 1 ? face(shape, () => store.image(value)) : null }));
  if (spec.own) options.push({ label: say("own"), value: -1 });
  const pick = (value, when) => {
    context.touched(null, options.find((option) => option.value === value).label);
    complain("");
    store.put({ picture: value }, when);
  };
  const choice = chooser(say("picture"), options, pick);
  const own = spec.own ? ownPart(store, context, root, complain) : null;
  const node = make("div", { class: "cbam-live-pictures" }, choice.node, ...(own ? [own.node] : []));
  show(node, options.length > 1);
  return {
    node,
    show() {
      choice.write(store.picture());
      choice.bar(store.hasOwn() ? null : -1);
    },
    engine: (name) => own?.engine(name),
    stop: () => own?.stop(),
  };
}

function face(shape, image) {
  const [, channels, height, width] = shape;
  const canvas = make("canvas", { class: "cbam-live-face", width, height, "aria-hidden": "true" });
  const pen = canvas.getContext("2d");
  const data = pen.createImageData(width, height);
  paintPicture(new Uint32Array(data.data.buffer), image(), channels);
  pen.putImageData(data, 0, 0);
  return canvas;
}

function ownPart(store, context, root, complain) {
  const { say, spec } = context;
  const fit = fitter(spec.image.shape);
  const promise = textNode(say("own.private"));
  let newest = 0; // of several files in a row the last one counts

  function use(source, width, height, when) {
    newest += 1;
    complain("");
    context.touched(null, say("own"));
    store.bring(fit(source, width, height), when);
  }

  function refuse(error) {
    const values = { ...error.values };
    if (values.pixels) values.pixels = context.number(values.pixels, 1);
    complain(error instanceof Refusal ? say(error.key, values) : say("error.not_picture", { name: "?" }));
  }

  async function read(file) {
    const mine = (newest += 1);
    const when = performance.now();
    try {
      const bitmap = await decoded(file);
      if (mine === newest) use(bitmap, bitmap.width, bitmap.height, when);
      bitmap.close();
    } catch (error) {
      if (mine === newest) refuse(error);
    }
  }

  const file = make("input", { type: "file", accept: "image/*", class: "cbam-live-file" });
  file.addEventListener("change", () => {
    if (file.files.length > 0) read(file.files[0]);
    file.value = "";
  });
  const drawing = drawingPart(context, (sheet, when) => use(sheet, sheet.width, sheet.height, when));
  const camera = cameraPart(context, (video, when) => use(video, video.videoWidth, video.videoHeight, when), refuse);
  const buttons = [make("label", { class: "cbam-live-button" }, file, make("span", {}, say("own.choose")))];
  if (cameraWorks()) buttons.push(button(say("camera"), () => { drawing.close(); camera.open(); }));
  buttons.push(button(say("draw"), () => { camera.close(); drawing.open(); }));
  acceptDrops(root, read, refuse);
  return {
    node: make("div", { class: "cbam-live-own" }, make("div", { class: "cbam-live-buttons" }, ...buttons),
      make("div", { class: "cbam-live-note" }, promise.node), camera.node, drawing.node),
    engine: (name) => promise.write(say(name === "kernel" ? "own.kernel" : "own.private")),
    stop: () => camera.close(),
  };
}

// A file dropped anywhere on the figure is read; something else that is dropped is refused.
function acceptDrops(root, read, refuse) {
  const over = (on) => mark(root, "data-over", String(on));
  root.addEventListener("dragover", (event) => {
    event.preventDefault();
    over(true);
  });
  root.addEventListener("dragleave", (event) => {
    if (!root.contains(event.relatedTarget)) over(false);
  });
  root.addEventListener("drop", (event) => {
    event.preventDefault();
    over(false);
    const [file] = event.dataTransfer.files;
    if (file) read(file);
    else refuse(new Refusal("error.not_picture", { name: event.dataTransfer.types[0] ?? "?" }));
  });
}
