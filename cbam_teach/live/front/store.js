// What the reader has set: the model's traits, read within their bounds, written in one place.
import { allowed, clampTo } from "./numbers.js";
import { bytesOf } from "./dom.js";

// changed(when) is called after every change, by the reader or from outside; when: its time in ms.
export function settingsStore(model, spec, changed) {
  const ranged = spec.controls.filter((control) => control.trait);
  const traits = ["variant", "against", "picture", ...ranged.map((control) => control.trait)];
  const seen = new Map(traits.map((trait) => [trait, model.get(trait)]));
  const images = new Map();
  let own = null;

  const heard = traits.map((trait) => {
    const listen = () => {
      if (seen.get(trait) === model.get(trait)) return;
      seen.set(trait, model.get(trait));
      changed(performance.now());
    };
    model.on(`change:${trait}`, listen);
    return () => model.off(`change:${trait}`, listen);
  });

  const store = {
    // Writes several traits at once; tells only when one of them is new.
    put(values, when = performance.now(), anyway = false) {
      const fresh = Object.entries(values).filter(([trait, value]) => seen.get(trait) !== value);
      for (const [trait, value] of fresh) seen.set(trait, value);
      for (const [trait, value] of fresh) model.set(trait, value);
      if (fresh.length > 0) model.save_changes();
      if (fresh.length > 0 || anyway) changed(when);
    },
    // Whether a control was set at all: one that was not (null) stands where each variant has it.
    isSet: (control) => allowed(seen.get(control.trait), control) !== null,
    value(control, variant = store.holder(control)) {
      return allowed(seen.get(control.trait), control) ?? startOf(control, spec.variants[variant]);
    },
    settings: (variant) => Object.fromEntries(ranged.map((control) => [control.name, store.value(control, variant)])),
    // The shown variant in which a control does something.
    holder: (control) => store.shown().find((index) => spec.variants[index].controls.includes(control.name)) ?? store.variant(),
    variant: () => clampTo(seen.get("variant") ?? 0, 0, spec.variants.length - 1),
    // The variant beside the shown one, -1 where there is none.
    against() {
      const index = seen.get("against") ?? -1;
      return index >= 0 && index < spec.variants.length && index !== store.variant() ? index : -1;
    },
    shown: () => [store.variant(), store.against()].filter((index) => index >= 0),
    // The names of the settings that do something in what is shown.
    active: () => new Set(store.shown().flatMap((index) => spec.variants[index].controls)),
    picture() {
      const index = seen.get("picture") ?? 0;
      if (index < 0 && own) return -1;
      return clampTo(index, 0, spec.image.names.length - 1);
    },
    // The reader's own picture takes the place of the offered ones.
    bring(image, when) {
      own = image;
      store.put({ picture: -1 }, when, true);
    },
    hasOwn: () => own !== null,
    image(index = store.picture()) {
      if (index < 0) return own;
      if (!images.has(index)) images.set(index, offered(bytesOf(model.get("pictures")), spec.image, index));
      return images.get(index);
    },
    stop: () => heard.forEach((stop) => stop()),
  };
  return store;
}

export function startOf(control, variant) {
  return variant.starts?.[control.name] ?? control.start;
}

// One of the offered pictures as float32 numbers in the order channel, row, column.
export function offered(bytes, image, index) {
  const [, channels, height, width] = image.shape;
  const places = height * width;
  const numbers = new Float32Array(channels * places);
  if (image.type === "float32") {
    const start = index * numbers.byteLength;
    new Uint8Array(numbers.buffer).set(bytes.subarray(start, start + numbers.byteLength));
    return numbers;
  }
  const start = index * channels * places;
  for (let i = 0; i < places; i += 1) {
    for (let c = 0; c < channels; c += 1) numbers[c * places + i] = bytes[start + i * channels + c] / 255;
  }
  return numbers;
}
