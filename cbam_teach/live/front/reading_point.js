// A point on maps of one size, moved by pointer or arrow keys; a line below says the values there.
import { make, mark, show, textNode } from "./dom.js";
import { clampTo } from "./numbers.js";

// frame: gets the focus; areas: elements that each show rows × columns; tell(area, row, column): text.
export function readingPoint(frame, areas, size, tell, context) {
  const line = textNode();
  const readout = make("div", { class: "cbam-live-readout", "aria-hidden": "true" }, line.node);
  const markers = areas.map(() => make("span", { class: "cbam-live-marker", "aria-hidden": "true", hidden: true }));
  areas.forEach((area, i) => area.append(markers[i]));
  let place = null;

  function put(next) {
    place = next;
    for (const marker of markers) {
      show(marker, place !== null);
      if (place === null) continue;
      marker.style.left = `${(100 * place.column) / size.width}%`;
      marker.style.top = `${(100 * place.row) / size.height}%`;
      marker.style.width = `${100 / size.width}%`;
      marker.style.height = `${100 / size.height}%`;
    }
    refresh();
  }

  function refresh() {
    line.write(place === null ? "" : tell(place.area, place.row, place.column));
  }

  areas.forEach((area, i) => {
    area.addEventListener("pointermove", (event) => {
      const box = area.getBoundingClientRect();
      const column = Math.floor(((event.clientX - box.left) * size.width) / box.width);
      const row = Math.floor(((event.clientY - box.top) * size.height) / box.height);
      put({ area: i, row: clampTo(row, 0, size.height - 1), column: clampTo(column, 0, size.width - 1) });
    });
    area.addEventListener("pointerleave", () => put(null));
  });

  const steps = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  frame.addEventListener("keydown", (event) => {
    if (event.target !== frame) return;
    if (event.key === "Escape") return put(null);
    const way = steps[event.key];
    const turn = { PageUp: -1, PageDown: 1 }[event.key];
    if ((!way && (!turn || areas.length < 2)) || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    const far = event.shiftKey ? 10 : 1;
    const from = place ?? { area: 0, row: Math.floor(size.height / 2), column: Math.floor(size.width / 2) };
    put({
      area: turn ? clampTo(from.area + turn, 0, areas.length - 1) : from.area,
      row: clampTo(from.row + (way && place ? way[0] * far : 0), 0, size.height - 1),
      column: clampTo(from.column + (way && place ? way[1] * far : 0), 0, size.width - 1),
    });
    context.announce(line.node.data);
  });
  frame.addEventListener("blur", () => put(null));
  mark(frame, "tabindex", "0");
  mark(frame, "aria-describedby", context.hint);
  return { readout, refresh };
}
