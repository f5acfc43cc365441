"""Live figures for everyone: on a phone, in the dark, without motion, in one's language."""

from __future__ import annotations

import re

import pytest
from browser import LANGUAGES, violations
from live_page import FIGURE, LABEL, every_page, opened
from living import until

FOUND = violations("figure[data-live]")
# What a finger has to hit, and what is left of 44 pixels at its smallest.
SMALL = """(figure) => [...figure.querySelectorAll("button, input, select, canvas[tabindex]")]
  .filter((e) => e.checkVisibility()).map((e) => {
    const target = e.closest("label") ?? e;
    const { width, height } = target.getBoundingClientRect();
    return [Math.min(width, height), target.outerHTML.slice(0, 120)];
  }).filter(([size]) => size < 43.9)"""
STICKS_OUT = """(figure) => [...figure.querySelectorAll("*")].filter((e) =>
  e.checkVisibility() && e.getBoundingClientRect().right > innerWidth + 0.5
  && !e.closest(".cbam-live-scroll")).map((e) => e.outerHTML.slice(0, 120))"""
MOVES = """(figure) => [figure, ...figure.querySelectorAll("*")].filter((e) => {
  const { transitionDuration, animationName } = getComputedStyle(e);
  return /[1-9]/.test(transitionDuration) || animationName !== "none";
}).map((e) => e.outerHTML.slice(0, 80)).concat(document.getAnimations().map(String))"""
SAID = """(figure) => {
  const said = [];
  const walk = document.createTreeWalker(figure, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) said.push(node.data);
  const named = ["aria-label", "aria-valuetext", "aria-description", "title", "alt"];
  for (const e of figure.querySelectorAll("*")) said.push(...named.map((n) => e.getAttribute(n)));
  return said.filter(Boolean);
}"""
# Names of code, of a key, of people, and words that both languages have.
SHARED = {
    "escape", "python", "histogram", "logit", "sigmoid", "hardsigmoid", "softmax", "relu", "mix",
    "grace", "hopper", "on", "cbam", "fused", "gated", "mixed", "dynamic", "tempered", "routed",
    "pixel", "coordinate", "shift", "separable", "fusion", "inside", "before", "after", "beside",
    "p₁", "p₂", "α₁", "α₂", "w₁a", "w₂m", "mα", "σwz", "σwσ",
}  # fmt: skip


def words(said: list[str]) -> set[str]:
    """The words of some texts; what stands in brackets after a picture's name is its credit."""
    text = " ".join(re.sub(r"\([^)]*(?:CC BY|U\.S\.)[^)]*\)", "", one) for one in said)
    return {word.casefold() for word in re.findall(r"[^\W\d_]{2}[^\W\d]*", text.replace("_", " "))}


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing(page, address, own, live, axe, language, width):
    page.set_viewport_size({"width": width, "height": 800})
    for found in every_page(page, address, live, language, own):
        page.evaluate(axe)
        for theme in ("light", "dark"):
            page.evaluate(f"document.documentElement.dataset.theme = {theme!r}")
            for place in found:
                for button in place.get_by_role("button", name=re.compile("^(Çiz|Draw)$")).all():
                    button.click()
            assert page.evaluate(FOUND) == [], (page.url, theme)


def test_axe_finds_a_planted_fault(page, own, axe):
    opened(page, own)
    page.evaluate(f"document.querySelector('{FIGURE} input').removeAttribute('id')")
    page.evaluate(f"document.querySelector('{FIGURE} select').removeAttribute('id')")
    page.evaluate(axe)
    assert "select-name" in {rule for rule, _ in page.evaluate(FOUND)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_phone_has_room_for_figure_and_finger(page, address, own, live, language):
    page.set_viewport_size({"width": 360, "height": 740})
    for found in every_page(page, address, live, language, own):
        for place in found:
            for button in place.get_by_role("button", name=re.compile("^(Çiz|Draw)$")).all():
                button.click()
            assert place.evaluate(SMALL) == [], page.url
            assert place.evaluate(STICKS_OUT) == [], page.url
        assert page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.parametrize("name", ["laboratory.html", None])
def test_on_a_phone_controls_and_maps_are_seen_together(page, address, own, live, name):
    """However many controls there are: they scroll in a box, and the first map stands below."""
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(f"{address}/tr/{name}" if name else f"{own}/tr.html")
    label = live[name][0] if name else LABEL
    until(page, label)
    controls = page.locator(f"figure[id='{label}'] .cbam-live-controls")
    controls.evaluate("(e) => scrollTo(0, e.getBoundingClientRect().top + scrollY - 80)")
    controls.get_by_role("slider").last.focus()
    slider = controls.get_by_role("slider").last.bounding_box()
    canvas = page.locator(f"figure[id='{label}'] .cbam-live-stage canvas").first.bounding_box()
    assert 0 <= slider["y"] <= canvas["y"]
    assert canvas["y"] + canvas["height"] <= 740


def test_nothing_moves_for_who_wants_no_motion(browser, address, own, live):
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    for found in every_page(page, address, live, "tr", own):
        for place in found:
            for slider in place.get_by_role("slider").all()[:1]:
                slider.press("ArrowRight")
            assert place.evaluate(MOVES) == [], page.url
    context.close()


def test_a_turkish_figure_says_nothing_in_english(page, address, live):
    """What is said in both languages is a name or a word of code."""
    said = {
        language: [
            {word for place in found for word in words(place.evaluate(SAID))}
            for found in every_page(page, address, live, language)
        ]
        for language in LANGUAGES
    }
    for turkish, english in zip(said["tr"], said["en"], strict=True):
        assert len(turkish) > 5
        assert turkish & english <= SHARED
