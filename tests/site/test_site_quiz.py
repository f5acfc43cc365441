"""Questions in a page: chosen, typed, by keyboard, with and without a script."""

from __future__ import annotations

import pytest
from browser import LANGUAGES, ROOT, violations

from cbam_teach.equal import same
from cbam_teach.language import speaking
from cbam_teach.quiz import ask

STATIC = ROOT / "book" / "theme" / "static"
THEME = ":root { --pst-color-link: blue; --pst-color-text-muted: grey }"  # as the theme has them
REASONS = {(4, 64): "plots.row"}


def shape():
    return ask((4, 64, 1, 1), (4, 64), (64,), because=REASONS)


def opened(page, language: str, *makers, script: bool = True, theme: str = "light"):
    """A page that holds a paragraph and a cell for each question."""
    with speaking(language):
        cells = [f"<p>What is it?</p><div class='cell'>{make().html}</div>" for make in makers]
    page.set_content(
        f"<!doctype html><html lang={language} data-theme={theme}><title>t</title><main>"
        + "".join(cells)
    )
    page.add_style_tag(content=THEME)
    page.add_style_tag(path=STATIC / "house.css")
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    if script:
        page.add_script_tag(path=STATIC / "quiz.js")
    return page


@pytest.mark.parametrize("language", LANGUAGES)
def test_choosing_answers_at_once(page, language):
    opened(page, language, shape)
    reply = page.get_by_role("status")
    assert reply.inner_text() == ""
    page.get_by_role("radio", name="(4, 64)", exact=True).check()
    assert (
        reply.inner_text()
        == {
            "tr": "✗ Henüz değil: yanıtın (4, 64). satır (H)",
            "en": "✗ Not yet: your answer is (4, 64). row (H)",
        }[language]
    )
    page.get_by_text("(4, 64, 1, 1)").click()
    assert reply.inner_text() == {"tr": "✓ Doğru.", "en": "✓ Correct."}[language]
    assert page.locator("details").count() == 0


def test_several_questions_stay_apart(page):
    opened(page, "en", shape, shape, lambda: ask(0.5))
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map((e) => e.id)")
    assert len(ids) == len(set(ids))
    first, second, third = (page.locator(".cbam-quiz").nth(n) for n in range(3))
    first.get_by_role("radio").first.check()
    second.get_by_role("radio").last.check()
    assert first.get_by_role("radio").first.is_checked()
    assert second.get_by_role("status").inner_text().startswith("✗")
    assert third.get_by_role("status").inner_text() == ""
    group = page.get_by_role("group", name="Choose your answer")
    asks = group.first.get_attribute("aria-describedby")
    assert page.locator(f"#{asks}").inner_text() == "What is it?"


def test_the_keyboard_is_enough(page):
    opened(page, "en", shape, lambda: ask(0.5))
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert page.get_by_role("status").first.inner_text().startswith("✗")
    page.keyboard.press("ArrowDown")
    assert page.get_by_role("status").first.inner_text() == "✓ Correct."
    outline = "getComputedStyle(document.activeElement.closest('label')).outlineStyle"
    assert page.evaluate(outline) == "solid"
    page.keyboard.press("Tab")
    page.keyboard.type("1/2")
    page.keyboard.press("Enter")
    assert page.get_by_role("status").last.inner_text() == "✓ Correct."
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


@pytest.mark.parametrize("width", [360, 1280])
def test_targets_are_large_and_nothing_sticks_out(page, width):
    page.set_viewport_size({"width": width, "height": 800})
    opened(page, "tr", shape, lambda: ask(0.5))
    targets = ".cbam-quiz :is(label:has(input), button, [type=text], summary)"
    for target in page.locator(targets).all():
        box = target.bounding_box()
        assert box["height"] >= 44
        assert box["width"] >= 44
    assert page.evaluate("document.documentElement.scrollWidth") <= width


