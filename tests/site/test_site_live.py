"""Live figures in the page: they come to life when reached; where they cannot, a picture stays."""

from __future__ import annotations

import re

import pytest
from browser import LANGUAGES
from living import AT, SHOWN, reach, until

GARBAGE = re.compile(r'("models\.\d+":")[^"]{40}')
FAR = "<style>figure[data-live] { margin-top: 400vh; }</style></head>"
DRAWN = "(label) => document.getElementById(label).firstElementChild.cbamLive.timings.length"
NO_FILES = ("dosyaları yüklenemedi", "could not be loaded")
# What a page may lack: its address, how the figure then stands, what is said in both languages.
BLOCKED = {
    "the front end": ("**/engine/live.js", "note", NO_FILES),
    "the payload": ("**/_live/*.js*", "note", NO_FILES),
    "the runtime": ("**/engine/ort.wasm.min.js", "still", ("hesabı yapan", "the engine that")),
    "the wasm": ("**/engine/*.wasm", "still", ("durağan", "still figure")),
}


@pytest.fixture
def one(live: dict[str, list[str]]) -> tuple[str, list[str]]:
    """The page with the most live figures, and their labels."""
    return max(live.items(), key=lambda found: len(found[1]))


def lives_on(page) -> None:
    """The rest of the page answers."""
    menu = page.locator(".house-menu").first
    menu.locator("summary").click()
    assert menu.locator("ul").is_visible()


def test_a_setting_is_computed_in_the_page(page, address: str, one):
    name, labels = one
    page.goto(f"{address}/tr/{name}")
    until(page, labels[0])
    slider = page.locator(f"{AT.format(labels[0])} .house-live input[type=range]").first
    before = page.evaluate(DRAWN, labels[0])
    slider.focus()
    page.keyboard.press("ArrowRight")
    later = f"([label, before]) => ({DRAWN})(label) > before"
    page.wait_for_function(later, arg=[labels[0], before])


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_javascript_the_picture_stands(browser, address: str, live, language: str):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    for name, labels in live.items():
        page.goto(f"{address}/{language}/{name}")
        for label in labels:
            reach(page, label)
            picture = page.locator(f"{AT.format(label)} img")
            assert picture.is_visible()
            assert len(picture.get_attribute("alt")) > 20
            assert page.locator(f"{AT.format(label)} figcaption").is_visible()
    context.close()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("what", BLOCKED)
def test_blocked_files_leave_the_picture(page, address: str, one, language: str, what: str):
    pattern, state, said = BLOCKED[what]
    name, labels = one
    page.route(pattern, lambda route: route.abort())
    page.goto(f"{address}/{language}/{name}")
    for label in labels[:2]:
        seen = until(page, label, state)
        assert (seen["drawn"], seen["picture"]) == (False, True)
        assert said[LANGUAGES.index(language)] in seen["said"]
    lives_on(page)


def test_without_webassembly_the_picture_stands(page, address: str, one):
    name, labels = one
    page.add_init_script("delete globalThis.WebAssembly")
    page.goto(f"{address}/tr/{name}")
    seen = until(page, labels[0], "still")
    assert (seen["drawn"], seen["picture"]) == (False, True)
    assert "WebAssembly" in seen["said"]
    lives_on(page)


def test_a_broken_model_says_so_in_its_place(page, address: str, one):
    """… and only there: the next figure of the page comes to life."""
    name, labels = one
    spoilt, *whole = labels

    def spoil(route) -> None:
        answer = route.fetch()
        text = GARBAGE.sub(lambda found: found[1] + "A" * 40, answer.text())
        assert text != answer.text()
        route.fulfill(response=answer, body=text)

    page.route(f"**/_live/*-{spoilt}.js*", spoil)
    page.goto(f"{address}/en/{name}")
    seen = until(page, spoilt, "still")
    assert (seen["drawn"], seen["picture"]) == (False, True)
    assert len(seen["said"]) > 20
    for label in whole[:1]:
        assert until(page, label)["drawn"]
    lives_on(page)


def test_on_paper_the_picture_stands(page, address: str, one):
    name, labels = one
    page.goto(f"{address}/tr/{name}")
    until(page, labels[0])
    page.emulate_media(media="print")
    seen = page.evaluate(SHOWN, labels[0])
    assert (seen["drawn"], seen["picture"]) == (False, True)
    page.emulate_media(media="screen")
    assert page.evaluate(SHOWN, labels[0])["drawn"]


def test_nothing_is_fetched_before_a_figure_is_near(page, address: str, one):
    name, labels = one

    def move(route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.text().replace("</head>", FAR, 1))

    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.route(f"**/tr/{name}", move)
    page.goto(f"{address}/tr/{name}")
    page.wait_for_load_state("networkidle")
    assert [url for url in asked if "/engine/" in url or "/_live/" in url] == []
    assert page.locator(".house-live").count() == 0
    until(page, labels[0])
    marks = page.evaluate("performance.getEntriesByType('mark').map((mark) => mark.name)")
    assert {f"near {labels[0]}", f"live {labels[0]}"} <= set(marks)


def test_pages_without_live_figures_ask_for_no_host(built, live, names: list[str]):
    for name in names:
        text = (built / "tr" / name).read_text("utf8")
        assert ("host.js" in text) == (name in live), name
