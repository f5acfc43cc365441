"""The answer to an exercise, graded in one line of the reader's language."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cbam_teach.checks import named
from cbam_teach.equal import kind, same, unanswered
from cbam_teach.language import say

ADDRESS = re.compile(r" at 0x[0-9A-Fa-f]+")


@dataclass(frozen=True)
class Grade:
    """Whether an answer passed, and the line that a notebook shows for it."""

    passed: bool
    message: str

    def __repr__(self) -> str:
        return self.message

    def __bool__(self) -> bool:
        return self.passed


def grade(
    answer: object,
    expected: Any,
    *,
    tolerance: float = 1e-6,
    because: Mapping[Any, str] | None = None,
    shown: str | None = None,
) -> Grade:
    """Grade a learner's answer; never raises on what the learner wrote.

    Args:
        answer: what the learner wrote; None, or a collection of None, is no answer yet.
        expected: the value sought (number, bool, text, tuple, list, set, dict, tensor), or
            a predicate that is called with the answer and returns whether it passes.
            Numbers may differ by ``tolerance``, whole numbers not at all; a tuple, a list
            and a `torch.Size` of the same values are equal; text is compared without regard
            to case and outer blanks; True is not 1.
        tolerance: how far two real numbers may be apart, absolutely or relatively.
        because: for tempting wrong values, the key of ``words.toml`` that says what is
            wrong with each.
        shown: how the answer is written in the line; without it, as Python writes it.

    Returns:
        A `Grade`, whose repr is one line.
    """
    if unanswered(answer):
        return Grade(False, say("exercise.none"))
    try:
        right = bool(expected(answer)) if _asks(expected) else same(answer, expected, tolerance)
    except Exception as error:
        return Grade(False, say("exercise.error", error=type(error).__name__))
    if right:
        return Grade(True, say("exercise.right"))
    written = _short(answer) if shown is None else shown
    for wrong, key in (because or {}).items():
        if _safely_same(answer, wrong, tolerance):
            return Grade(False, say("exercise.because", answer=written, reason=say(key)))
    if not _asks(expected) and kind(answer) != kind(expected):
        given, wanted = say(f"exercise.kind.{kind(answer)}"), say(f"exercise.kind.{kind(expected)}")
        return Grade(False, say("exercise.kind", given=given, wanted=wanted))
    return Grade(False, say("exercise.wrong", answer=written))


def _asks(expected: Any) -> bool:
    """Return whether ``expected`` is a predicate, not a value."""
    return isinstance(expected, Callable)  # type: ignore[arg-type]


def _safely_same(answer: object, wrong: object, tolerance: float) -> bool:
    try:
        return same(answer, wrong, tolerance)
    except Exception:
        return False


def _short(answer: object) -> str:
    """Return the answer on one line of at most 60 characters, without addresses in memory.

    A function or class is shown by its name, any other callable by the name of its class.
    """
    try:
        text = named(answer) if callable(answer) else ADDRESS.sub("", repr(answer))
        text = " ".join(text.split())
    except Exception:
        text = type(answer).__name__
    return text if len(text) <= 60 else text[:59] + "…"
