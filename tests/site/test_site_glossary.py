"""The page of the terms: all of them, in the order of each alphabet, with ways that arrive."""

from __future__ import annotations

import pytest
import yaml
from browser import LANGUAGES, ROOT, violations

TERMS = yaml.safe_load((ROOT / "book" / "terms.yml").read_text("utf8"))
OTHER = {"tr": "en", "en": "tr"}
ENTRIES = """() => [...document.querySelectorAll("article [id^=term-]")].map((e) => ({
  id: e.id,
  named: e.querySelector("strong").textContent,
  other: [...e.querySelectorAll("i[lang]")].map((i) => [i.lang, i.textContent]),
  links: [...e.querySelectorAll("a[href]")].map((a) => a.getAttribute("href")),
}))"""


def opened(page, address: str, language: str, anchor: str = ""):
    page.goto(f"{address}/{language}/glossary.html{anchor}")
    return page


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_term_stands_once_in_the_order_of_its_language(page, address, language):
    entries = opened(page, address, language).evaluate(ENTRIES)
    assert {entry["id"] for entry in entries} == {f"term-{term['id']}" for term in TERMS}
    assert len(entries) == len(TERMS)
    named = [entry["named"] for entry in entries]
    sort = "([names, tag]) => names.toSorted(new Intl.Collator(tag).compare)"
    letters = [name for name in named if name.isalpha()]  # collators differ in spaces
    assert letters == page.evaluate(sort, [letters, language])
    by_id = {f"term-{term['id']}": term for term in TERMS}
    for entry in entries:
        term = by_id[entry["id"]]
        assert entry["named"] == term[language]
        assert entry["other"] == [[OTHER[language], term[OTHER[language]]]]
        assert len(entry["links"]) == 1
        assert entry["links"][0].partition(".html")[0] not in ("glossary", "ledger", "index")


def test_both_editions_lead_to_the_same_places(page, address):
    ways = []
    for language in LANGUAGES:
        entries = opened(page, address, language).evaluate(ENTRIES)
        ways.append({entry["id"]: entry["links"] for entry in entries})
    assert ways[0] == ways[1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_letter_leads_to_its_first_term(page, address, language):
    opened(page, address, language)
    letters = page.locator(".house-letters a")
    assert letters.count() >= 15
    boxes = [letter.bounding_box() for letter in letters.all()]
    assert min(min(box["width"], box["height"]) for box in boxes) >= 44
    last = letters.last
    letter = last.inner_text()
    last.click()
    target = page.locator(f"[id='{page.url.partition('#')[2]}']")
    assert target.locator("strong").inner_text()[0].upper() == letter
    assert 0 <= target.evaluate("(e) => e.getBoundingClientRect().top") < 800


def test_the_other_edition_opens_at_the_same_term(page, address):
    opened(page, address, "tr", "#term-gate")
    page.locator(".house-language").click()
    page.wait_for_url("**/en/glossary.html*")
    assert page.url.endswith("#term-gate")


READ = violations("article")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_can_be_read(browser, address, axe, language, scheme):
    context = browser.new_context(
        color_scheme=scheme, viewport={"width": 360, "height": 740}, locale="tr-TR"
    )
    page = context.new_page()
    opened(page, address, language)
    page.evaluate(axe)
    assert page.evaluate(READ) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    context.close()
