// The controls: sliders, choices, switches, which variant is shown and which beside it, and back to the start.
import { chooser } from "./chooser.js";
import { button, freshId, make, mark, show, textNode } from "./dom.js";
import { PLACES, placeOf, valueAt } from "./numbers.js";

// What a control's value is called in the reader's language.
export function spoken(control, value, context) {
  if (control.kind === "choice") return control.options[value];
  if (control.kind === "flag") return context.say(value ? "on" : "off");
  return context.number(value, control.digits);
}

// Gives { node, show() }: show brings the controls in line with the settings.
export function controlPanel(store, context) {
  const { spec, say } = context;
  const set = (control) => (value, when) => {
    context.touched(control, value);
    store.put({ [control.trait]: value }, when);
  };
  const kinds = { range: slider, choice, flag };
  const parts = spec.controls.filter((control) => kinds[control.kind] && control.trait).map((control) => {
    return { control, ...kinds[control.kind](control, context, set(control)) };
  });
  const choosers = spec.variants.length > 1 ? variantChoosers(store, context) : [];
  const reset = button(say("reset"), (event) => {
    store.put(Object.fromEntries(parts.map(({ control }) => [control.trait, null])), event.timeStamp);
    context.announce(say("reset.done"));
  });
  const foot = make("div", { class: "cbam-live-buttons" }, reset);
  show(foot, parts.length > 0);
  return {
    node: make("div", { class: "cbam-live-controls", role: "group", "aria-label": say("controls") },
      ...choosers.map((one) => one.node), ...parts.map((part) => part.node), foot),
    show() {
      const active = store.active();
      for (const one of choosers) one.show();
      for (const part of parts) {
        show(part.node, active.has(part.control.name));
        part.write(store.value(part.control));
      }
    },
  };
}

function slider(control, context, set) {
  const id = freshId();
  const ends = control.log ? { min: 0, max: PLACES, step: 1 } : { min: control.least, max: control.most, step: control.step };
  const input = make("input", { type: "range", id, class: "cbam-live-slider", ...ends });
  const value = textNode();
  input.addEventListener("input", (event) => set(valueAt(Number(input.value), control), event.timeStamp));
  return {
    node: make("div", { class: "cbam-live-control" }, make("label", { for: id }, control.label),
      make("span", { class: "cbam-live-value", "aria-hidden": "true" }, value.node), input),
    write(number) {
      // A place that already stands for the number stays: rounding must not pull the slider back.
      if (valueAt(Number(input.value), control) !== number) input.value = String(placeOf(number, control));
      const text = spoken(control, number, context);
      value.write(text);
      mark(input, "aria-valuetext", text);
    },
  };
}

function choice(control, context, set) {
  return chooser(control.label, control.options.map((label, value) => ({ label, value })), set);
}

function flag(control, context, set) {
  const input = make("input", { type: "checkbox" });
  input.addEventListener("change", (event) => set(input.checked ? 1 : 0, event.timeStamp));
  const label = make("label", { class: "cbam-live-option" }, input, make("span", {}, control.label));
  return {
    node: make("div", { class: "cbam-live-control" }, label),
    write(value) {
      if (input.checked !== (value === 1)) input.checked = value === 1;
    },
  };
}

function variantChoosers(store, context) {
  const { spec, say } = context;
  const options = spec.variants.map(({ label }, value) => ({ label, value }));
  const variant = chooser(say("variant"), options, (value, when) => {
    context.touched(null, spec.variants[value].label);
    // The one beside it would be the same: the two change places.
    store.put(value === store.against() ? { variant: value, against: store.variant() } : { variant: value }, when);
  });
  const choosers = [{ node: variant.node, show: () => variant.write(store.variant()) }];
  if (spec.compare === false) return choosers;
  const beside = chooser(say("against"), [{ label: say("against.none"), value: -1 }, ...options], (value, when) => {
    context.touched(null, value < 0 ? say("against.none") : spec.variants[value].label);
    store.put({ against: value }, when);
  });
  const showBeside = () => {
    beside.write(store.against());
    beside.bar(store.variant());
  };
  return [...choosers, { node: beside.node, show: showBeside }];
}
