"""What is noted down when a page is opened."""

from __future__ import annotations

from dataclasses import dataclass, field

# Seen once for each page: what a test needs to know of it.
LOOK = """() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const plain = document.querySelector("article")?.cloneNode(true);
  plain?.querySelectorAll("pre, code, script, style, mjx-assistive-mml").forEach((n) => n.remove());
  return {
    lang: document.documentElement.lang,
    title: document.title,
    alternates: all("link[rel=alternate]").map((l) => [l.hreflang, l.href]),
    sections: all("main section[id]").map((s) => s.id),
    images: all("img").map((i) => [i.getAttribute("src").slice(0, 60), i.alt, i.naturalWidth]),
    math: all(".math").length,
    drawn: all(".math > mjx-container > svg").filter((s) => s.getBoundingClientRect().height).length,
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
    )).map((e) => e.outerHTML.slice(0, 120)),
    links: all("a[href]").map((a) => a.getAttribute("href")),
    switch: all(".house-language").filter((e) => e.checkVisibility())
      .map((e) => [e.getAttribute("href"), e.lang, e.hreflang, e.textContent]),
    overflow: document.documentElement.scrollWidth - innerWidth,
    wide: all("main *").filter((e) => {
      const box = e.getBoundingClientRect();
      return box.width && box.right > innerWidth + 1
        && e.checkVisibility({visibilityProperty: true, opacityProperty: true})
        && !e.closest("pre, table, .math, .pst-scrollable-table-container, .headerlink, .house-menu");
    }).slice(0, 3).map((e) => e.outerHTML.slice(0, 120)),
  };
}"""


@dataclass
class Visit:
    url: str
    requests: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    seen: dict = field(default_factory=dict)

    def outside(self, home: str) -> list[str]:
        """Requests that left the site."""
        inside = (f"{home}/", "data:", "blob:")
        return [url for url in self.requests if not url.startswith(inside)]


def listen(page, note: Visit) -> None:
    """Note every request, every failure and every complaint of a page."""
    page.on("request", lambda request: note.requests.append(request.url))
    page.on("requestfailed", lambda request: note.failures.append(request.url))
    page.on("pageerror", lambda error: note.messages.append(str(error)))
    page.on(
        "response",
        lambda answer: (
            note.failures.append(f"{answer.status} {answer.url}") if answer.status >= 400 else None
        ),
    )
    page.on(
        "console",
        lambda said: note.messages.append(said.text) if said.type in ("error", "warning") else None,
    )


def visit(context, base: str, name: str) -> Visit:
    """Open a page and look at it. The chooser is asked to stay."""
    note = Visit(f"{base}/{name}")
    page = context.new_page()
    listen(page, note)
    page.goto(f"{base}/{name}?choose" if name == "index.html" else f"{base}/{name}")
    note.seen = page.evaluate(LOOK)
    page.close()
    return note
