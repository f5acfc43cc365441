// The live figure: settings in, an engine's run, maps drawn.
import { announcer } from "./announcer.js";
import { tableOf } from "./colours.js";
import { controlPanel, spoken } from "./controls.js";
import { freshId, make, show, textNode } from "./dom.js";
import { chooseEngine } from "./engine.js";
import { dragHandle } from "./handle.js";
import { numberWriter, percentWriter } from "./numbers.js";
import { picturePanel } from "./picture_panel.js";
import { newestWins, unhurried } from "./scheduler.js";
import { restore, sharePanel } from "./share.js";
import { settingsStore } from "./store.js";
import { variantColumn } from "./views.js";
import { sayer } from "./words.js";

const PATIENCE = 1500; // ms of computing until it is said that something is computed

// Draws into el and gives the function that takes the figure away again.
export function liveFigure(model, el) {
  const spec = model.get("spec");
  const say = sayer(spec);
  const hintId = freshId();
  const spokenTo = announcer();
  let touched = null;
  const context = {
    spec, say, hint: hintId,
    number: numberWriter(spec.language),
    percent: percentWriter(spec.language),
    tables: { palette: tableOf(spec.palette), diverging: tableOf(spec.diverging) },
    announce: (text) => spokenTo.soon(() => text),
    touched: (control, value) => { touched = { control, value }; },
  };

  const message = textNode();
  const alert = make("div", { class: "cbam-live-message", role: "alert" }, message.node);
  const waiting = textNode();
  const note = make("div", { class: "cbam-live-waiting" }, waiting.node);
  const still = make("div", { class: "cbam-live-still", hidden: true });
  if (model.get("still")) still.append(make("img", { src: model.get("still"), alt: spec.title }));
  const stage = make("div", { class: "cbam-live-stage", hidden: true });
  const body = make("div", { class: "cbam-live-body" }, stage);
  const hint = make("div", { class: "cbam-live-unseen", id: hintId }, say("place.hint"));
  const root = make("div", { class: "cbam-live", lang: spec.language, role: "group", "aria-label": spec.title });
  // Else JupyterLab takes arrows and Enter for itself. It looks for the mark on what has the focus.
  root.addEventListener("focusin", ({ target }) => target.setAttribute("data-lm-suppress-shortcuts", "true"));

  const columns = new Map();
  const timings = [];
  const compute = [];
  let engine = null;
  let values = {};
  const gone = new AbortController();

  const store = settingsStore(model, spec, (when) => changed(when));
  const panel = controlPanel(store, context);
  const pictures = picturePanel(store, context, root, (text) => complain(text));
  const side = make("div", { class: "cbam-live-panel" }, pictures.node, panel.node);
  const handles = spec.controls.filter((control) => control.kind === "drag")
    .map((control) => dragHandle(control, store, context)).filter((handle) => handle.works);
  const describe = unhurried(() => shownColumns().forEach((column) => column.describe()), 500);
  const scheduler = newestWins(computeAndDraw);

  function shownColumns() {
    return store.shown().map((index) => columns.get(index)).filter(Boolean);
  }

  // "waiting", "live" or "still": the host shows its own static picture unless it is "live".
  function state(name, words = "") {
    el.setAttribute("data-cbam-live", name);
    show(stage, name === "live");
    show(still, name !== "live" && still.firstChild !== null);
    message.write(words);
  }

  function complain(words) {
    message.write(words);
  }

  function changed(when) {
    panel.show();
    pictures.show();
    for (const handle of handles) handle.show();
    if (engine) scheduler.ask({ when });
  }

  function jobFor(variant, settings, picture, image) {
    const { outputs, controls } = spec.variants[variant];
    const used = Object.fromEntries(controls.map((name) => [name, settings[name]]));
    return { variant, outputs, settings: used, picture, image };
  }

  async function computeAndDraw({ when }) {
    const [shown, picture] = [store.shown(), store.picture()];
    const image = store.image(picture);
    const slow = setTimeout(() => waiting.write(say("busy")), PATIENCE);
    try {
      const results = [];
      for (const variant of shown) results.push(await engine.run(jobFor(variant, store.settings(variant), picture, image)));
      if (gone.signal.aborted) return;
      layOut(shown);
      shown.forEach((variant, i) => columns.get(variant).draw(results[i].outputs, image));
      values = results[0].outputs;
      compute.push(results.reduce((sum, { milliseconds }) => sum + milliseconds, 0));
      if (when !== null) timings.push(performance.now() - when);
      if (el.getAttribute("data-cbam-live") !== "live") state("live");
      describe.call();
      if (touched) spokenTo.soon(summary);
    } catch (error) {
      if (!gone.signal.aborted) state("still", failure(error));
    } finally {
      clearTimeout(slow);
      waiting.write("");
    }
  }

  function failure(error) {
    return error.key ? say(error.key) : say("error.run", { message: String(error?.message ?? error) });
  }

  function layOut(shown) {
    for (const index of shown) if (!columns.has(index)) columns.set(index, variantColumn(index, context));
    const wanted = shown.map((index) => columns.get(index));
    if (wanted.some((column, i) => stage.children[i] !== column.node) || stage.children.length !== wanted.length) {
      stage.replaceChildren(...wanted.map((column) => column.node));
    }
    const area = wanted[0].handled;
    if (area) for (const handle of handles) handle.place(area);
  }

  function summary() {
    const { control, value } = touched;
    const said = control ? `${control.label}: ${typeof value === "number" ? spoken(control, value, context) : value}` : value;
    const shown = shownColumns();
    const sums = shown.map((column) => (shown.length > 1 ? `${column.name}, ${column.summary()}` : column.summary()));
    return [said, ...sums].filter(Boolean).join(". ");
  }

  async function start() {
    state("waiting");
    waiting.write(say("waiting"));
    let found = null;
    try {
      found = await chooseEngine(model, spec, (late) => use(late), gone.signal);
    } catch (error) {
      return idle(say("error.engine", { message: String(error?.message ?? error) }));
    }
    if (!found || gone.signal.aborted) return idle("", say("still"));
    await use(found);
    return engine.name;
  }

  // The still picture: with what went wrong, or with a word on what would make it live.
  function idle(wrong, word = "") {
    waiting.write(word);
    if (!gone.signal.aborted) state("still", wrong);
    return "still";
  }

  async function use(found) {
    if (gone.signal.aborted) return found.stop();
    engine?.stop();
    engine = found;
    pictures.engine(engine.name);
    if (!side.parentElement) {
      if (spec.share) panel.node.append(sharePanel(store, context, model, el, engine.name));
      stage.before(side);
    }
    changed(null);
    await scheduler.settled();
  }

  restore(store, spec, model);
  root.append(hint, alert, note, still, body, spokenTo.node);
  el.append(root);
  el.cbamLive = {
    timings, compute, ready: start(),
    get engine() { return engine?.name ?? "still"; },
    get values() { return values; },
    settled: () => scheduler.settled(),
    // Computes at other settings, and draws nothing; options: { variant, picture, image }.
    async run(settings = {}, options = {}) {
      const variant = options.variant ?? store.variant();
      const picture = options.image ? -1 : (options.picture ?? store.picture());
      const image = options.image ?? store.image(picture);
      const { outputs } = await engine.run(jobFor(variant, { ...store.settings(variant), ...settings }, picture, image));
      return Object.fromEntries(Object.entries(outputs).map(([name, numbers]) => [name, Float32Array.from(numbers)]));
    },
  };

  return () => {
    gone.abort();
    store.stop();
    pictures.stop();
    describe.stop();
    spokenTo.stop();
    engine?.stop();
    root.remove();
    el.removeAttribute("data-cbam-live");
  };
}
