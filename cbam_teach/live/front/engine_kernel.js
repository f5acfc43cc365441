// The engine in the kernel: PyTorch computes, custom messages carry settings and maps.

const ANSWER = 3000; // ms for an answer to hello; an answer that comes later is welcome still
const LONGEST = 60000; // ms for a run

// Gives an engine, or null where none answers; onLate(engine): one answers after all. stopped: an AbortSignal.
export function askKernel(model, onLate, stopped) {
  if (model.comm_live === false || typeof model.send !== "function") return Promise.resolve(null);
  return new Promise((resolve) => {
    const listen = (content) => {
      if (content?.kind !== "here") return;
      model.off("msg:custom", listen);
      clearTimeout(timer);
      if (late) onLate(kernelEngine(model));
      else resolve(kernelEngine(model));
    };
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      resolve(null);
    }, ANSWER);
    const giveUp = () => {
      clearTimeout(timer);
      model.off("msg:custom", listen);
      resolve(null);
    };
    stopped.addEventListener("abort", giveUp);
    model.on("msg:custom", listen);
    try {
      model.send({ kind: "hello" });
    } catch {
      giveUp();
    }
  });
}

function kernelEngine(model) {
  const asked = new Map();
  const mine = Math.random().toString(36).slice(2); // a figure shown twice hears the answers to both
  let last = 0;

  function answered(content, buffers) {
    const run = asked.get(content?.id);
    if (!run || !["ran", "failed"].includes(content.kind)) return;
    asked.delete(content.id);
    clearTimeout(run.timer);
    if (content.kind === "failed") run.reject(new Error(content.message));
    else run.resolve({ outputs: named(run.outputs, buffers), milliseconds: content.milliseconds });
  }
  model.on("msg:custom", answered);

  return {
    name: "kernel",
    run(job) {
      const id = `${mine} ${(last += 1)}`;
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          asked.delete(id);
          reject(Object.assign(new Error("no answer"), { key: "error.silent" }));
        }, LONGEST);
        asked.set(id, { resolve, reject, timer, outputs: job.outputs });
        const { variant, settings, picture } = job;
        const own = job.image;
        const buffers = picture < 0 ? [own.buffer.slice(own.byteOffset, own.byteOffset + own.byteLength)] : [];
        model.send({ kind: "run", id, variant, settings, picture }, undefined, buffers);
      });
    },
    stop() {
      model.off("msg:custom", answered);
      for (const run of asked.values()) clearTimeout(run.timer);
    },
  };
}

function named(outputs, buffers) {
  return Object.fromEntries(outputs.map(({ name }, i) => [name, floats(buffers[i])]));
}

// float32 numbers of a buffer, which may begin anywhere.
export function floats(buffer) {
  const view = ArrayBuffer.isView(buffer) ? buffer : new Uint8Array(buffer);
  const bytes = view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength);
  return new Float32Array(bytes);
}
