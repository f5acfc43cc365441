"""The page of the ledger: every claim, its filters, and the ways to the cells and back."""

from __future__ import annotations

import re

import pytest
import yaml
from browser import LANGUAGES, ROOT, violations

LEDGER = yaml.safe_load((ROOT / "book" / "claims.yml").read_text("utf8"))
FALSE = [entry["id"] for entry in LEDGER if entry["verdict"] is False]
VERDICTS = ("true", "false", "only-if", "not-testable")
WORDS = {
    "tr": dict(zip(VERDICTS, ("doğru", "yanlış", "koşullu doğru", "sınanamaz"), strict=True)),
    "en": dict(zip(VERDICTS, ("true", "false", "only if", "not testable"), strict=True)),
}
VISIBLE = (
    "[...document.querySelectorAll('.ledger-entry')].filter((e) => e.checkVisibility()).length"
)


def opened(page, address: str, language: str, query: str = ""):
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    page.goto(f"{address}/{language}/ledger.html{query}")
    return page


def choose(page, name: str, value: str):
    page.locator(f"select[name={name}]").select_option(value)


def shown(page) -> list[str]:
    """The ids of the claims that can be seen."""
    entries = page.locator(".ledger-entry:visible .admonition-title").all_inner_texts()
    return [text.split(" · ")[0] for text in entries]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_claim_stands_with_its_verdict_in_words(page, address, language):
    opened(page, address, language)
    titles = page.locator(".ledger-entry .admonition-title").all_inner_texts()
    wanted = [
        f"{entry['id']} · {WORDS[language][str(entry['verdict']).lower()]}" for entry in LEDGER
    ]
    assert titles == wanted
    ids = page.evaluate("[...document.querySelectorAll('.ledger-entry')].map((e) => e.id)")
    assert ids == [entry["id"].lower() for entry in LEDGER]
    for entry in LEDGER:
        text = page.locator(f"#{entry['id'].lower()}").inner_text()
        for key in ("condition", "correction", "why"):
            # The page has curved quotes and links; the first words are enough.
            first = re.split(r"['\"(]", entry.get(key, {}).get(language, ""))[0].strip()
            assert first in text, entry["id"]
        waits = {"tr": "Bekliyor:", "en": "Pending:"}[language] in text
        assert waits == ("pending" in entry and entry["verdict"] != "not-testable"), entry["id"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_filters_show_count_and_remember(page, address, language):
    opened(page, address, language)
    count = page.get_by_role("status")
    assert str(len(LEDGER)) in count.inner_text()
    choose(page, "verdict", "false")
    assert shown(page) == FALSE
    assert re.findall(r"\d+", count.inner_text()) == sorted(
        (str(len(FALSE)), str(len(LEDGER))), reverse=language == "tr", key=int
    )
    assert page.url.endswith("/ledger.html?verdict=false")
    choose(page, "chapter", "06-pattern-1")
    mine = [entry["id"] for entry in LEDGER if entry["chapter"] == "06_pattern_1"]
    assert shown(page) == [name for name in mine if name in FALSE]
    assert page.locator("main h2:visible").count() == 1
    assert page.url.endswith("?verdict=false&chapter=06-pattern-1")
    page.locator(".house-ledger button").click()
    assert len(shown(page)) == len(LEDGER)
    assert page.url.endswith("/ledger.html")
    assert page.evaluate("document.activeElement.name") == "verdict"


def test_the_address_sets_the_filters_and_unknown_words_do_not(page, address):
    opened(page, address, "en", "?verdict=only-if&chapter=01-residual-block")
    wanted = [
        entry["id"]
        for entry in LEDGER
        if entry["verdict"] == "only-if" and entry["chapter"] == "01_residual_block"
    ]
    assert shown(page) == wanted
    opened(page, address, "en", "?verdict=perhaps&chapter=99")
    assert len(shown(page)) == len(LEDGER)


def test_a_link_to_a_hidden_claim_takes_the_filters_off(page, address):
    opened(page, address, "en", "?verdict=false#c101")
    assert "C101" in shown(page)
    assert page.locator("#c101").evaluate("(e) => e.getBoundingClientRect().top") < 800
    choose(page, "verdict", "false")
    assert "C101" not in shown(page)
    page.evaluate("location.hash = '#c102'")
    page.wait_for_function(f"{VISIBLE} === {len(LEDGER)}")
    assert page.url.endswith("/ledger.html#c102")


def test_the_other_edition_opens_with_the_same_filters(page, address):
    opened(page, address, "en")
    choose(page, "verdict", "not-testable")
    page.locator(".house-language").click()
    page.wait_for_url("**/tr/ledger.html?verdict=not-testable*")
    assert shown(page) == [e["id"] for e in LEDGER if e["verdict"] == "not-testable"]


def test_the_keyboard_is_enough(page, address):
    opened(page, address, "en")
    page.locator("select[name=verdict]").focus()
    page.keyboard.press("ArrowDown")
    assert len(shown(page)) < len(LEDGER)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == "chapter"
    outline = "getComputedStyle(document.activeElement).outlineStyle"
    assert page.evaluate(outline) == "solid"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert len(shown(page)) == len(LEDGER)
    for name in ("verdict", "chapter"):
        assert page.get_by_role("combobox", name=name.capitalize(), exact=True).count() == 1


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("language", LANGUAGES)
def test_targets_are_large_and_nothing_sticks_out(page, address, language, width):
    page.set_viewport_size({"width": width, "height": 800})
    opened(page, address, language)
    for target in page.locator(".house-ledger :is(select, button)").all():
        box = target.bounding_box()
        assert box["height"] >= 44
        assert box["width"] >= 44
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_a_script_all_claims_stand(browser, address, language):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/{language}/ledger.html")
    assert shown(page) == [entry["id"] for entry in LEDGER]
    assert page.locator("select").count() == 0
    context.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_claim_leads_to_its_cell_and_its_box_leads_back(page, address, language):
    opened(page, address, language)
    links = "(e) => [...e.querySelectorAll('a')].map((a) => a.href)"
    found = {
        entry["id"]: [
            link
            for link in page.locator(f"#{entry['id'].lower()}").evaluate(links)
            if "#check-" in link
        ]
        for entry in LEDGER
    }
    for entry in LEDGER:
        stands = "pending" not in entry and entry["verdict"] != "not-testable"
        wanted = f"{address}/{language}/{entry['chapter']}.html#check-{entry['id'].lower()}"
        assert found[entry["id"]] == ([wanted] if stands else []), entry["id"]
    for chapter in sorted({entry["chapter"] for entry in LEDGER if found[entry["id"]]}):
        page.goto(f"{address}/{language}/{chapter}.html")
        for name in [e["id"] for e in LEDGER if e["chapter"] == chapter and found[e["id"]]]:
            cell = page.locator(f"#check-{name.lower()}").evaluate(
                "(e) => e.closest('.cell').innerText"
            )
            assert f'check("{name}"' in cell
            back = page.locator(f'.claim a[href$="ledger.html#{name.lower()}"]')
            assert back.count() == 1, name


READ = violations("article")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_can_be_read(browser, address, axe, language, scheme):
    context = browser.new_context(color_scheme=scheme)
    page = context.new_page()
    opened(page, address, language, "?verdict=not-testable")
    page.evaluate(axe)
    assert page.evaluate(READ) == []
    choose(page, "verdict", "only-if")
    assert page.evaluate(READ) == []
    context.close()
