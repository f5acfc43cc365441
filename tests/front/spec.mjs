// A figure's description, small, for the tests beside this file.
export const temperature = { name: "temperature", trait: "T", label: "T", kind: "range", least: 0.1, most: 10, step: 0.01, log: true, digits: 2, start: 1 };
export const mix = { name: "mix", trait: "mix", label: "mix", kind: "range", least: 0, most: 1, step: 0.01, log: false, digits: 2, start: 1 };
export const row = { name: "row", trait: "row", label: "row", kind: "range", least: 3, most: 12, step: 1, log: false, digits: 0, start: 3 };
export const gate = { name: "gate", trait: "gate", label: "kapı", kind: "choice", options: ["S", "H"], codes: ["sigmoid", "hardsigmoid"], start: 0 };
export const byHand = { name: "router.by_hand", trait: "router_by_hand", label: "elle", kind: "flag", start: 0 };

export const spec = {
  image: { shape: [1, 3, 2, 3], type: "uint8", names: ["a", "b", "c"] },
  share: { call: "laboratory" },
  controls: [temperature, gate, mix, byHand, { name: "spot", trait: null, kind: "drag", x: "mix", y: "row" }],
  variants: [
    { name: "cbam", label: "CBAM", outputs: [], controls: ["temperature", "gate"] },
    { name: "fused", label: "Fused", outputs: [], controls: ["temperature", "router.by_hand"], starts: { temperature: 0.7, "router.by_hand": 1 } },
  ],
};

// A model as a front end is given it: traits, and listeners of their changes.
export function fakeModel(values) {
  const listeners = new Map();
  return {
    values, saved: 0,
    get: (name) => values[name],
    set(name, value) {
      if (values[name] === value) return;
      values[name] = value;
      for (const listen of listeners.get(`change:${name}`) ?? []) listen();
    },
    save_changes() { this.saved += 1; },
    on: (event, listen) => listeners.set(event, [...(listeners.get(event) ?? []), listen]),
    off: (event, listen) => listeners.set(event, (listeners.get(event) ?? []).filter((one) => one !== listen)),
    tell: (event, ...rest) => (listeners.get(event) ?? []).forEach((listen) => listen(...rest)),
    heard: () => [...listeners.values()].flat().length,
  };
}
