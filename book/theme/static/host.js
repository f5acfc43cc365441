// Makes the live figures of a page live, each when it comes near the screen. Nothing of them is fetched before, and
// wherever something is missing the picture stays. The script's own tag says where the engine is, and all words.
"use strict";
(() => {
  const { base, ...words } = document.currentScript.dataset;
  const home = new URL(base, document.baseURI).href;
  const fromDisk = location.protocol === "file:";
  const arrived = new Map();
  const once = (make) => { let made; return () => (made ??= make()); };
  const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

  // Everything comes as a script or a style sheet: those a page may also take from a disk. ----------------------
  const bring = (tag, properties, reason) => new Promise((resolve, reject) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.addEventListener("load", resolve);
    element.addEventListener("error", () => reject(new Error(reason)));
    document.head.append(element);
  });
  const frontEnd = once(() => Promise.all([
    bring("link", { rel: "stylesheet", href: `${home}live.css` }, words.files),
    bring("script", { src: `${home}live.js` }, words.files),
  ]));
  globalThis.cbamLive = {
    payload: (label, data) => arrived.set(label, data),
    offline: ({ wasm, glue }) => {
      const mjs = URL.createObjectURL(new Blob([glue], { type: "text/javascript" }));
      Object.assign(globalThis.ort.env.wasm, { wasmBinary: bytes(wasm).buffer, wasmPaths: { mjs } });
    },
  };

  // One engine a page, shared by its figures -----------------------------------------------------------------------
  const runtime = once(async () => {
    if (typeof WebAssembly !== "object") throw new Error(words.wasmMissing);
    await bring("script", { src: `${home}ort.wasm.min.js` }, words.engineMissing);
    Object.assign(globalThis.ort.env.wasm, { numThreads: 1, wasmPaths: home });
    if (fromDisk) await bring("script", { src: `${home}offline.js` }, words.engineMissing);
    return globalThis.ort;
  });

  // What a front end asks of a widget's model, without a kernel ------------------------------------------------------
  const modelOf = (label, { state, buffers }) => {
    const values = { ...structuredClone(state), id: label };
    for (const [path, text] of Object.entries(buffers)) {
      const steps = path.split(".");
      const last = steps.pop();
      const inside = steps.reduce((outer, step) => outer[step], values);
      inside[last] = new DataView(bytes(text).buffer);
    }
    const heard = new Map();
    const tell = (event, ...said) => [...(heard.get(event) ?? [])].forEach((listen) => listen(...said));
    const model = {
      comm_live: false,
      runtime,
      get: (name) => values[name],
      set: (name, value) => {
        if (values[name] === value) return;
        values[name] = value;
        tell(`change:${name}`, model, value);
        tell("change", model);
      },
      save_changes: () => {},
      on: (event, listen) => heard.set(event, (heard.get(event) ?? new Set()).add(listen)),
      off: (event, listen) => { if (listen) heard.get(event)?.delete(listen); else heard.delete(event); },
    };
    return model;
  };

  // The front end says "live" on its place once it has drawn; the style sheet then hides the picture. --------------
  const enliven = async (figure) => {
    const place = Object.assign(document.createElement("div"), { className: "house-live" });
    figure.prepend(place);
    performance.mark(`near ${figure.id}`);
    runtime().catch(() => {}); // the front end waits for it, too, and says what is wrong
    try {
      await Promise.all([frontEnd(), bring("script", { src: figure.dataset.live }, words.files)]);
      globalThis.cbamLiveFrontEnd.render({ model: modelOf(figure.id, arrived.get(figure.id)), el: place });
      await place.cbamLive.ready;
      performance.mark(`live ${figure.id}`);
    } catch (error) {
      place.removeAttribute("data-cbam-live");
      const note = Object.assign(document.createElement("p"), { className: "house-live-note" });
      note.setAttribute("role", "status");
      note.textContent = words.sentence.replace("{reason}", () => error.message);
      place.replaceChildren(note);
    }
  };
  const near = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      near.unobserve(target);
      enliven(target);
    }
  }, { rootMargin: "100% 0px" });
  document.querySelectorAll("figure[data-live]").forEach((figure) => near.observe(figure));
})();