TYPED = [
    (0.25, "0.25", 0.25), (0.25, "0,25", 0.25), (0.25, " 1/4 ", 0.25), (0.25, ".25", 0.25),
    (0.25, "0.2509", 0.2509), (0.25, "0.252", 0.252), (0.25, "-0.25", -0.25), (0.25, "a", "a"),
    (0.25, "2.5e-1", 0.25), (0.25, "(0.25, 1)", (0.25, 1)), (0.25, "1/0", "1/0"),
    (64, "64", 64), (64, "64.0", 64.0), (64, "65", 65), (64, "64.5", 64.5), (64, "+64", 64),
    (1000, "1001", 1001), (1000, "1000.4", 1000.4), (-3.0, "−3", -3),
    ((1, 64, 1, 1), "1,64,1,1", (1, 64, 1, 1)), ((1, 64, 1, 1), "(1, 64, 1, 1)", (1, 64, 1, 1)),
    ((1, 64, 1, 1), "1 64 1 1", (1, 64, 1, 1)), ((1, 64, 1, 1), "1×64×1×1", (1, 64, 1, 1)),
    ((1, 64, 1, 1), "torch.Size([1, 64, 1, 1])", (1, 64, 1, 1)), ((1, 64), "(1, 65)", (1, 65)),
    ((1, 64), "(64, 1)", (64, 1)), ((1, 64), "(1, 64, 1)", (1, 64, 1)), ((1, 64), "x", "x"),
    ((64,), "(64,)", (64,)), ((64,), "[64]", (64,)), ((0.5, 1.0), "0,5; 1", (0.5, 1)),
    ("Işık", "  ışik ", "  ışik "), ("before", "BEFORE", "BEFORE"), ("a", "b", "b"),
]  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_compares_as_python_does(page, language):
    for answer, text, value in TYPED:
        opened(page, language, lambda answer=answer: ask(answer))
        page.get_by_role("textbox").fill(text)
        page.get_by_role("button").click()
        reply = page.get_by_role("status").inner_text()
        tolerance = 1e-6 if answer in (64, 1000) else 0.001
        assert reply.startswith("✓") == same(value, answer, tolerance), (answer, text, reply)
        assert reply.startswith(("✓", "✗"))


@pytest.mark.parametrize(
    ("language", "text", "right"),
    [("tr", "2.756", True), ("en", "2,756", True), ("tr", "2756", True), ("tr", "2,756", False)],
)
def test_thousands_are_grouped_as_the_language_does(page, language, text, right):
    opened(page, language, lambda: ask(2756))
    page.get_by_role("textbox").fill(text)
    page.keyboard.press("Enter")
    assert page.get_by_role("status").inner_text().startswith("✓") == right


def test_what_was_typed_is_told_what_is_wrong_with_it(page):
    opened(page, "en", lambda: ask((4, 64, 1, 1), because=REASONS))
    reply = page.get_by_role("status")
    for text, said in {
        "": "… No answer yet: write one first.",
        "4, 64": "✗ Not yet: your answer is 4, 64. row (H)",
        "$& word": "✗ Not yet: your answer is a text; expected was a sequence of values.",
        "(4, 1)": "✗ Not yet: your answer is (4, 1). Think your prediction through again.",
    }.items():
        page.get_by_role("textbox").fill(text)
        page.get_by_role("button", name="Check").click()
        assert reply.inner_text() == said


def test_without_a_script_the_options_stand_and_the_answer_is_folded(page):
    opened(page, "tr", shape, script=False)
    assert page.locator("li").all_inner_texts() == ["(4, 64)", "(4, 64, 1, 1)", "(64,)"]
    assert not page.locator("details p").first.is_visible()
    page.get_by_text("Yanıt", exact=True).click()
    assert page.locator("details p").first.inner_text() == "(4, 64, 1, 1)"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_right_and_wrong_differ_in_more_than_colour(page, theme):
    opened(page, "en", shape, theme=theme)
    looks = []
    for option in ("(4, 64)", "(4, 64, 1, 1)"):
        page.get_by_role("radio", name=option, exact=True).check()
        style = "(e) => [e.textContent[0], getComputedStyle(e).color]"
        looks.append(page.get_by_role("status").evaluate(style))
    assert [sign for sign, _ in looks] == ["✗", "✓"]
    assert looks[0][1] != looks[1][1]


WRITTEN = violations(".text_html")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_cell_writes_can_be_read(browser, address, axe, language, scheme):
    context = browser.new_context(color_scheme=scheme)
    page = context.new_page()
    for name, questions in {"02_masks": 3, "06_pattern_1": 3, "08b_doctor": 2}.items():
        page.goto(f"{address}/{language}/{name}.html")
        assert page.locator(".text_html .cbam-quiz form").count() >= questions
        page.evaluate(axe)
        assert page.evaluate(WRITTEN) == [], name
    context.close()
