"""Live figures for everyone: on a phone, in the dark, without motion, in one's language."""

from __future__ import annotations

import re
from functools import cache

import pytest
from browser import LANGUAGES, violations
from live_page import FIGURE, LABEL, every_page, opened
from living import until

COLOURS = ("color-contrast", "link-in-text-block")
FOUND = violations("figure[data-live]")
# Colours are a theme's, the same at every width.
FOUND_ON_A_DESK = violations("figure[data-live]", without=COLOURS)
# What a change of colours can change.
FOUND_IN_THE_DARK = violations("figure[data-live]", *COLOURS)
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


def in_the_dark(page) -> list:
    """What axe says of the colours in the dark theme; the page is light before and after."""
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    wrong = page.evaluate(FOUND_IN_THE_DARK)
    page.evaluate("document.documentElement.dataset.theme = 'light'")
    return wrong


def looked_at(page, places: list, asked: str) -> dict[str, list]:
    """What is seen of a page's figures at the present width; what axe says, asked by a script."""
    return {
        "wrong": page.evaluate(asked),
        "small": [target for place in places for target in place.evaluate(SMALL)],
        "sticks out": [e for place in places for e in place.evaluate(STICKS_OUT)],
        "width": page.evaluate("document.documentElement.scrollWidth"),
    }


@pytest.fixture(scope="module")
def walk(browser, address, own, live, axe):
    """Goes once through an edition's pages with figures; what it saw on a phone and on a desk."""

    @cache
    def seen(language: str) -> dict[str, dict]:
        context = browser.new_context(viewport={"width": 360, "height": 740})
        page = context.new_page()
        found = {}
        for places in every_page(page, address, live, language, own):
            page.evaluate(axe)
            said = [text for place in places for text in place.evaluate(SAID)]
            for place in places:
                for button in place.get_by_role("button", name=re.compile("^(Çiz|Draw)$")).all():
                    button.click()
            phone = looked_at(page, places, FOUND)
            if language == "tr":  # the colours are the same in both editions
                phone["wrong"] += in_the_dark(page)
            page.set_viewport_size({"width": 1280, "height": 800})
            desk = looked_at(page, places, FOUND_ON_A_DESK)
            found[page.url.rpartition("/")[2]] = {"phone": phone, "desk": desk, "said": said}
            page.set_viewport_size({"width": 360, "height": 740})
        context.close()
        return found

    return seen


@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing(walk, language):
    seen = walk(language)
    wrong = {name: [page[at]["wrong"] for at in ("phone", "desk")] for name, page in seen.items()}
    assert {name: found for name, found in wrong.items() if any(found)} == {}
    assert len(seen) > 20


def test_axe_finds_a_planted_fault(page, own, axe):
    opened(page, own)
    page.evaluate(f"document.querySelector('{FIGURE} input').removeAttribute('id')")
    page.evaluate(f"document.querySelector('{FIGURE} select').removeAttribute('id')")
    page.evaluate(axe)
    assert "select-name" in {rule for rule, _ in page.evaluate(FOUND)}


def test_axe_finds_a_planted_colour_in_the_dark(page, own, axe):
    opened(page, own)
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    page.evaluate(axe)
    assert page.evaluate(FOUND_IN_THE_DARK) == []
    page.add_style_tag(content="figure * { color: #222 !important }")
    assert {rule for rule, _ in page.evaluate(FOUND_IN_THE_DARK)} == {"color-contrast"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_phone_has_room_for_figure_and_finger(walk, language):
    for name, page in walk(language).items():
        phone = page["phone"]
        assert (phone["small"], phone["sticks out"]) == ([], []), name
        assert phone["width"] <= 360, name


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


def test_a_turkish_figure_says_nothing_in_english(walk):
    """What is said in both languages is a name or a word of code."""
    turkish, english = walk("tr"), walk("en")
    shared = [name for name in turkish if name in english]  # all but the page made for tests
    assert len(shared) >= len(turkish) - 1
    for name in shared:
        both = words(turkish[name]["said"]) & words(english[name]["said"])
        assert len(words(turkish[name]["said"])) > 5
        assert both <= SHARED, name
