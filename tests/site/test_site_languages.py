"""Two editions: choosing one, changing over, coming back."""

from __future__ import annotations

from pathlib import Path

import pytest
from browser import LANGUAGES
from visits import Visit

OTHER = {"tr": "en", "en": "tr"}
NAMES = {"tr": "Türkçe", "en": "English"}


def test_sections_have_the_same_anchors(visits: dict[str, Visit], names: list[str]):
    for name in names:
        tr, en = (visits[f"{code}/{name}"].seen["sections"] for code in LANGUAGES)
        assert tr == en, name


def test_the_switch_is_on_every_page_at_every_width(visits, names: list[str]):
    """Visible, in the other language, and leading to the same file of the other edition."""
    for language, other in OTHER.items():
        for name in names:
            note = visits[f"{language}/{name}"]
            for seen in (note.seen, note.phone):
                assert seen["switch"] == [[f"../{other}/{name}", other, other, NAMES[other]]], name


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_switch_leads_over(page, address: str, chapters: list[str], language: str):
    page.goto(f"{address}/{language}/{chapters[-1]}")
    page.locator(".house-language").click()
    page.wait_for_url(f"{address}/{OTHER[language]}/{chapters[-1]}")
    assert page.evaluate("document.documentElement.lang") == OTHER[language]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_switch_keeps_the_section(page, address: str, visits, chapters, language: str):
    for name in chapters:
        sections = visits[f"{language}/{name}"].seen["sections"]
        for anchor in {
            sections[len(sections) // 2],
            *(sections[-1:] if name == chapters[0] else []),
        }:
            page.goto(f"{address}/{language}/{name}#{anchor}")
            page.locator(".house-language").click()
            there = f"{address}/{OTHER[language]}/{name}#{anchor}"
            page.wait_for_url(there, wait_until="domcontentloaded")
            assert page.locator(f"[id='{anchor}']").count() == 1


def test_the_switch_follows_the_reader(page, address: str, chapters: list[str]):
    """Without a hash in the address: the section that is being read is the one that opens."""
    page.goto(f"{address}/tr/{chapters[0]}")
    anchor = page.locator("main section section[id]").nth(2).get_attribute("id")
    page.evaluate(f"document.getElementById('{anchor}').scrollIntoView()")
    page.wait_for_function(
        f"document.querySelector('.house-language').getAttribute('href').endsWith('#{anchor}')"
    )


def test_switch_works_without_javascript(browser, address: str, chapters: list[str]):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/en/{chapters[0]}")
    page.locator(".house-language").click()
    page.wait_for_url(f"{address}/tr/{chapters[0]}")
    context.close()


@pytest.mark.parametrize(
    ("locale", "first"), [("tr-TR", "tr"), ("en-GB", "en"), ("de-DE", "tr"), ("en-US", "en")]
)
def test_the_chooser_offers_the_browsers_language_first(browser, address: str, locale, first):
    context = browser.new_context(locale=locale)
    page = context.new_page()
    page.goto(f"{address}/")
    links = page.locator("nav a")
    assert links.count() == 2
    assert links.first.get_attribute("hreflang") == first
    context.close()


def test_the_chooser_remembers(browser, address: str):
    context = browser.new_context(locale="tr-TR")
    page = context.new_page()
    page.goto(f"{address}/")
    page.locator("nav a[hreflang=en]").click()
    page.wait_for_url(f"{address}/en/index.html")
    page.goto(f"{address}/")
    page.wait_for_url(f"{address}/en/index.html")
    # Changing over on a page changes what is remembered.
    page.locator(".house-language").click()
    page.wait_for_url(f"{address}/tr/index.html")
    page.goto(f"{address}/")
    page.wait_for_url(f"{address}/tr/index.html")
    page.goto(f"{address}/?choose")
    assert page.locator("nav a").count() == 2
    context.close()


def test_the_chooser_works_without_javascript(browser, address: str, built: Path):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    for home in (f"{address}/", f"{built.as_uri()}/index.html"):
        for language in LANGUAGES:
            page.goto(home)
            link = page.locator(f"nav a[lang={language}]")
            assert link.is_visible()
            assert link.bounding_box()["height"] >= 44
            link.click()
            assert page.locator("html").get_attribute("lang") == language
    context.close()


def test_the_page_that_is_not_there(built: Path, config: dict):
    """404.html is shown at any depth, so its links begin at the site's folder."""
    folder = "/" + config["html"]["baseurl"].split("/", 3)[3].strip("/")
    text = (built / "404.html").read_text("utf8")
    for language in LANGUAGES:
        assert f'href="{folder}/{language}/index.html"' in text
        assert config["editions"][language]["missing"] in text
