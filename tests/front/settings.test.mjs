// Settings: kept in the model, copied as a call and as a link, computed newest first.
import assert from "node:assert/strict";
import test from "node:test";
import { askKernel, floats } from "../../cbam_teach/live/front/engine_kernel.js";
import { ortEngine } from "../../cbam_teach/live/front/engine_ort.js";
import { newestWins, queue, unhurried } from "../../cbam_teach/live/front/scheduler.js";
import { fromLink, linkQuery, pythonCall } from "../../cbam_teach/live/front/share.js";
import { settingsStore } from "../../cbam_teach/live/front/store.js";
import { tableShape } from "../../cbam_teach/live/front/views_numbers.js";
import { fakeModel, spec } from "./spec.mjs";

const START = { variant: 0, against: -1, picture: 0, T: 1, gate: 0, mix: 1, router_by_hand: 0 };

function opened(values = {}) {
  const model = fakeModel({ ...START, ...values, pictures: new Uint8Array(54) });
  const times = [];
  return { model, times, store: settingsStore(model, spec, (when) => times.push(when)) };
}

test("a change is told once, from the reader and from outside", () => {
  const { model, times, store } = opened();
  store.put({ T: 2 }, 17);
  assert.deepEqual([times, model.values.T, model.saved], [[17], 2, 1]);
  store.put({ T: 2 }, 18);
  assert.deepEqual([times.length, model.saved], [1, 1]);
  model.set("mix", 0.25);
  assert.deepEqual([times.length, store.settings(0).mix], [2, 0.25]);
  store.stop();
  model.set("mix", 0.5);
  assert.deepEqual([times.length, model.heard()], [2, 0]);
});

test("values out of bounds are never computed with", () => {
  const { store } = opened({ T: 1e6, gate: 9, variant: 7, against: 12, picture: -1, mix: NaN });
  assert.deepEqual(store.settings(0), { temperature: 10, gate: 0, mix: 1, "router.by_hand": 0 });
  assert.deepEqual([store.variant(), store.against(), store.picture()], [1, -1, 0]);
});

test("what was not set stands where each variant has it", () => {
  const { store } = opened({ T: null, gate: null, mix: null, router_by_hand: null, against: 1 });
  assert.deepEqual([store.settings(0).temperature, store.settings(1).temperature], [1, 0.7]);
  assert.equal(store.value(spec.controls[3]), 1);
  assert.equal(pythonCall(store, spec), 'laboratory("cbam", against="fused")');
  store.put({ T: 1 });
  assert.deepEqual([store.settings(0).temperature, store.settings(1).temperature], [1, 1]);
  assert.equal(pythonCall(store, spec), 'laboratory("cbam", against="fused", temperature=1.0)');
});

test("the reader's own picture stands in for the offered ones", () => {
  const { store, times, model } = opened();
  const own = new Float32Array(18);
  store.bring(own, 5);
  store.bring(own, 6);
  assert.deepEqual([times, model.values.picture, store.image() === own], [[5, 6], -1, true]);
});

test("the call holds what differs from the start", () => {
  assert.equal(pythonCall(opened().store, spec), 'laboratory("cbam")');
  const { store } = opened({ T: 2, gate: 1, picture: 2, against: 1, router_by_hand: 1, mix: 0.5 });
  assert.equal(pythonCall(store, spec), 'laboratory("cbam", against="fused", picture=2, temperature=2.0, gate="hardsigmoid")');
  const fused = opened({ variant: 1, gate: 1, router_by_hand: 0, T: 0.25 });
  assert.equal(pythonCall(fused.store, spec), 'laboratory("fused", temperature=0.25, router_by_hand=False)');
});

test("a link brings the setting back", () => {
  const values = { T: 2.5, gate: 1, picture: 2, against: 1, router_by_hand: 0 };
  const query = linkQuery("lab", opened(values).store, spec);
  assert.deepEqual(fromLink(new URLSearchParams(query).get("lab"), spec), values);
});

test("a link can do nothing else", () => {
  const text = "temperature:1e9,gate:evil,mix:x,against:__proto__,constructor:1,picture:99,spot:1,:,T:3,models:0";
  assert.deepEqual(fromLink(text, spec), { T: 10, picture: 2 });
  assert.deepEqual(fromLink("", spec), {});
});

test("the newest setting wins, and none runs beside another", async () => {
  const done = [];
  let running = 0;
  const scheduler = newestWins(async (job) => {
    running += 1;
    assert.equal(running, 1);
    await new Promise((resolve) => setTimeout(resolve, 3));
    done.push(job);
    running -= 1;
  });
  for (const job of [1, 2, 3, 4]) scheduler.ask(job);
  await scheduler.settled();
  assert.deepEqual(done, [1, 4]);
});

test("a queue goes on after a failure", async () => {
  const alone = queue();
  const failed = alone(() => Promise.reject(new Error("no")));
  const next = alone(() => 7);
  await assert.rejects(failed, /no/);
  assert.equal(await next, 7);
});

test("what is unhurried runs at once and once more", async () => {
  let count = 0;
  const task = unhurried(() => { count += 1; }, 10);
  for (let i = 0; i < 5; i += 1) task.call();
  assert.equal(count, 1);
  await new Promise((resolve) => setTimeout(resolve, 40));
  assert.equal(count, 2);
  task.stop();
});

