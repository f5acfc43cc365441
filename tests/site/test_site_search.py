"""Search, above all in Turkish, where I and İ are two letters."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from browser import LANGUAGES, pages
from sphinx.search.tr import SearchTurkish
from turkish import Turkish, lower

ASK = """(query) => {
  const form = document.querySelector("article form");
  form.querySelector("input").value = query;
  form.submit();
}"""
# An index of one page, given to the very scripts of the site.
PLANT = """([terms, query]) => {
  Search.setIndex({docnames: ["planted"], filenames: ["planted.md"], titles: ["Başlık"],
    terms: Object.fromEntries(terms.map((term) => [term, 0])), titleterms: {}, alltitles: {},
    indexentries: {}, objects: {}, objnames: {}, objtypes: {}});
  DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;
  document.getElementById("search-results").replaceChildren();
  Search.performSearch(query);
}"""


def results(page) -> list[str]:
    page.wait_for_function("() => document.querySelector('.search-summary')?.textContent")
    return [link.get_attribute("href") for link in page.locator("#search-results a").all()]


def filed(language: SearchTurkish, text: str) -> list[str]:
    """What the index holds for a text, as Sphinx's IndexBuilder.feed files it."""
    words = language.split(text)
    return sorted({language.stem(word) for word in words if language.word_filter(word)})


@pytest.mark.parametrize("written", ["IŞIK", "Işık", "ışık"])
@pytest.mark.parametrize("asked", ["IŞIK", "Işık", "ışık"])
def test_isik_finds_isik(page, address: str, written: str, asked: str):
    page.goto(f"{address}/tr/search.html")
    page.evaluate(PLANT, [filed(Turkish({}), written), asked])
    assert results(page) == ["planted.html"]


@pytest.mark.parametrize(
    ("written", "asked"),
    [
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
def test_words_are_found_however_they_are_written(page, address: str, written: str, asked: str):
    page.goto(f"{address}/tr/search.html")
    page.evaluate(PLANT, [filed(Turkish({}), written), asked])
    assert results(page) == ["planted.html"]


def test_sphinx_alone_would_not_find_them(page, address: str):
    """The control: with Sphinx's own index the same question has no answer."""
    page.goto(f"{address}/tr/search.html")
    page.evaluate(PLANT, [filed(SearchTurkish({}), "İlgi"), "ilgi"])
    assert results(page) == []


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
        words = sorted(set(re.findall(r"[^\W\d_]{6,}", text)) - set(re.findall(r"\w+", others)))
        dotted = [word for word in words if set(word) & set("ıİI")] or words
        for word in dotted[:1]:
            for asked in (word, raise_case(word)):
                page.goto(f"{address}/{language}/search.html")
                with page.expect_navigation():
                    page.evaluate(ASK, asked)
                assert name in {href.split("#")[0] for href in results(page)}, (name, asked)


def test_a_result_shows_where_the_word_stands(page, address: str, chapters: list[str]):
    page.goto(f"{address}/tr/search.html?q=maske")
    page.wait_for_selector("#search-results .context")
    shown = page.locator("#search-results .context").first.inner_text()
    assert "maske" in lower(shown)
    assert "\\" not in shown


def test_search_from_disk_lists_pages(page, built: Path):
    page.goto(f"{(built / 'tr').as_uri()}/search.html?q=maske")
    assert results(page)
