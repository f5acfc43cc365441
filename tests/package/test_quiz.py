"""ask: options in an order that tells nothing, replies, both languages, the same bytes."""

import json
import re
from html import unescape

import numpy
import pytest
import torch

from cbam_teach.language import set_language
from cbam_teach.quiz import ask


def options(question) -> dict[str, str]:
    """Return what stands in the list: option -> what the page replies to it."""
    items = re.findall(r'<li data-reply="([^"]*)">(.*?)</li>', question.html)
    return {unescape(re.sub("<.*?>", "", text)): unescape(reply) for reply, text in items}


def right(question) -> list[str]:
    return [text for text, reply in options(question).items() if reply.startswith("✓")]


def typed(question) -> dict:
    found = re.search(r'data-typed="([^"]*)"', question.html)
    return json.loads(unescape(found[1]))


def fold(question) -> str:
    found = re.search(r"</summary>(.*?)</details>", question.html, re.DOTALL)
    return unescape(re.sub(r"</?\w+>", " ", found[1])).strip()


def test_one_option_is_right_and_the_order_does_not_tell_which():
    shape = torch.rand(4, 64, 1, 1).shape
    asked = ask(shape, (4, 64), (64,), (4, 1, 32, 32))
    assert list(options(asked)) == ["(4, 1, 32, 32)", "(4, 64)", "(4, 64, 1, 1)", "(64,)"]
    assert right(asked) == ["(4, 64, 1, 1)"]
    assert ask((4, 64), shape, (64,), (4, 1, 32, 32)).text == asked.text
    assert right(ask((4, 64), shape, (64,))) == ["(4, 64)"]
    assert fold(asked) == "(4, 64, 1, 1)"


@pytest.mark.parametrize(
    ("values", "order"),
    [
        ((9, 10, 0.5), ["0.5", "9", "10"]),
        ((True,), ["yes", "no"]),
        ((False,), ["yes", "no"]),
        (("none", "error", "+"), ["+", "error", "none"]),
        (("error", (64,), 3), ["3", "error", "(64,)"]),
        (((2, 3), (2,), (10, 1)), ["(2,)", "(2, 3)", "(10, 1)"]),
    ],
)
def test_order(values, order):
    for turn in range(len(values)):
        asked = ask(*values[turn:], *values[:turn])
        assert list(options(asked)) == order
        assert asked.text == "\n".join(f"( ) {label}" for label in order)
        assert len(right(asked)) == 1


def test_yes_and_no():
    assert right(ask(True)) == ["yes"]
    assert right(ask(False)) == ["no"]
    set_language("tr")
    assert right(ask(torch.tensor(False))) == ["hayır"]


@pytest.mark.parametrize(
    ("value", "english", "turkish"),
    [
        (0.25, "0.25", "0,25"), (1 / 3, "0.333", "0,333"), (torch.tensor(0.5), "0.5", "0,5"),
        (2756, "2,756", "2.756"), (12345.5, "12,345.5", "12.345,5"), (3.0, "3", "3"),
        (-0.0001, "0", "0"), ((0.5, 1.0), "(0.5, 1)", "(0,5; 1)"), (numpy.int64(64), "64", "64"),
        (torch.Size([1, 64]), "(1, 64)", "(1, 64)"), ((), "()", "()"), ("a < b", "a < b", "a < b"),
    ],
)  # fmt: skip
def test_each_language_writes_a_value_its_own_way(value, english, turkish):
    for language, wanted in (("en", english), ("tr", turkish)):
        set_language(language)
        assert wanted in options(ask(value, "?"))
        assert wanted in fold(ask(value))


