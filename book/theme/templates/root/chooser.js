// The page from which a reader enters: whoever has chosen goes on in that language ("?choose" asks again); else
// the browser's language comes first, and what is chosen is remembered.
"use strict";
(() => {
  const codes = document.documentElement.dataset.editions.split(" ");
  let kept = null;
  try { kept = localStorage.getItem("language"); } catch { /* no memory here */ }
  if (codes.includes(kept) && location.search !== "?choose") {
    location.replace(`${kept}/index.html`);
    return;
  }
  addEventListener("DOMContentLoaded", () => {
    const links = [...document.querySelectorAll("nav a")];
    const wanted = (navigator.languages || [navigator.language || ""]).map((tag) => tag.toLowerCase().split("-")[0]);
    const first = wanted.map((code) => links.find((link) => link.hreflang === code)).find(Boolean);
    if (first) {
      first.className = "first";
      first.parentNode.prepend(first);
      document.documentElement.lang = first.hreflang;
    }
    links.forEach((link) => link.addEventListener("click", () => {
      try { localStorage.setItem("language", link.hreflang); } catch { /* no memory here */ }
    }));
  });
})();
