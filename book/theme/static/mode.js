// Before anything is drawn: the reader's choice of light or dark, else the device's.
"use strict";
((root) => {
  let mode = "auto";
  try { mode = localStorage.getItem("mode") || "auto"; } catch { /* no memory here */ }
  const dark = mode === "auto" ? matchMedia("(prefers-color-scheme: dark)").matches : mode === "dark";
  root.dataset.mode = mode;
  root.dataset.theme = dark ? "dark" : "light";
})(document.documentElement);
