// The front end of a live figure, as anywidget asks for it.
import { liveFigure } from "./figure.js";

export function render({ model, el }) {
  return liveFigure(model, el);
}

export default { render };
