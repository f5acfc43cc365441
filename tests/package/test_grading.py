"""grade: right, wrong, tempting, of another kind, untouched; and it never raises."""

import numpy
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cbam_teach.exercises import grade
from cbam_teach.language import set_language

NESTED = torch.tensor([[1.0, 2.0], [3.0, 4.0]])


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (3, 3), (3.0, 3), (3, 3.0000001), (1e9 + 1, 1e9), (torch.tensor(0.5), 0.5),
        (numpy.float32(0.1), 0.1), (True, True), (numpy.bool_(True), True),
        (torch.tensor(True), True), ("  İçte ", "içte"), ("IŞIK", "ışık"), ("Inside", "inside"),
        ((2, 3), [2, 3]), ([2, 3], torch.Size([2, 3])), (torch.Size([2, 3]), (2, 3)),
        ((1, (2.0, "a")), (1.0, [2, "A"])), ({1, 2}, {2, 1}), ({"a", "B"}, frozenset({"b", "A"})),
        ({"a": 1.0}, {"a": 1}), (NESTED, NESTED.double()), (NESTED.tolist(), NESTED),
        (NESTED.numpy(), NESTED), (float("inf"), float("inf")), (float("nan"), float("nan")),
        (4, lambda a: a % 2 == 0), (NESTED, lambda a: (a > 0).all()),
        (lambda x: x + 1, lambda f: f(2) == 3),
    ],
)  # fmt: skip
def test_right(answer, expected):
    result = grade(answer, expected)
    assert result.passed is True
    assert bool(result)
    assert repr(result) == "✓ Correct."


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (3, 4), (3, 3.001), (10**9 + 1, 10**9), (True, 1), (1, True), (0, False), ("3", 3),
        ((2, 3), (3, 2)), ((2, 3), (2, 3, 1)), ((2, 3), {2, 3}), ({1}, {1, 2}), ((True,), (1,)),
        ({"a": 1}, {"b": 1}), (NESTED, NESTED.T), (NESTED, NESTED[None]), (float("nan"), 1.0),
        (10**400, 1.0), ("inside", "outside"), (5, lambda a: a % 2 == 0), (print, 3), ((), (1,)),
        ((None, 2), (1, 2)), (1 + 2j, 1.0), (b"a", "a"),
    ],
)  # fmt: skip
def test_wrong(answer, expected):
    result = grade(answer, expected)
    assert result.passed is False
    assert repr(result).startswith("✗ Not yet")
    assert "\n" not in repr(result)


@pytest.mark.parametrize("answer", [None, ..., (None, None), [None, [None]], {"a": None}])
def test_untouched(answer):
    assert repr(grade(answer, 3)).startswith("… No answer yet")
    assert repr(grade(answer, lambda a: True)).startswith("… No answer yet")
    set_language("tr")
    result = grade(answer, 3)
    assert repr(result).startswith("… Henüz yanıt yok")
    assert not result.passed


def test_a_tempting_answer_is_told_why():
    result = grade((2, 3), (3, 2), because={(2, 3): "plots.row", 7: "plots.column"})
    assert repr(result) == "✗ Not yet: your answer is (2, 3). row (H)"
    assert not result.passed
    assert grade(7, lambda a: a < 7, because={7: "plots.column"}).message.endswith("column (W)")
    assert grade((3, 2), (3, 2), because={(3, 2): "plots.row"}).passed


def answer(x):
    return x


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        (answer, "answer"), (lambda x: x, "<lambda>"), (len, "len"), (torch.nn.ReLU, "ReLU"),
        (torch.nn.ReLU(), "ReLU"), ([answer], "[<function answer>]"), (object(), "<object object>"),
    ],
)  # fmt: skip
def test_a_wrong_answer_is_shown_without_its_address(given, shown):
    line = repr(grade(given, lambda a: False))
    assert line.startswith(f"✗ Not yet: your answer is {shown}.")
    assert "0x" not in line


def test_another_kind_is_named():
    assert grade("3", 3).message == "✗ Not yet: your answer is a text; expected was a number."
    set_language("tr")
    assert grade(True, 1).message == "✗ Henüz değil: yanıtın True ya da False; beklenen bir sayı."


def test_tolerance_is_what_it_says():
    assert grade(0.31, 0.3, tolerance=0.02)
    assert not grade(0.31, 0.3, tolerance=0.005)
    assert not grade(3, 4, tolerance=2)  # whole numbers are exact


def test_a_predicate_that_raises_is_not_passed_and_its_error_named():
    assert grade(3, lambda a: a.shape).message.endswith("raised an error (AttributeError).")
    assert not grade(torch.ones(2), lambda a: a > 0).passed  # the truth of two values


class Nasty:
    """An answer that refuses everything."""

    def __eq__(self, other):
        raise RuntimeError

    __hash__ = None

    def __repr__(self):
        raise RuntimeError


ANSWERS = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.binary(),
        st.complex_numbers(), st.just(torch.ones(2, 3)), st.just(numpy.array(["a"], object)),
        st.builds(Nasty), st.just(torch.Size([2])), st.just(print), st.just(torch.tensor([])),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.tuples(inner, inner),
        st.dictionaries(st.text(), inner, max_size=2),
    ),
    max_leaves=6,
)  # fmt: skip
EXPECTED = [3, 0.5, True, "a", (2, 3), [1.0], {1, 2}, {"a": 1}, torch.ones(2, 3), len]


@pytest.mark.usefixtures("as_released")
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(answer=ANSWERS, expected=st.sampled_from(EXPECTED))
def test_grade_never_raises_on_what_a_learner_wrote(answer, expected):
    result = grade(answer, expected, because={3: "plots.row", (2, 3): "plots.column"})
    assert isinstance(result.passed, bool)
    assert len(repr(result)) < 200
    assert "\n" not in repr(result)
