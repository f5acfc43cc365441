"""What a reader set, as a link that brings it back and as the Python call that makes it."""

from __future__ import annotations

import ast
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from browser import LANGUAGES
from live_page import CONTROLS, FIGURE, LABEL, LIVE, SETTINGS, SIZE, numbers, opened
from living import until

LINK = {"tr": "Bağlantıyı kopyala", "en": "Copy a link"}
CALL = {"tr": "Python çağrısını kopyala", "en": "Copy as a Python call"}
OUTPUTS = "(all) => Object.fromEntries(Object.entries(all).map(([n, v]) => [n, [...v]]))"
HOSTILE = [
    "temperature:1e9,row:-4,column:4000", "temperature:NaN,row:Infinity,column:", "picture:999999",
    "picture:-1,variant:toString,against:__proto__", "gate:constructor,rung:7,by_hand:7",
    "__proto__:1,constructor:2,place:3", "variant:cbam,against:cbam", ",,,:::,", "row:0x10",
    "temperature:%3Cimg src=x onerror=document.title='hit'%3E", "temperature:1e-320,by_hand:0.5",
    "gate:-1,rung:1.5", "%E0%A4%A", "row:" + "9" * 4000,
]  # fmt: skip


@pytest.fixture
def page(browser):
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="tr-TR")
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    yield context.new_page()
    context.close()


def copied(page, name: str) -> str:
    page.get_by_role("button", name=name).click()
    page.wait_for_function(f"document.querySelector('{FIGURE}').innerText.includes('✓')")
    return page.evaluate("navigator.clipboard.readText()")


def set_much(page) -> None:
    """Something of every kind, otherwise than at the start."""
    page.locator(f"{FIGURE} input[type=range]").first.fill("140")
    page.get_by_role("radio", name="hardsigmoid").check()
    page.locator(f"{FIGURE} .cbam-live-controls select").select_option("mixed")
    page.get_by_role("checkbox").check()
    page.locator(f"{FIGURE} .cbam-live-pictures input[type=radio]").nth(1).check()
    beside = page.locator(f"{FIGURE} fieldset", has=page.locator("input:disabled")).last
    beside.get_by_role("radio", name="fused").check()
    page.evaluate(f"{LIVE}.settled()")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_link_brings_everything_back(page, own, language):
    opened(page, own, language)
    start = numbers(page, SETTINGS)
    set_much(page)
    there = numbers(page, SETTINGS), numbers(page)
    assert (there[0] != start).all()
    link = copied(page, LINK[language])
    assert urlsplit(link).fragment == LABEL
    fresh = page.context.new_page()
    fresh.goto(link)
    until(fresh, LABEL)
    fresh.evaluate(f"{LIVE}.settled()")
    assert np.array_equal(numbers(fresh, SETTINGS), there[0])
    assert np.array_equal(numbers(fresh), there[1])
    assert fresh.locator(f"{FIGURE} .cbam-live-side").count() == 2
    assert copied(fresh, LINK[language]) == link


def test_a_link_says_the_same_in_both_languages(page, own):
    links = set()
    for language in LANGUAGES:
        opened(page, own, language)
        set_much(page)
        links.add(str(parse_qs(urlsplit(copied(page, LINK[language])).query)))
    assert len(links) == 1


def in_range(settings: list[float]) -> bool:
    temperature, gate, rung, by_hand = settings
    fits = 0.0999 <= temperature <= 10.001 and gate in (0, 1) and by_hand in (0, 1)
    return fits and rung in range(len(CONTROLS["rung"].options))


@pytest.mark.parametrize("text", HOSTILE)
def test_a_link_from_anyone_sets_only_what_can_be_set(page, own, text):
    opened(page, own, "en", f"?{LABEL}={text}")
    assert in_range(page.evaluate(SETTINGS))
    for slider in page.get_by_role("slider").all():
        assert slider.get_attribute("aria-valuetext") not in (None, "", "NaN")
    assert page.title() == "F"
    page.get_by_role("button", name="Back to the start").click()
    page.evaluate(f"{LIVE}.settled()")
    assert page.evaluate(SETTINGS) == [1, 0, 0, 0]


def test_numbers_of_a_link_are_brought_within_their_ends(page, own):
    opened(page, own, "en", f"?{LABEL}={HOSTILE[0]},picture:12")
    said = [s.get_attribute("aria-valuetext") for s in page.get_by_role("slider").all()]
    assert said == ["10.00", "0", str(SIZE - 1)]
    last = page.locator(f"{FIGURE} .cbam-live-pictures input[type=radio]").nth(1)
    assert last.is_checked()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_python_call_says_what_is_set(page, own, language):
    opened(page, own, language)
    assert copied(page, CALL[language]) == 'laboratory("cbam")'
    set_much(page)
    call = ast.parse(copied(page, CALL[language]), mode="eval").body
    assert isinstance(call, ast.Call)
    assert [ast.literal_eval(each) for each in call.args] == ["cbam"]
    words = {word.arg: ast.literal_eval(word.value) for word in call.keywords}
    temperature = words.pop("temperature")
    assert temperature == pytest.approx(numbers(page, SETTINGS)[0])
    assert words == {
        "against": "fused", "picture": 1, "gate": "hardsigmoid", "rung": "mixed", "by_hand": True,
    }  # fmt: skip


def test_where_nothing_can_be_copied_the_text_stands_to_be_copied(page, own):
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    opened(page, own, "en")
    page.get_by_role("button", name=CALL["en"]).click()
    field = page.get_by_role("textbox", name="Text to copy")
    assert field.input_value() == 'laboratory("cbam")'
    assert field.evaluate("(e) => e === document.activeElement && e.selectionEnd > 0")


def test_python_makes_of_the_call_what_the_page_shows(page, address, live, monkeypatch):
    """The laboratory: its call, run, computes the page's masks."""
    from cbam_teach.laboratory import laboratory

    monkeypatch.setattr("cbam_teach.live.figure.can_export", lambda: False)
    (label,) = live["laboratory.html"]
    page.goto(f"{address}/en/laboratory.html")
    until(page, label)
    figure = page.locator(f"figure[id='{label}']")
    figure.locator("select").first.select_option("mixed")
    figure.get_by_role("slider").first.fill("30")
    figure.get_by_role("slider", name="mix").press("PageUp")
    figure.get_by_role("radio", name="sigmoid", exact=True).first.check()
    figure.locator(".cbam-live-pictures input[type=radio]").nth(2).check()
    here = "(e) => e.querySelector('.house-live').cbamLive"
    figure.evaluate(f"async (e) => {{ await ({here})(e).settled(); }}")
    figure.get_by_role("button", name=CALL["en"]).click()
    call = page.evaluate("navigator.clipboard.readText()")
    made = eval(call, {"laboratory": laboratory})
    values = made.compute()
    shown = figure.evaluate(f"(e) => ({OUTPUTS})(({here})(e).values)")
    assert set(shown) == set(values)
    for name, each in values.items():
        assert np.abs(each.flatten().numpy() - shown[name]).max() <= 1e-5, name
    words = {word.arg for word in ast.parse(call, mode="eval").body.keywords}
    assert words == {"picture", "mix", "spatial_temperature", "spatial_gate"}
