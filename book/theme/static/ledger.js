// The ledger's filters: by verdict and by chapter, kept in the address. Without a script every claim stands in the page.
"use strict";
(() => {
  const said = document.currentScript.dataset;
  const all = (selector, inside = document) => [...inside.querySelectorAll(selector)];
  const entries = all(".ledger-entry");
  const chapters = all('section[id^="ledger-"]').filter((section) => section.querySelector(".ledger-entry"));
  if (!entries.length || !chapters.length) return;
  const verdictOf = (entry) => [...entry.classList].find((name) => name.startsWith("claim-")).slice("claim-".length);
  const chapterOf = (section) => section.id.slice("ledger-".length);
  const wordOf = (entry) => entry.querySelector(".admonition-title").textContent.split("·").pop().trim();
  const headingOf = (section) => section.querySelector("h2").firstChild.textContent.trim();

  // The form, made from what the page says -----------------------------------------------------------
  const make = (name, properties, ...children) => {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  };
  const choice = (name, label, none, options) => {
    const select = make("select", { name, id: `ledger-by-${name}`, autocomplete: "off" });
    select.append(make("option", { value: "", textContent: none }));
    options.forEach((text, value) => select.append(make("option", { value, textContent: text })));
    return [select, make("label", { htmlFor: select.id }, make("span", { textContent: label }), select)];
  };
  const verdicts = new Map(entries.map((entry) => [verdictOf(entry), wordOf(entry)]));
  const [verdict, byVerdict] = choice("verdict", said.verdict, said.everyVerdict, verdicts);
  const titles = new Map(chapters.map((section) => [chapterOf(section), headingOf(section)]));
  const [chapter, byChapter] = choice("chapter", said.chapter, said.everyChapter, titles);
  const reset = make("button", { type: "button", textContent: said.reset });
  const count = make("p", { className: "house-ledger-count" });
  count.setAttribute("role", "status");
  const form = make("form", { className: "house-ledger" }, byVerdict, byChapter, reset, count);
  form.addEventListener("submit", (event) => event.preventDefault());
  chapters[0].before(form);

  // Showing, saying, remembering ---------------------------------------------------------------------
  const show = () => {
    let shown = 0;
    chapters.forEach((section) => {
      const mine = !chapter.value || chapter.value === chapterOf(section);
      let here = 0;
      all(".ledger-entry", section).forEach((entry) => {
        entry.hidden = !mine || (verdict.value !== "" && verdict.value !== verdictOf(entry));
        if (!entry.hidden) here += 1;
      });
      section.hidden = here === 0;
      shown += here;
    });
    count.textContent = said.count.replace("{shown}", shown).replace("{all}", entries.length);
    reset.disabled = !verdict.value && !chapter.value;
  };
  const remember = (hash) => {
    const query = new URLSearchParams(location.search);
    [verdict, chapter].forEach(({ name, value }) => (value ? query.set(name, value) : query.delete(name)));
    const text = query.toString();
    try {
      history.replaceState(history.state, "", `${location.pathname}${text && `?${text}`}${hash}`);
    } catch { /* a page from a disk may not change its address */ }
    dispatchEvent(new Event("scroll")); // the language switch takes the address along (house.js)
  };
  const changed = () => { show(); remember(""); };
  verdict.addEventListener("change", changed);
  chapter.addEventListener("change", changed);
  reset.addEventListener("click", () => {
    verdict.value = "";
    chapter.value = "";
    changed();
    verdict.focus();
  });

  // A link to a claim or a chapter that the filters hide takes them off ---------------------------------
  const reveal = () => {
    const target = location.hash && document.getElementById(location.hash.slice(1).toLowerCase());
    if (!target || !target.closest("[hidden]")) return;
    verdict.value = "";
    chapter.value = "";
    show();
    remember(location.hash);
    target.scrollIntoView();
  };
  const asked = new URLSearchParams(location.search);
  if (verdicts.has(asked.get("verdict"))) verdict.value = asked.get("verdict");
  if (titles.has(asked.get("chapter"))) chapter.value = asked.get("chapter");
  show();
  reveal();
  addEventListener("hashchange", reveal);
})();
