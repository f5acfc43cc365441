"""Every page of the site: it is whole, it is still, and it never leaves home."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from urllib.parse import urlsplit

from browser import LANGUAGES, pages
from visits import Visit, Visitor


def of_editions(visits: dict[str, Visit]) -> dict[str, Visit]:
    return {name: note for name, note in visits.items() if "/" in name}


def test_both_editions_have_the_same_pages(built: Path):
    tr, en = (pages(built / language) for language in LANGUAGES)
    assert tr == en
    assert "index.html" in tr
    assert any(name[0].isdigit() for name in tr)


def test_no_request_leaves_the_site(visits: dict[str, Visit], address: str):
    assert {name: note.outside(address) for name, note in visits.items() if note.requests} == {
        name: [] for name in visits
    }


def test_a_planted_outside_image_is_noticed(visitor: Visitor, address: str):
    visitor.page.route("**/*.png", lambda route: route.abort())
    visitor.page.set_content('<img src="https://example.org/planted.png">')
    visitor.page.wait_for_load_state("networkidle")
    note = visitor.note
    assert note.outside(address) == ["https://example.org/planted.png"]
    assert note.failures


def test_nothing_fails_and_nothing_is_complained_of(visits: dict[str, Visit]):
    assert {n: v.failures + v.messages for n, v in visits.items() if v.failures + v.messages} == {}


def test_every_page_says_its_language(visits: dict[str, Visit]):
    assert {n: v.seen["lang"] for n, v in of_editions(visits).items()} == {
        name: name.split("/")[0] for name in of_editions(visits)
    }


def test_every_page_names_its_alternates(visits: dict[str, Visit], config: dict):
    base = config["html"]["baseurl"].rstrip("/")
    for name, note in of_editions(visits).items():
        page = name.split("/", 1)[1]
        expected = {code: f"{base}/{code}/{page}" for code in LANGUAGES} | {"x-default": f"{base}/"}
        found = {code: href for code, href in note.seen["alternates"] if code}
        assert found == expected, name


def test_formulas_are_typeset_and_spoken(visits: dict[str, Visit], numbered: list[str]):
    for name, note in visits.items():
        seen = note.seen
        assert seen["drawn"] == seen["spoken"] == seen["math"], name
        assert seen["dangling"] == 0, name
        raw = re.findall(
            r"\\[(\[].*?\\[)\]]|\$\$?[^$\n]+\$\$?|\\(?:frac|alpha|sigma)", seen["text"]
        )
        assert raw == [], name
    assert all(visits[f"{code}/{page}"].seen["math"] for code in LANGUAGES for page in numbered)


def test_images_are_there_and_described(visits: dict[str, Visit]):
    faults = {
        (name, source)
        for name, note in visits.items()
        for source, alt, width in note.seen["images"]
        if len(alt.strip()) < 10 or not width
    }
    assert faults == set()


def test_icons_and_controls(visits: dict[str, Visit]):
    """Each icon is one that icons.py draws; each control has a name."""
    assert {n: v.seen["icons"] for n, v in visits.items() if v.seen["icons"]} == {}
    assert {n: v.seen["nameless"] for n, v in visits.items() if v.seen["nameless"]} == {}


def test_links_inside_the_site_arrive(visits: dict[str, Visit], built: Path):
    """Every relative link names a file that is there, and an anchor that is in it."""
    text = {name: (built / name).read_text("utf8") for name in visits}
    faults = []
    for name, note in of_editions(visits).items():
        for href in note.seen["links"]:
            parts = urlsplit(href)
            if parts.scheme or parts.netloc:
                continue
            there = posixpath.normpath(posixpath.join(posixpath.dirname(name), parts.path))
            target = there if parts.path else name
            named = f'id="{parts.fragment}"' if parts.fragment else ""
            if not (built / target).is_file() or (named and named not in text[target]):
                faults.append((name, href))
    assert faults == []


def test_no_page_is_wider_than_a_phone(visits: dict[str, Visit]):
    faults = {
        name: (note.phone["overflow"], note.phone["wide"])
        for name, note in visits.items()
        if note.phone["overflow"] > 0 or note.phone["wide"]
    }
    assert faults == {}


def test_a_planted_wide_block_is_noticed(visitor: Visitor, address: str):
    plant = (
        "addEventListener('load', () => { document.querySelector('h1').style.width = '500px'; })"
    )
    visitor.page.add_init_script(plant)
    seen = visitor.open(address, "tr/index.html").phone
    assert seen["overflow"] > 0 or seen["wide"]


def test_pages_read_without_javascript(browser, address: str, numbered: list[str]):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    for name in numbered:
        page.goto(f"{address}/tr/{name}")
        formulas = page.locator("article .math mjx-container > svg")
        assert formulas.count() > 0
        assert formulas.first.is_visible()
        assert page.locator(".house-language").is_visible()
        # Folds open by themselves, buttons that would do nothing are not there.
        assert page.locator("article details > summary").count() > 0
        assert not page.locator(".house-mode").is_visible()
    context.close()