test("the kernel answers hello, runs, and fails with its own words", async () => {
  const model = fakeModel({});
  const reply = (content, buffers = []) => queueMicrotask(() => model.tell("msg:custom", content, buffers));
  model.send = (content, callbacks, buffers) => {
    if (content.kind === "hello") return reply({ kind: "here" });
    if (content.settings.mix > 1) return reply({ kind: "failed", id: content.id, message: "too much" });
    const shifted = new Uint8Array(9);
    shifted.set(new Uint8Array(Float32Array.of(buffers.length, 0.5).buffer), 1);
    reply({ kind: "ran", id: content.id, variant: 0, milliseconds: 2 }, [new DataView(shifted.buffer, 1)]);
  };
  const engine = await askKernel(model, () => {}, new AbortController().signal);
  const job = { variant: 0, outputs: [{ name: "mask" }], settings: { mix: 1 }, picture: -1, image: new Float32Array(2) };
  const { outputs, milliseconds } = await engine.run(job);
  assert.deepEqual([[...outputs.mask], milliseconds], [[1, 0.5], 2]);
  await assert.rejects(engine.run({ ...job, settings: { mix: 2 } }), /too much/);
  engine.stop();
  assert.equal(model.heard(), 0);
});

test("a figure shown twice takes each its own answer", async () => {
  const model = fakeModel({});
  const later = [];
  model.send = (content) => {
    if (content.kind === "hello") return queueMicrotask(() => model.tell("msg:custom", { kind: "here" }));
    const told = { kind: "ran", id: content.id, variant: 0, milliseconds: 1 };
    later.push(() => model.tell("msg:custom", told, [Float32Array.of(content.settings.mix)]));
  };
  const { signal } = new AbortController();
  const engines = [await askKernel(model, () => {}, signal), await askKernel(model, () => {}, signal)];
  const job = (mix) => ({ variant: 0, outputs: [{ name: "mask" }], settings: { mix }, picture: 0, image: null });
  const runs = engines.map((engine, i) => engine.run(job(i)));
  later.forEach((answer) => answer());
  const found = await Promise.all(runs);
  assert.deepEqual(found.map(({ outputs }) => outputs.mask[0]), [0, 1]);
});

test("no kernel is asked where there is none", async () => {
  const { signal } = new AbortController();
  assert.equal(await askKernel(fakeModel({}), () => {}, signal), null);
  assert.equal(await askKernel({ ...fakeModel({}), send() {}, comm_live: false }, () => {}, signal), null);
  const broken = { ...fakeModel({}), send() { throw new Error("no comm"); } };
  assert.equal(await askKernel(broken, () => {}, signal), null);
  assert.equal(broken.heard(), 0);
});

test("the page's runtime is given each setting, reuses its tensors and never runs twice at once", async () => {
  const made = [];
  let running = 0;
  class Tensor {
    constructor(type, data, dims) { Object.assign(this, { type, data, dims }); made.push(this); }
  }
  const create = async (bytes, options) => ({
    inputNames: ["image", "set mix"],
    async run(feeds) {
      running += 1;
      assert.deepEqual([running, options.executionProviders, bytes.length], [1, ["wasm"], 3]);
      const seen = feeds["set mix"].data[0];
      await new Promise((resolve) => setTimeout(resolve, 2));
      running -= 1;
      return { mask: { data: Float32Array.of(seen) } };
    },
  });
  const ort = { Tensor, InferenceSession: { create } };
  const model = { ...fakeModel({ models: [new Uint8Array(3)] }), runtime: async () => ort };
  const [engine, beside] = [await ortEngine(model, spec), await ortEngine(model, spec)]; // two figures, one runtime
  const image = new Float32Array(18);
  const job = (mix) => ({ variant: 0, outputs: [{ name: "mask" }], settings: { mix }, image });
  const runs = [engine.run(job(0.25)), beside.run(job(0.75)), engine.run(job(0.5))];
  const results = await Promise.all(runs);
  assert.deepEqual(results.map(({ outputs }) => outputs.mask[0]), [0.25, 0.75, 0.5]);
  assert.deepEqual(made.map(({ dims }) => dims.length).sort(), [0, 0, 4, 4]);
  assert.equal(await ortEngine(fakeModel({ models: [] }), spec), null);
  assert.equal(await ortEngine(fakeModel({ models: [new Uint8Array(3)] }), spec), null);
});

test("numbers from a buffer that begins anywhere", () => {
  const bytes = new Uint8Array(5 + 8);
  bytes.set(new Uint8Array(Float32Array.of(1.5, -2).buffer), 5);
  assert.deepEqual([...floats(bytes.subarray(5))], [1.5, -2]);
});

test("values stand in rows and columns", () => {
  assert.deepEqual(tableShape([1, 1, 4, 3]), { rows: 4, columns: 3, heads: null });
  assert.deepEqual(tableShape([1, 3, 1, 1], ["a", "b", "c"]), { rows: 1, columns: 3, heads: ["a", "b", "c"] });
  assert.deepEqual(tableShape([4]), { rows: 1, columns: 4, heads: null });
});
