"""A Turkish page speaks Turkish: no English word of the theme is left in it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from browser import LANGUAGES
from visits import INTERFACE, Visit

# Words of the theme and its extensions, as they stand in their English sources.
ENGLISH = """
Search|Search this book|Contents|On this page|Link to this|Skip to main|Toggle|Show code|Hide code|
previous|next|Copy|Copied|Light|Dark|System Settings|Color mode|Launch|Download|Repository|Suggest|
Open issue|Print to PDF|Fullscreen|Source|Note|Warning|Tip|Hint|Important|Caution|Attention|Danger|
See also|Back to top|Copyright|Last updated|Created using|Edit|Navigation|Main|Close|
Site navigation|Section Navigation|Icon Links|Expand|Collapse|Results|Searching|Figure|Fig|
Table of|Click to|By the|
Permalink|Home|Index|Theme|Built with|Open in|Run this|Report a|Chapters|Show the|Hide the|Claim|
Solution|Exercise|Tarafından
"""
# Said in both editions on purpose.
SHARED = {"English", "Türkçe", "Colab", "Binder", "CC BY 4.0", "cbam_teach"}


def english(said: list[str]) -> list[tuple[str, str]]:
    """Which English words stand in which texts, as whole words."""
    words = [word.strip() for word in ENGLISH.split("|")]
    found = []
    for text in said:
        if text in SHARED:
            continue
        spaced = f" {''.join(c if c.isalnum() or c in ' _' else ' ' for c in text)} ".casefold()
        found += [(word, text) for word in words if f" {word.casefold()} " in spaced]
    return found


def test_no_english_word_on_a_turkish_page(visits: dict[str, Visit], names: list[str]):
    found = {name: english(visits[f"tr/{name}"].said) for name in names}
    assert {name: faults for name, faults in found.items() if faults} == {}


def test_no_word_is_said_alike_in_both_editions(visits: dict[str, Visit], names: list[str]):
    """What the theme says is in two languages: a text that is the same in both is untranslated."""
    for name in names:
        tr, en = (set(visits[f"{language}/{name}"].said) for language in LANGUAGES)
        assert len(tr) > 8, name
        assert tr & en <= SHARED, name


@pytest.mark.parametrize(
    "planted",
    [
        "document.querySelector('header, .bd-header-article').append(' Search this book... ')",
        "document.querySelector('h1').title = 'Link to this heading'",
        "document.querySelector('footer').append('Tarafından x')",
        "document.querySelector('.primary-toggle').ariaLabel = 'Toggle primary sidebar'",
    ],
)
def test_a_planted_english_word_is_found(page, address: str, planted: str):
    page.goto(f"{address}/tr/index.html")
    page.evaluate(planted)
    assert english(page.evaluate(INTERFACE))


def test_copying_says_so_in_turkish(page, address: str, chapters: list[str]):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{address}/tr/{chapters[0]}")
    block = page.locator("article .cell_input div.highlight:visible").first
    block.hover()
    button = block.locator(".house-copy")
    assert button.get_attribute("aria-label") == "Kopyala"
    button.click()
    page.wait_for_function("() => document.querySelector('.house-copy[title=Kopyalandı]')")
    copied = page.evaluate("() => navigator.clipboard.readText()")
    assert copied.strip() == block.locator("pre").inner_text().strip()


def test_the_words_that_scripts_say(page, address: str):
    """The search page reports in Turkish, found or not."""
    page.goto(f"{address}/tr/search.html?q=hiçbiryerdeolmayansözcük")
    page.wait_for_function("() => document.querySelector('.search-summary')?.textContent")
    assert page.locator("#search-results h2").inner_text() == "Arama sonuçları"
    assert page.locator(".search-summary").inner_text() == "Bu sözcüklerle eşleşen sayfa yok."


def test_every_word_list_entry_is_used(built: Path):
    """A word that no page and no script says any more should leave the list."""
    import words

    said = "".join(
        path.read_text("utf8")
        for path in (built / "tr").rglob("*")
        if path.suffix in (".html", ".js")
    )
    optional = ("Link to this", "Danger", "Caution", "Error", "Table", "Fig", "See also", "Index")
    unused = []
    for key, text in words.words("tr").items():
        forms = (text, text.replace("'", "&#39;"), json.dumps(text)[1:-1])
        if not key.startswith(optional) and not any(form in said for form in forms):
            unused.append(text)
    assert set(unused) <= {"Not", "Uyarı", "Öneri", "İpucu", "Önemli"}
