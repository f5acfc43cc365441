// What a page does beyond being read: light and dark, the two side bars, copying code, keeping the reader's
// place when the language is switched. Everything else works without a script.
"use strict";
(() => {
  const root = document.documentElement;
  const words = document.body ? document.body.dataset : {};
  const all = (selector, inside = document) => [...inside.querySelectorAll(selector)];
  const remember = (key, value) => { try { localStorage.setItem(key, value); } catch { /* no memory here */ } };

  // Light and dark -------------------------------------------------------------------------------
  const device = matchMedia("(prefers-color-scheme: dark)");
  const paint = () => {
    const { mode } = root.dataset;
    root.dataset.theme = mode === "auto" ? (device.matches ? "dark" : "light") : mode;
    all(".house-mode").forEach((button) => { button.title = button.dataset[mode]; });
  };
  device.addEventListener("change", paint);
  all(".house-mode").forEach((button) => button.addEventListener("click", () => {
    const order = device.matches ? ["auto", "light", "dark"] : ["auto", "dark", "light"];
    root.dataset.mode = order[(order.indexOf(root.dataset.mode) + 1) % order.length];
    remember("mode", root.dataset.mode);
    paint();
  }));
  paint();

  // Language -------------------------------------------------------------------------------------
  remember("language", root.lang);
  const language = document.querySelector(".house-language");
  const page = language && language.getAttribute("href");
  let place = location.hash;
  const follow = () => { if (language) language.setAttribute("href", page + location.search + place); };
  const goTo = (hash) => { place = hash; follow(); };
  addEventListener("hashchange", () => goTo(location.hash));
  if (language) language.addEventListener("click", () => remember("language", language.hreflang));

  // The section that is being read: marked in the page's contents, and kept by the language switch --
  const entries = new Map(all("#pst-page-toc-nav a").map((link) => [link.hash.slice(1), link]));
  const sections = all("main section[id]");
  const top = (section) => section.getBoundingClientRect().top;
  const look = () => {
    // The line that a section's heading must have passed: under the header, and sinking to the foot of the
    // screen with the end of the page, where the last headings could not reach it. What the address names counts
    // as long as it stands in sight.
    const left = root.scrollHeight - innerHeight - scrollY;
    const line = 120 + (innerHeight - 120) * Math.max(0, 1 - left / innerHeight);
    const above = sections.filter((section) => top(section) < line);
    const named = document.getElementById(location.hash.slice(1));
    const inSight = named && top(named) > 0 && top(named) < innerHeight * 0.7;
    const last = (above[above.length - 1] || { id: "" }).id;
    const current = inSight && sections.includes(named) ? named.id : last;
    entries.forEach((link, id) => link.classList.toggle("active", id === current));
    const there = inSight ? named.id : current; // a figure or a term may be named, too
    goTo(there && scrollY > 120 ? `#${there}` : "");
  };
  let waiting = false;
  addEventListener("scroll", () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => { waiting = false; look(); });
  }, { passive: true });
  follow();

  // Side bars: beside the page where there is room, above it where there is none --------------------
  const sideBar = (toggle, bar, sheet, wide) => {
    const button = document.querySelector(toggle);
    const [from, to] = [document.getElementById(bar), document.getElementById(sheet)];
    if (!button || !from || !to) return;
    const back = () => { from.append(...to.childNodes); to.className = ""; };
    button.addEventListener("click", () => {
      if (matchMedia(wide).matches) { from.classList.toggle("pst-sidebar-hidden"); return; }
      to.className = from.className;
      to.append(...from.childNodes);
      to.setAttribute("aria-label", button.title);
      to.showModal();
    });
    to.addEventListener("close", back);
    to.addEventListener("click", (event) => {
      if (event.target === to || event.target.closest("a")) to.close();
    });
  };
  sideBar(".primary-toggle", "pst-primary-sidebar", "pst-primary-sidebar-modal", "(min-width: 992px)");
  sideBar(".secondary-toggle", "pst-secondary-sidebar", "pst-secondary-sidebar-modal", "(min-width: 1200px)");

  // One menu open at a time; a click elsewhere or Escape closes it ----------------------------------
  const menus = all(".house-menu");
  const closeMenus = (but) => menus.forEach((menu) => { if (menu !== but) menu.open = false; });
  addEventListener("click", (event) => closeMenus(event.target.closest(".house-menu")));
  addEventListener("keydown", (event) => { if (event.key === "Escape") closeMenus(); });

  // Copying code -----------------------------------------------------------------------------------
  const copy = async (text) => {
    if (navigator.clipboard && isSecureContext) return navigator.clipboard.writeText(text);
    const area = Object.assign(document.createElement("textarea"), { value: text });
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
    return undefined;
  };
  all("div.highlight").forEach((block) => {
    if (block.closest(".cell_output")) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "house-copy";
    const say = (word, icon) => {
      button.title = word;
      button.setAttribute("aria-label", word);
      button.innerHTML = `<i class="${icon}"></i>`;
    };
    say(words.copy, "fa-copy");
    button.addEventListener("click", async () => {
      await copy(block.querySelector("pre").innerText);
      say(words.copied, "fa-check");
      setTimeout(() => say(words.copy, "fa-copy"), 2000);
    });
    block.append(button);
  });

  // A wide block scrolls inside itself: let the keyboard reach it -------------------------------------
  all("pre, .pst-scrollable-table-container, .math.display").forEach((box) => {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
  });

  // A link into a fold opens it ------------------------------------------------------------------------
  const unfold = () => {
    const target = location.hash && document.getElementById(location.hash.slice(1));
    for (let box = target; box; box = box.parentElement) if (box.tagName === "DETAILS") box.open = true;
  };
  addEventListener("hashchange", unfold);
  unfold();
})();
