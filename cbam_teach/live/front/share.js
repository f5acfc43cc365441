// The present setting as a Python call, and as a link that brings it back.
import { button, make, show, textNode } from "./dom.js";
import { allowed } from "./numbers.js";
import { startOf } from "./store.js";

// [name, text] of everything that is set otherwise than at the start; text: as a link carries it.
export function differences(store, spec) {
  const found = [];
  if (store.variant() > 0) found.push(["variant", spec.variants[store.variant()].name]);
  if (store.against() >= 0) found.push(["against", spec.variants[store.against()].name]);
  if (store.picture() > 0) found.push(["picture", String(store.picture())]);
  const active = store.active();
  for (const control of spec.controls) {
    if (!control.trait || !active.has(control.name)) continue;
    const value = store.value(control);
    const holders = store.shown().filter((index) => spec.variants[index].controls.includes(control.name));
    if (holders.some((index) => startOf(control, spec.variants[index]) !== value) && store.isSet(control)) {
      found.push([control.name, codeOf(control, value)]);
    }
  }
  return found;
}

// The word that stands for a value in code: options are named, in code alike in every language.
function codeOf(control, value) {
  return control.kind === "choice" ? (control.codes ?? control.options)[value] : String(value);
}

// laboratory("cbam", against="fused", picture=2, spatial_temperature=2.0, spatial_gate="hardsigmoid")
// The call takes the settings of the variant that it names, not those that only the one beside it has.
export function pythonCall(store, spec) {
  const shown = spec.variants[store.variant()];
  const words = [];
  for (const [name, text] of differences(store, spec)) {
    if (name === "variant") continue;
    const control = spec.controls.find((one) => one.name === name);
    if (control && !shown.controls.includes(name)) continue;
    words.push(`${name.replaceAll(".", "_")}=${pythonValue(name, text, control)}`);
  }
  return `${spec.share.call}(${[JSON.stringify(shown.name), ...words].join(", ")})`;
}

function pythonValue(name, text, control) {
  if (name === "picture") return text;
  if (!control || control.kind === "choice") return JSON.stringify(text);
  if (control.kind === "flag") return text === "1" ? "True" : "False";
  return /[.e]/.test(text) ? text : `${text}.0`;
}

export function linkQuery(key, store, spec) {
  const pairs = differences(store, spec).map(([name, text]) => `${encodeURIComponent(name)}:${encodeURIComponent(text)}`);
  return `${encodeURIComponent(key)}=${pairs.join(",")}`;
}

// Trait values out of a link's text; unknown names are passed over, numbers brought within their bounds.
export function fromLink(text, spec) {
  const values = {};
  for (const pair of text.split(",")) {
    const cut = pair.indexOf(":");
    const [name, word] = [pair.slice(0, cut), pair.slice(cut + 1)];
    if (name === "variant" || name === "against") {
      const index = spec.variants.findIndex((variant) => variant.name === word);
      if (index >= 0) values[name] = index;
    } else if (name === "picture") {
      if (/^\d+$/.test(word)) values.picture = Math.min(Number(word), spec.image.names.length - 1);
    } else {
      const control = spec.controls.find((one) => one.trait && one.name === name);
      if (!control) continue;
      const given = control.kind === "choice" ? (control.codes ?? control.options).indexOf(word) : word;
      const value = allowed(given, control);
      if (value !== null) values[control.trait] = value;
    }
  }
  return values;
}

function keyOf(model) {
  return model.get("id") || "live";
}

export function restore(store, spec, model) {
  if (!spec.share) return;
  const text = new URLSearchParams(location.search).get(keyOf(model));
  if (text) store.put(fromLink(text, spec));
}

// The two buttons, and the field that stands in where nothing can be copied.
export function sharePanel(store, context, model, el, engine) {
  const { spec, say } = context;
  const field = make("input", { type: "text", readonly: true, class: "cbam-live-field", hidden: true, "aria-label": say("share.field") });

  const done = textNode();

  async function copy(text) {
    done.write("");
    try {
      await navigator.clipboard.writeText(text);
      show(field, false);
      done.write(`✓ ${say("share.copied")}`);
      context.announce(say("share.copied"));
    } catch {
      field.value = text;
      show(field, true);
      field.focus();
      field.select();
    }
  }

  function link() {
    const address = new URL(location.href);
    address.searchParams.delete(keyOf(model));
    const others = address.searchParams.toString();
    address.search = [others, linkQuery(keyOf(model), store, spec)].filter(Boolean).join("&");
    const anchor = el.closest("[id]")?.id;
    if (anchor) address.hash = anchor;
    return address.href;
  }

  const buttons = [button(say("share.call"), () => copy(pythonCall(store, spec)))];
  if (engine !== "kernel") buttons.push(button(say("share.link"), () => copy(link())));
  return make("div", { class: "cbam-live-share" }, make("div", { class: "cbam-live-buttons" }, ...buttons),
    make("div", { class: "cbam-live-note", "aria-hidden": "true" }, done.node), field);
}
