// Says in words what has changed, once it has settled, for those who hear the page.
import { make, textNode } from "./dom.js";

const SETTLED = 600; // ms without a change

export function announcer() {
  const text = textNode();
  const node = make("div", { class: "cbam-live-unseen", role: "status", "aria-live": "polite" }, text.node);
  let timer = null;
  return {
    node,
    // make(): the words, asked for when nothing has been said or changed for a while.
    soon(words) {
      clearTimeout(timer);
      timer = setTimeout(() => text.write(words()), SETTLED);
    },
    stop: () => clearTimeout(timer),
  };
}