def test_reasons_are_told_for_wrong_values_and_for_the_right_one():
    reasons = {(4, 64): "plots.row", (4, 64, 1, 1): "plots.column"}
    asked = ask((4, 64, 1, 1), (4, 64), (64,), because=reasons)
    assert options(asked) == {
        "(4, 64)": "✗ Not yet: your answer is (4, 64). row (H)",
        "(4, 64, 1, 1)": "✓ Correct. column (W)",
        "(64,)": "✗ Not yet: your answer is (64,). Think your prediction through again.",
    }
    assert fold(asked).split() == ["(4,", "64,", "1,", "1)", "column", "(W)"]
    set_language("tr")
    assert options(ask(2.5, 0.5, because={0.5: "plots.row"})) == {
        "0,5": "✗ Henüz değil: yanıtın 0,5. satır (H)",
        "2,5": "✓ Doğru.",
    }


def test_what_is_typed_is_replied_to_with_the_words_of_grade():
    asked = typed(ask(0.25, because={0.5: "plots.row", 0.25: "plots.column"}))
    assert asked["kind"] == "number"
    assert (asked["value"], asked["tolerance"], asked["whole"]) == (0.25, 0.001, False)
    assert asked["right"] == "✓ Correct. column (W)"
    assert asked["because"] == [[0.5, "✗ Not yet: your answer is {answer}. row (H)"]]
    assert asked["wrong"].startswith("✗ Not yet: your answer is {answer}.")
    assert asked["other"]["text"].endswith("is a text; expected was a number.")
    shape = typed(ask(torch.rand(1, 64).shape))
    assert (shape["kind"], shape["value"], shape["whole"]) == ("list", [1, 64], True)
    assert typed(ask(0.5, digits=1))["tolerance"] == 0.1
    assert typed(ask(0.5, tolerance=0.02))["tolerance"] == 0.02


def test_small_differences_between_machines_do_not_show():
    one, other = ask(0.731059, 1 / 3).html, ask(0.7310592, 0.33333329).html
    assert one == other
    assert ask(0.1234, 0.1239, digits=4).html != ask(0.1235, 0.1239, digits=4).html
    assert right(ask(12.25, 12.26)) == ["12.25"]  # close, and only one of them is right


def test_nothing_a_screen_reader_says_gives_the_answer_away():
    html = ask((4, 1), (1, 4)).html
    said = re.sub(r' data-[a-z]+="[^"]*"', "", html).partition("<details>")[0]
    assert re.findall(r"\b(?:id|class|title|aria-\w+|value|checked)=\"?[^\s>]*", said) == [
        'class="cbam-quiz"'
    ]
    assert "✓" not in said


def test_a_word_is_quoted_in_the_reply():
    asked = ask("error", "right")
    assert options(asked)["right"].startswith("✗ Not yet: your answer is “right”.")
    assert "“{answer}”" in typed(ask("error"))["wrong"]


def test_markup_in_words_stays_words():
    html = ask('<b>"&', "a'b").html
    assert "<b>" not in html
    assert right(ask('<b>"&', "a'b")) == ['<b>"&']


@pytest.mark.parametrize(
    ("values", "error", "said"),
    [
        ((3, 3), ValueError, "must read differently"), ((0.5, 0.50001), ValueError, "differently"),
        ((3, 3.0), ValueError, "differently"), ((True, True), ValueError, "differently"),
        ((None,), TypeError, "known kind"), (({1, 2},), TypeError, "known kind"),
        ((((1, 2), 3),), TypeError, "numbers only"), ((("a", "b"),), TypeError, "numbers only"),
        ((3, print), TypeError, "known kind"), ((float("nan"),), ValueError, "finite"),
        (((1.0, float("inf")),), ValueError, "finite"), ((1 + 2j,), TypeError, "known kind"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_refused(values, error, said):
    with pytest.raises(error, match=said):
        ask(*values)


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"digits": -1}, ValueError), ({"digits": 1.5}, TypeError), ({"tolerance": -1}, ValueError),
        ({"tolerance": "x"}, TypeError), ({"because": {2: "no.such.key"}}, ValueError),
    ],
)  # fmt: skip
def test_wrong_options_are_refused(given, error):
    with pytest.raises(error):
        ask(1, 2, **given)
