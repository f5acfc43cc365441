// Mends Sphinx's search for this book; loaded on the search page only, after searchtools.js.
"use strict";
(() => {
  const { lang } = document.documentElement;
  // Not through Documentation.addTranslations: that makes a function of a text, which a strict page forbids.
  Object.assign(Documentation.TRANSLATIONS, JSON.parse(document.getElementById("search-results").dataset.words));

  if (lang === "tr") {
    // The index holds words lower-cased as Turkish does, stemmed, and with one i (see turkish.py).
    const lower = String.prototype.toLocaleLowerCase;
    // eslint-disable-next-line no-extend-native
    String.prototype.toLowerCase = function toLowerCase() { return lower.call(this, "tr"); };
    const Before = Stemmer;
    // eslint-disable-next-line no-global-assign
    Stemmer = function TurkishStemmer() {
      const stemmer = new Before();
      this.stemWord = (word) => stemmer.stemWord(word).replaceAll("ı", "i");
    };
  }

  // Around the first word found: both i are one here, as in the index.
  const fold = (text) => text.toLowerCase().replaceAll("ı", "i");
  Search.makeSearchSummary = (page, words) => {
    const main = new DOMParser().parseFromString(page, "text/html").querySelector("article");
    if (!main) return null;
    main.querySelectorAll(".headerlink, script, style, svg, mjx-assistive-mml").forEach((node) => node.remove());
    const text = main.textContent.replace(/\s+/g, " ");
    const found = [...words].map((word) => fold(text).indexOf(fold(word))).filter((at) => at >= 0);
    const start = Math.max(Math.min(...found, text.length) - 100, 0);
    const summary = document.createElement("p");
    summary.className = "context";
    const from = found.length ? start : 0;
    summary.textContent = `${from ? "… " : ""}${text.slice(from, from + 240).trim()} …`;
    return summary;
  };

  // A page read from disk may not fetch the others: show their titles only.
  if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;
})();
