"""Live figures by keyboard and by ear: all is reached, works, has a name, and says what changed."""

from __future__ import annotations

import re

import pytest
from browser import LANGUAGES
from live_page import FIGURE, LIVE, SETTINGS, every_page, figure, numbers, opened

# Everything in a figure that can be reached; of radio buttons with one name only one can.
REACHABLE = """(figure) => {
  const all = "a[href], button, input, select, textarea, [tabindex]";
  const found = [...figure.querySelectorAll(all)].filter((e) =>
    e.checkVisibility() && !e.disabled && e.tabIndex >= 0);
  const name = (e) => (e.type === "radio" ? e.name : "");
  return found.filter((e) => !name(e) || e.checked).map((e, i) => (e.dataset.stop = String(i)));
}"""
FOCUSED = """() => {
  const e = document.activeElement;
  const shown = e.closest(".cbam-live-option, .cbam-live-button") ?? e;
  const { outlineStyle, outlineWidth } = getComputedStyle(shown);
  return [e.dataset.stop ?? null, outlineStyle, parseFloat(outlineWidth)];
}"""
ROLES = {"range": "slider", "choice": "group", "flag": "checkbox"}


def test_everything_is_reached_by_tab_and_shows_it(page, address, own, live):
    for found in every_page(page, address, live, "tr", own):
        for place in found:
            wanted = set(place.evaluate(REACHABLE))
            place.evaluate("""(e) => {
              e.tabIndex = -1;
              e.focus();
              e.removeAttribute("tabindex");
            }""")
            met: list[str] = []
            while True:
                page.keyboard.press("Tab")
                stop, style, width = page.evaluate(FOCUSED)
                inside = place.evaluate("(e) => e.contains(document.activeElement)")
                if not inside:
                    break
                assert stop is None or (style != "none" and width >= 2), (page.url, stop)
                met += [stop] if stop else []
                assert len(met) <= len(wanted)
            assert met == sorted(wanted, key=int), page.url
            place.evaluate("(e) => e.querySelectorAll('[data-stop]').forEach((s) =>"
                           " delete s.dataset.stop)")  # fmt: skip


def press(page, *keys: str) -> list[float]:
    for key in keys:
        page.keyboard.press(key)
    page.evaluate(f"{LIVE}.settled()")
    return page.evaluate(SETTINGS)


def test_every_control_works_by_keyboard(page, own):
    opened(page, own, "en")
    controls = page.get_by_role("group", name="Settings")
    slider = controls.get_by_role("slider").first
    slider.focus()
    assert press(page, "ArrowRight", "ArrowRight")[0] > 1
    assert press(page, "Home")[0] == pytest.approx(0.1)
    controls.get_by_role("radio", name="sigmoid", exact=True).focus()
    assert press(page, "ArrowDown")[1] == 1
    controls.get_by_role("combobox").focus()
    assert press(page, "ArrowDown")[2] == 1
    controls.get_by_role("checkbox").focus()
    assert press(page, "Space")[3] == 1
    controls.get_by_role("button", name="Back to the start").focus()
    assert press(page, "Enter") == [1, 0, 0, 0]
    before = numbers(page)
    page.locator(f"{FIGURE} .cbam-live-pictures input[type=radio]").first.focus()
    press(page, "ArrowDown")
    assert abs(numbers(page) - before).max() > 0.1
    page.get_by_role("group", name="Beside it").get_by_role("radio", name="none").focus()
    press(page, "ArrowDown")
    assert page.locator(f"{FIGURE} .cbam-live-side").count() == 2
    page.get_by_role("group", name="Module").get_by_role("radio", name="cbam").focus()
    press(page, "ArrowDown")
    assert page.get_by_role("radio", name="fused").first.is_checked()


def test_the_handle_goes_where_the_arrow_keys_say(page, own):
    opened(page, own, "en")
    handle = page.locator(f"{FIGURE} .cbam-live-handle")
    sliders = page.get_by_role("slider")
    handle.focus()
    press(page, "ArrowRight", "ArrowDown", "ArrowDown", "Shift+ArrowLeft")
    assert [sliders.nth(n).get_attribute("aria-valuetext") for n in (1, 2)] == ["10", "11"]
    for word in ("10", "11", "row", "column"):
        assert word in handle.get_attribute("aria-label")
    press(page, *["ArrowUp"] * 12)
    assert sliders.nth(1).get_attribute("aria-valuetext") == "0"


@pytest.mark.parametrize("language", LANGUAGES)
def test_controls_have_names_and_values(page, own, language):
    opened(page, own, language)
    for control in figure(language).spec["controls"]:
        if control["kind"] == "drag":
            assert page.get_by_role("button", name=control["label"]).count() == 1
            continue
        listed = len(control.get("options", ())) > 4
        role = "combobox" if listed else ROLES[control["kind"]]
        found = page.get_by_role(role, name=control["label"], exact=True)
        assert found.count() == 1, control["label"]
        if control["kind"] == "range":
            shown = found.locator("xpath=..").locator(".cbam-live-value").inner_text()
            assert found.get_attribute("aria-valuetext") == shown
    tree = page.locator(f"{FIGURE} .cbam-live").aria_snapshot()
    assert "img" in tree
    assert re.search(r'img "[^"]*(ortalama|mean) [\d.,]+', tree)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_change_is_said_once_it_has_settled(page, own, language):
    opened(page, own, language)
    status = page.get_by_role("status")
    assert status.get_attribute("aria-live") == "polite"
    page.get_by_role("slider").first.focus()
    press(page, *["ArrowRight"] * 5)
    assert status.inner_text() == ""
    value = page.get_by_role("slider").first.get_attribute("aria-valuetext")
    page.wait_for_function(f"document.querySelector('{FIGURE} [role=status]').textContent")
    assert value in status.text_content()
    assert {"tr": "ortalama", "en": "mean"}[language] in status.text_content()
    page.locator(f"{FIGURE} .cbam-live-reading").nth(1).focus()
    press(page, "ArrowRight", "ArrowRight")
    said = {"tr": "satır 16, sütun 17", "en": "row 16, column 17"}[language]
    page.wait_for_function(
        f"document.querySelector('{FIGURE} [role=status]').textContent.startsWith('{said}')"
    )
