// Which engine computes: the kernel where one answers, else the page's own runtime, else none.
import { askKernel } from "./engine_kernel.js";
import { ortEngine } from "./engine_ort.js";

// onLate(engine): a kernel that was busy at first and answers now.
export async function chooseEngine(model, spec, onLate, stopped) {
  const kernel = await askKernel(model, onLate, stopped);
  return kernel ?? (await ortEngine(model, spec));
}
