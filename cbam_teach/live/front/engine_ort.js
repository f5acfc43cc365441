// The engine in the page: onnxruntime-web runs the exported graph of a variant.
import { bytesOf } from "./dom.js";
import { queue } from "./scheduler.js";

const OPTIONS = { executionProviders: ["wasm"], logSeverityLevel: 3 };
const SETTING = "set "; // stands before a setting's name among a graph's inputs
const QUEUES = new WeakMap(); // runtime -> the queue of all figures that share it

// Null where the page gives no runtime or the figure no graph; rejected where the runtime does not start.
export async function ortEngine(model, spec) {
  const graphs = model.get("models") ?? [];
  if (graphs.length === 0 || typeof model.runtime !== "function") return null;
  const ort = await model.runtime();
  // Sessions share one WebAssembly memory: never two at once, of whatever figure.
  if (!QUEUES.has(ort)) QUEUES.set(ort, queue());
  const alone = QUEUES.get(ort);
  const sessions = new Map();
  const tensors = new Map(); // setting -> tensor, its number is overwritten
  let shown = { image: null, tensor: null };

  function session(variant) {
    if (!sessions.has(variant)) {
      sessions.set(variant, ort.InferenceSession.create(bytesOf(graphs[variant]), OPTIONS));
    }
    return sessions.get(variant);
  }

  function feeds(names, job) {
    if (shown.image !== job.image) {
      shown = { image: job.image, tensor: new ort.Tensor("float32", job.image, spec.image.shape) };
    }
    const fed = names.includes("image") ? { image: shown.tensor } : {};
    for (const name of names) {
      if (name === "image") continue;
      if (!tensors.has(name)) tensors.set(name, new ort.Tensor("float32", new Float32Array(1), []));
      tensors.get(name).data[0] = job.settings[name.slice(SETTING.length)];
      fed[name] = tensors.get(name);
    }
    return fed;
  }

  async function compute(job) {
    const ready = await session(job.variant);
    const start = performance.now();
    const results = await ready.run(feeds(ready.inputNames, job));
    const milliseconds = performance.now() - start;
    const outputs = {};
    for (const { name } of job.outputs) outputs[name] = results[name].data;
    return { outputs, milliseconds };
  }

  return { name: "ort", run: (job) => alone(() => compute(job)), stop() {} };
}
