// Small helpers around the document: making elements, and touching them only when they change.

// An element with attributes and children; a child is an element or a text.
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, String(value));
  }
  element.append(...children);
  return element;
}

// A text node that is written only when its text changes.
export function textNode(text = "") {
  const node = document.createTextNode(text);
  return { node, write: (next) => { if (node.data !== next) node.data = next; } };
}

// Sets an attribute only when it changes.
export function mark(element, name, value) {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

export function show(element, visible) {
  if (element.hidden === visible) element.hidden = !visible;
}

// An id that no other element of the page has.
export function freshId() {
  for (;;) {
    const id = `cbam-live-${Math.random().toString(36).slice(2, 10)}`;
    if (!document.getElementById(id)) return id;
  }
}

export function button(label, onPress, attributes = {}) {
  const element = make("button", { type: "button", class: "cbam-live-button", ...attributes }, label);
  element.addEventListener("click", onPress);
  return element;
}

// The bytes that a model holds, whatever they are wrapped in.
export function bytesOf(value) {
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  return new Uint8Array(value ?? 0);
}
