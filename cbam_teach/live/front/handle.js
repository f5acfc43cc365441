// A handle on a picture that sets two sliders: drawn with pointer, touch or arrow keys.
import { make, mark } from "./dom.js";
import { snapped } from "./numbers.js";

// Gives { place(area), show() }: place puts the handle on a map, show moves it to its values.
export function dragHandle(control, store, context) {
  const { spec, say } = context;
  const find = (name) => spec.controls.find((one) => one.name === name);
  const [x, y] = [find(control.x), find(control.y)];
  const node = make("button", { type: "button", class: "cbam-live-handle" });
  let held = false;

  const share = (one) => (store.value(one) - one.least) / (one.most - one.least);
  const at = (one, part) => snapped(one.least + Math.min(Math.max(part, 0), 1) * (one.most - one.least), one);

  function put(right, down, when) {
    context.touched(control, `${context.number(right, x.digits)}; ${context.number(down, y.digits)}`);
    store.put({ [x.trait]: right, [y.trait]: down }, when);
  }

  node.addEventListener("pointerdown", (event) => {
    held = true;
    node.setPointerCapture(event.pointerId);
    node.focus();
    event.preventDefault();
  });
  node.addEventListener("pointermove", (event) => {
    if (!held) return;
    const box = node.parentElement.getBoundingClientRect();
    put(at(x, (event.clientX - box.left) / box.width), at(y, (event.clientY - box.top) / box.height), event.timeStamp);
  });
  for (const end of ["pointerup", "pointercancel"]) node.addEventListener(end, () => { held = false; });
  node.addEventListener("keydown", (event) => {
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!way || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    const far = event.shiftKey ? 10 : 1;
    const moved = (one, sign) => snapped(store.value(one) + sign * far * (one.step || (one.most - one.least) / 100), one);
    put(moved(x, way[0]), moved(y, way[1]), event.timeStamp);
  });

  return {
    works: Boolean(x && y),
    place: (area) => { if (node.parentElement !== area) area.append(node); },
    show() {
      node.style.left = `${100 * share(x)}%`;
      node.style.top = `${100 * share(y)}%`;
      const [column, row] = [context.number(store.value(x), x.digits), context.number(store.value(y), y.digits)];
      mark(node, "aria-label", say("handle", { label: control.label, x: x.label, column, y: y.label, row }));
    },
  };
}
