// One of several: radio buttons where they are few, a list where they are many.
import { freshId, make } from "./dom.js";

const FEW = 4;

// options: [{ value, label, face }], face: an element shown before the label; pick(value, when).
export function chooser(label, options, pick) {
  const few = options.length <= FEW || options.some((option) => option.face);
  return few ? radios(label, options, pick) : list(label, options, pick);
}

function radios(label, options, pick) {
  const name = freshId();
  const inputs = options.map((option) => {
    const input = make("input", { type: "radio", name, value: option.value });
    input.addEventListener("change", (event) => pick(option.value, event.timeStamp));
    return input;
  });
  const labels = options.map((option, i) => {
    return make("label", { class: "cbam-live-option" }, inputs[i], ...(option.face ? [option.face] : []), make("span", {}, option.label));
  });
  const node = make("fieldset", { class: "cbam-live-control cbam-live-choice" },
    make("legend", {}, label), make("div", { class: "cbam-live-options" }, ...labels));
  return {
    node,
    write(value) {
      inputs.forEach((input, i) => { if (input.checked !== (options[i].value === value)) input.checked = !input.checked; });
    },
    bar(value) {
      inputs.forEach((input, i) => { input.disabled = options[i].value === value; });
    },
  };
}

function list(label, options, pick) {
  const id = freshId();
  const items = options.map((option) => make("option", { value: option.value }, option.label));
  const select = make("select", { id, class: "cbam-live-select" }, ...items);
  select.addEventListener("change", (event) => pick(options[select.selectedIndex].value, event.timeStamp));
  const node = make("div", { class: "cbam-live-control" }, make("label", { for: id }, label), select);
  return {
    node,
    write(value) {
      const index = options.findIndex((option) => option.value === value);
      if (select.selectedIndex !== index) select.selectedIndex = index;
    },
    bar(value) {
      items.forEach((item, i) => { item.disabled = options[i].value === value; });
    },
  };
}
