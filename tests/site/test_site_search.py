"""Search, above all in Turkish, where I and İ are two letters."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from browser import LANGUAGES, pages
from sphinx.search.tr import SearchTurkish
from turkish import Turkish, lower

# An index of one page, given to the very scripts of the site.
PLANT = """([terms, query]) => {
  Search.setIndex({docnames: ["planted"], filenames: ["planted.md"], titles: ["Başlık"],
    terms: Object.fromEntries(terms.map((term) => [term, 0])), titleterms: {}, alltitles: {},
    indexentries: {}, objects: {}, objnames: {}, objtypes: {}});
  DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;
  document.getElementById("search-results").replaceChildren();
  Search.performSearch(query);
}"""


@pytest.fixture(scope="module")
def search_page(browser, address: str):
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{address}/tr/search.html")
    yield page
    context.close()


def results(page) -> list[str]:
    page.wait_for_function("() => document.querySelector('.search-summary')?.textContent")
    return [link.get_attribute("href") for link in page.locator("#search-results a").all()]


def filed(language: SearchTurkish, text: str) -> list[str]:
    """What the index holds for a text, as Sphinx's IndexBuilder.feed files it."""
    words = language.split(text)
    return sorted({language.stem(word) for word in words if language.word_filter(word)})


LIGHT = ("IŞIK", "Işık", "ışık")


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        *((written, asked) for written in LIGHT for asked in LIGHT),
        ("İlgi haritası", "ilgi"),
        ("ilgi", "İlgi"),
        ("ilgi", "İLGİ"),
        ("İLGİ", "ilgi"),
        ("ışığın", "IŞIK"),
        ("CIFAR", "cifar"),
        ("CIFAR", "CIFAR"),
        ("ImageNet", "imagenet"),
        ("kanallar", "kanal"),
    ],
)
def test_words_are_found_however_they_are_written(search_page, written: str, asked: str):
    search_page.evaluate(PLANT, [filed(Turkish({}), written), asked])
    assert results(search_page) == ["planted.html"]


def test_sphinx_alone_would_not_find_them(search_page):
    """The control: with Sphinx's own index the same question has no answer."""
    search_page.evaluate(PLANT, [filed(SearchTurkish({}), "İlgi"), "ilgi"])
    assert results(search_page) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_of_the_book_lead_to_their_page(
    page, address: str, built: Path, visits, language: str
):
    """A rare word of each page, asked for in the search field, lists that page."""
    texts = {
        name: visits[f"{language}/{name}"].seen["text"]
        for name in pages(built / language)
        if name != "search.html"
    }
    raise_case = (lambda w: w.replace("i", "İ").upper()) if language == "tr" else str.upper
    for name, text in texts.items():
        others = " ".join(other for key, other in texts.items() if key != name)
        letters = r"[^\W\d_]{6,}" if language == "tr" else r"\b[A-Za-z]{6,}\b"
        words = sorted(set(re.findall(letters, text)) - set(re.findall(r"\w+", others)))
        dotted = [word for word in words if set(word) & set("ıİI")] or words
        for word in dotted[:1]:
            for asked in (word, raise_case(word)):
                page.goto(f"{address}/{language}/search.html?q={asked}")
                assert name in {href.split("#")[0] for href in results(page)}, (name, asked)


def test_a_result_shows_where_the_word_stands(page, address: str, chapters: list[str]):
    """Asked for in the side bar of a page, as a reader does."""
    page.goto(f"{address}/tr/{chapters[0]}")
    page.locator(".house-search input").fill("maske")
    page.keyboard.press("Enter")
    page.wait_for_selector("#search-results .context")
    shown = page.locator("#search-results .context").first.inner_text()
    assert "maske" in lower(shown)
    assert "\\" not in shown


def test_search_from_disk_lists_pages(page, built: Path):
    page.goto(f"{(built / 'tr').as_uri()}/search.html?q=maske")
    assert results(page)
