"""What is noted down when a page is opened."""

from __future__ import annotations

from dataclasses import dataclass, field

# Seen once for each page: what a test needs to know of it.
LOOK = """() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const plain = document.querySelector("article")?.cloneNode(true);
  plain?.querySelectorAll("pre, code, script, style, mjx-assistive-mml, .house-live")
    .forEach((n) => n.remove());
  return {
    lang: document.documentElement.lang,
    title: document.title,
    alternates: all("link[rel=alternate]").map((l) => [l.hreflang, l.href]),
    sections: all("main section[id]").map((s) => s.id),
    images: all("img").map((i) => [i.getAttribute("src").slice(0, 60), i.alt, i.naturalWidth]),
    math: all(".math").length,
    drawn: all(".math > mjx-container > svg").filter((s) => s.viewBox.baseVal.width).length,
    spoken: all(".math mjx-assistive-mml > math").length,
    dangling: all("svg use").filter((u) => {
      const target = document.getElementById((u.getAttribute("xlink:href") || "").slice(1));
      return !target;
    }).length,
    text: plain ? plain.textContent : "",
    icons: all("i[class*='fa-']").filter((i) => i.checkVisibility()).filter((i) => {
      const style = getComputedStyle(i);
      return !(style.maskImage || style.webkitMaskImage || "").startsWith("url");
    }).map((i) => i.className),
    nameless: all("a, button, summary, input").filter((e) => !(
      e.textContent.trim() || e.getAttribute("aria-label") || e.querySelector("img[alt]")
      || e.labels?.length || e.getAttribute("aria-labelledby")
    )).map((e) => e.outerHTML.slice(0, 120)),
    links: all("a[href]").map((a) => a.getAttribute("href")),
    buttons: all("a[class^='house-']").map((a) => [a.className, a.getAttribute("href")]),
    switch: all(".house-language").filter((e) => e.checkVisibility())
      .map((e) => [e.getAttribute("href"), e.lang, e.hreflang, e.textContent]),
    overflow: document.documentElement.scrollWidth - innerWidth,
    wide: all("main *").filter((e) => {
      const box = e.getBoundingClientRect();
      return box.width && box.right > innerWidth + 1
        && e.checkVisibility({visibilityProperty: true, opacityProperty: true})
        && !e.closest("pre, table, .math, .pst-scrollable-table-container, .house-menu")
        && !e.closest(".house-figure")
        && !e.closest("[class*=bd-sidebar]");
    }).slice(0, 3).map((e) => e.outerHTML.slice(0, 120)),
  };
}"""

# Interface text: all outside the article; inside it titles of boxes, summaries, links to headings,
# and what every element says in an attribute.
INTERFACE = """() => {
  const own = document.documentElement.lang;
  const said = new Set();
  const add = (text) => {
    const words = (text || "").replace(/\\s+/g, " ").trim();
    if (/\\p{L}{2}/u.test(words)) said.add(words);
  };
  // A live figure's words are the package's, in the language of its notebook.
  const apart = "code, pre, math, svg, .house-live";
  const foreign = (e) => e.closest("[lang]").lang !== own || e.closest(apart);
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const e = node.parentElement;
    if (foreign(e) || e.closest("script, style, noscript")) continue;
    if (e.closest("article") && !e.closest(".admonition-title, summary, .caption-number, button")) {
      continue;
    }
    // Headings that the contents repeat are prose.
    if (!e.closest("nav a, .prev-next-title, .logo")) add(node.data);
  }
  document.querySelectorAll("*").forEach((e) => {
    if (foreign(e)) return;
    const attributes = ["title", "aria-label", "placeholder"];
    attributes.push("data-light", "data-dark", "data-auto");
    if (!e.closest("head")) attributes.forEach((name) => add(e.getAttribute(name)));
  });
  document.querySelectorAll("body").forEach((e) => Object.values(e.dataset).forEach(add));
  return [...said];
}"""


# Until no live figure is on its way: it came to life, or says why not.
SETTLED = """async () => {
  const waits = () => [...document.querySelectorAll(".house-live")].some((place) =>
    !place.hasChildNodes() || place.dataset.cbamLive === "waiting");
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  while (waits()) await new Promise((done) => setTimeout(done, 20));
}"""


@dataclass
class Visit:
    """One page: what it asked for, what went wrong, how it looked on a desktop and on a phone."""

    requests: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    seen: dict = field(default_factory=dict)
    phone: dict = field(default_factory=dict)

    def outside(self, home: str) -> list[str]:
        """Requests that left the site."""
        inside = (f"{home}/", "data:", "blob:")
        return [url for url in self.requests if not url.startswith(inside)]


class Visitor:
    """Opens page after page and notes down each."""

    def __init__(self, page):
        self.page, self.note = page, Visit()
        page.on("request", lambda request: self.note.requests.append(request.url))
        page.on("requestfailed", lambda request: self.note.failures.append(request.url))
        page.on("pageerror", lambda error: self.note.messages.append(str(error)))
        page.on("response", self.answered)
        page.on("console", self.complained)

    def answered(self, response) -> None:
        if response.status >= 400:
            self.note.failures.append(f"{response.status} {response.url}")

    def complained(self, message) -> None:
        if message.type in ("error", "warning"):
            self.note.messages.append(message.text)

    def open(self, base: str, name: str, phone: bool = True) -> Visit:
        """The page in both widths. The chooser is asked to stay."""
        self.note = Visit()  # for what the page before gives up: it belongs to neither
        self.page.goto("about:blank")
        self.note = note = Visit()
        self.page.goto(f"{base}/{name}?choose" if name == "index.html" else f"{base}/{name}")
        self.page.evaluate(SETTLED)
        note.seen, note.said = self.page.evaluate(LOOK), self.page.evaluate(INTERFACE)
        if phone:
            self.page.set_viewport_size({"width": 360, "height": 740})
            self.page.evaluate(SETTLED)
            note.phone = self.page.evaluate(LOOK)
            self.page.set_viewport_size({"width": 1280, "height": 800})
        return note
