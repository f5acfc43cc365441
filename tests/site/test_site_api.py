"""The page of the package's names: its anchors, its English, and that it can be read."""

from __future__ import annotations

import sys

import pytest
from browser import LANGUAGES, ROOT, violations

sys.path.insert(0, str(ROOT / "book"))

from builder import api
from builder.house import House

HOUSE = House(ROOT)
NAMES = [name for group in api.groups(HOUSE) for name in api.names(HOUSE, group)]
SEEN = """() => [...document.querySelectorAll("article h3")].map((h) => {
  const section = h.closest("section");
  return [section.id, section.querySelector("pre").innerText.split("\\n")[0]];
})"""
# Texts of the article that are English and say so by no lang: a paragraph's first words.
UNMARKED = """() => [...document.querySelectorAll("article :is(p, li)")]
  .filter((e) => e.closest("[lang]").lang === "tr")
  .map((e) => e.textContent).filter((t) => /\\b(the|of|is|with|whether)\\b/i.test(t))
  .map((t) => t.slice(0, 60))"""
READ = violations("article")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_name_has_its_place_and_its_call(page, address, language):
    page.goto(f"{address}/{language}/api.html")
    seen = dict(page.evaluate(SEEN))
    assert set(seen) == {api.anchor(name.dotted) for name in NAMES}
    for name in NAMES:
        assert seen[api.anchor(name.dotted)].startswith(name.dotted), name.dotted


def test_english_is_marked_as_english_on_the_turkish_page(page, address):
    page.goto(f"{address}/tr/api.html")
    marked = page.locator("article div[lang=en]").all_inner_texts()
    assert len(marked) > 2 * len(NAMES)
    assert all(text.strip() for text in marked)
    titles = ("Deep Residual", "Why did", "Squeeze")
    assert [t for t in page.evaluate(UNMARKED) if not t.startswith(titles)] == []
    page.evaluate("document.querySelector('article div[lang=en]').removeAttribute('lang')")
    assert page.evaluate(UNMARKED) != []  # a mark that is lost is noticed
    page.goto(f"{address}/en/api.html")
    assert page.locator("article div[lang=en]").count() == 0


def test_a_name_leads_to_its_chapter_and_to_another_name(page, address):
    page.goto(f"{address}/en/api.html#api-cbam")
    place = page.locator("#api-cbam")
    assert place.evaluate("(e) => Math.abs(e.getBoundingClientRect().top)") < 200
    assert place.locator("a[href$='05_cbam.html']").count() == 1
    place.locator("a[href='#api-mask']").first.click()
    assert page.url.endswith("#api-mask")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_can_be_read(browser, address, axe, language, scheme):
    context = browser.new_context(color_scheme=scheme, viewport={"width": 360, "height": 740})
    page = context.new_page()
    page.goto(f"{address}/{language}/api.html")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.evaluate(axe)
    assert page.evaluate(READ) == []
    context.close()
