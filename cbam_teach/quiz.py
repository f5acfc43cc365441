"""Questions that answer in the page: the text asks, the cell computes the answer.

A notebook shows the options and a fold with the answer. On the site a script, quiz.js, makes a
form of them; all that it replies was written here.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from cbam_teach import checks
from cbam_teach.equal import kind, plain, same
from cbam_teach.exercises import grade
from cbam_teach.language import get_language, problem, say, written

KINDS = ("bool", "number", "text", "list")  # the order in which options of several kinds stand


@dataclass(frozen=True)
class Question:
    """What `ask` returns: HTML for a notebook and the site, a line each option for a terminal."""

    text: str
    html: str

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return self.html


def ask(
    answer: Any,
    *others: Any,
    digits: int = 3,
    tolerance: float | None = None,
    because: Mapping[Any, str] | None = None,
) -> Question:
    """Ask what the text above the cell asks; the page tells readers whether they know.

    Args:
        answer: the value sought, computed in the chapter: a number, a shape or another
            sequence of numbers, a tensor of either, a text, or True or False.
        others: tempting wrong values. With them the reader chooses, without them the reader
            types; True and False are always a choice, yes or no.
        digits: how many decimals a real number keeps, so that every machine writes the same.
        tolerance: how far a typed real number may be off, absolutely or relatively; without
            it, one unit of the last decimal. Whole numbers may not be off at all.
        because: for some of these values, the key of ``words.toml`` that says what is wrong
            with it; for the answer, why it is right.

    Returns:
        A `Question`; the cell ends in it.

    Raises:
        TypeError: for a value of another kind, or ``digits`` or ``tolerance`` that are no numbers.
        ValueError: for a number that is not finite, a value that is offered twice, or
            ``digits`` or ``tolerance`` below 0.
    """
    checks.integer("ask", "digits", digits, least=0)
    answer, *others = (_rounded(value, digits) for value in (answer, *others))  # type: ignore[assignment]
    whole = all(isinstance(part, int) for part in _parts(answer))
    if tolerance is None:
        tolerance = 1e-6 if whole else 10.0**-digits
    checks.number("ask", "tolerance", tolerance, least=0)
    reasons = {_rounded(value, digits): key for value, key in (because or {}).items()}
    offered = [answer, *(others or ([not answer] if kind(answer) == "bool" else []))]
    _refuse_twins(offered)
    if len(offered) > 1:
        tolerance = 0.0  # of the options one is right, and the others are not
    why = [say(key) for value, key in reasons.items() if same(value, answer, tolerance)]

    def reply(value: Any, shown: str) -> str:
        said = grade(value, answer, tolerance=tolerance, because=reasons, shown=shown)
        return " ".join([said.message, *(why if said.passed else [])])

    fold = "".join(f"<p>{part}</p>" for part in (_code(answer), *map(escape, why)))
    if len(offered) == 1:
        slot = _quoted("{answer}", answer)
        wrong = [value for value in reasons if not same(value, answer, tolerance)]
        typed = {
            "kind": kind(answer),
            "value": answer,
            "whole": whole,
            "tolerance": tolerance,
            "right": reply(answer, ""),
            "wrong": say("exercise.wrong", answer=slot),
            "because": [[value, reply(value, slot)] for value in wrong],
            "other": {name: _of_another_kind(name, answer) for name in ("text", "list")},
        }
        said = {name: say(f"quiz.{name}") for name in ("yours", "send", "none")}
        return Question("( … )", _html(said | {"typed": _json(typed)}, "", fold))
    options = sorted(offered, key=_order)
    items = "".join(
        f'<li data-reply="{escape(reply(value, label))}">{_code(value)}</li>\n'
        for value, label in ((value, _quoted(_written(value), value)) for value in options)
    )
    text = "\n".join(f"( ) {_written(value)}" for value in options)
    return Question(text, _html({"choose": say("quiz.choose")}, f"<ul>\n{items}</ul>\n", fold))


def _html(said: Mapping[str, str], options: str, fold: str) -> str:
    data = "".join(f' data-{name}="{escape(text)}"' for name, text in said.items())
    summary = f"<summary>{escape(say('quiz.answer'))}</summary>"
    return f'<div class="cbam-quiz"{data}>\n{options}<details>{summary}{fold}</details>\n</div>'


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _rounded(value: Any, digits: int) -> Any:
    """Return a value as Python has it, its real numbers rounded, a sequence as a tuple."""
    value = plain(value)
    sort = kind(value)
    if sort == "list":
        if any(kind(part) != "number" for part in value):
            raise _unfit(value)
        return tuple(_rounded(part, digits) for part in value)
    if sort not in KINDS:
        raise _unfit(value)
    if sort != "number" or isinstance(value, int):
        return value
    checks.number("ask", "answer", value)
    return round(float(value), digits) + 0.0  # -0.0 is written as 0


def _unfit(value: Any) -> Exception:
    allowed = [say(f"exercise.kind.{name}") for name in KINDS]
    return problem(TypeError, "quiz.error.kind", given=repr(value), allowed=allowed)


def _refuse_twins(values: list[Any]) -> None:
    """Refuse values of which two read alike: the reader could not tell them apart."""
    labels = [_written(value) for value in values]
    twice = [label for label in labels if labels.count(label) > 1]
    if twice:
        once = list(dict.fromkeys(labels))
        raise problem(ValueError, "quiz.error.twice", given=twice[0], allowed=once)


def _of_another_kind(name: str, answer: Any) -> str:
    given, wanted = say(f"exercise.kind.{name}"), say(f"exercise.kind.{kind(answer)}")
    return say("exercise.kind", given=given, wanted=wanted)


def _parts(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)


def _order(value: Any) -> tuple[int, Any]:
    """Sort by size, text by its letters, yes before no: the answer stands anywhere."""
    sort = kind(value)
    return KINDS.index(sort), not value if sort == "bool" else value


def _written(value: Any) -> str:
    """Write a value as the language of the page does: 0,5 and 2.756 in Turkish."""
    if isinstance(value, bool):
        return say("quiz.yes" if value else "quiz.no")
    if isinstance(value, str):
        return value
    if not isinstance(value, tuple):
        return written(value, "," if isinstance(value, int) else f",.{_decimals(value)}f")
    if all(isinstance(part, int) for part in value):
        return str(value)
    between = "; " if get_language() == "tr" else ", "
    return f"({between.join(map(_written, value))})"


def _quoted(text: str, value: Any) -> str:
    """Put a word in quotation marks, so that "right" as an answer does not read as a reply."""
    return f"“{text}”" if isinstance(value, str) else text


def _decimals(value: float) -> int:
    """Return how many decimals a rounded number needs: 0.25 needs 2, 3.0 needs none."""
    return next(n for n in range(400) if math.isclose(round(value, n), value, rel_tol=1e-12))


def _code(value: Any) -> str:
    """Write a value for HTML, a sequence in the letters of code."""
    text = escape(_written(value))
    return f"<code>{text}</code>" if isinstance(value, tuple) else text
