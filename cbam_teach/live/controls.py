"""What a reader can set in a live figure: a number, a choice, a switch, a place."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cbam_teach import checks
from cbam_teach.language import problem, say, words


@dataclass(frozen=True)
class Range:
    """A slider.

    Args:
        least, most: its ends.
        start: where it stands at first; None: as the module has it, for a setting that is
            found in the module, and else as near to 0 as it can.
        step: the distance of two places; a hundredth of the way without it.
        log: whether the same way means the same factor; ``least`` is then above 0.

    Raises:
        TypeError, ValueError: for numbers that describe no slider.
    """

    least: float
    most: float
    start: float | None = None
    step: float | None = None
    log: bool = False

    def __post_init__(self) -> None:
        checks.flag("Range", "log", self.log)
        if self.log:
            checks.number("Range", "least", self.least, above=0)
        else:
            checks.number("Range", "least", self.least)
        checks.number("Range", "most", self.most, above=self.least)
        if self.start is not None:
            checks.number("Range", "start", self.start, least=self.least, most=self.most)
        if self.step is not None:
            checks.number("Range", "step", self.step, above=0)

    def describe(self) -> dict[str, Any]:
        step = self.step or (self.least / 10 if self.log else (self.most - self.least) / 100)
        first = max(0, -math.floor(math.log10(step) + 1e-9))  # decimal that a step reaches
        exact = (n for n in (first, first + 1) if math.isclose(round(step, n), step))
        digits = next(exact, first + 1)
        return {
            "kind": "range", "least": self.least, "most": self.most, "step": step,
            "log": self.log, "digits": digits,
        }  # fmt: skip

    def check(self, name: str, value: object) -> None:
        checks.number("LiveFigure", name, value, least=self.least, most=self.most)


@dataclass(frozen=True)
class Choice:
    """One of several words; the module is given its place in the list, from 0.

    Args:
        options: two words or more.
        start: the place of the one chosen at first.

    Raises:
        TypeError, ValueError: for fewer words or a place that is none of theirs.
    """

    options: tuple[str, ...]
    start: int = 0

    def __post_init__(self) -> None:
        checks.sequence("Choice", "options", self.options)
        checks.integer("Choice", "len(options)", len(self.options), least=2)
        self.check("start", self.start)

    def describe(self) -> dict[str, Any]:
        said = [spoken("option", word) for word in self.options]
        return {"kind": "choice", "options": said, "codes": list(self.options)}

    def check(self, name: str, value: object) -> None:
        whole(name, value, len(self.options))


@dataclass(frozen=True)
class Flag:
    """A switch; the module is given 0 or 1.

    Args:
        start: whether it is on at first.

    Raises:
        TypeError: when ``start`` is not True or False.
    """

    start: bool = False

    def __post_init__(self) -> None:
        checks.flag("Flag", "start", self.start)

    def describe(self) -> dict[str, Any]:
        return {"kind": "flag"}

    def check(self, name: str, value: object) -> None:
        whole(name, value, 2)


@dataclass(frozen=True)
class Drag:
    """A handle on the picture that sets two sliders, which stay.

    Args:
        x, y: the names of the slider for the column and of that for the row; their ends are
            the picture's.
    """

    x: str
    y: str

    def describe(self) -> dict[str, Any]:
        return {"kind": "drag", "x": self.x, "y": self.y}


Control = Range | Choice | Flag
AnyControl = Control | Drag


def spoken(kind: str, name: str) -> str:
    """Return the words for a control, view or option, from the longest known end of its name."""
    parts = name.split(".")
    for start in range(len(parts)):
        key = f"live.{kind}.{'.'.join(parts[start:])}"
        if key in words():
            before = [spoken("part", part) for part in parts[:start]]
            return " · ".join([*before, say(key)])
    return name


def whole(name: str, value: object, count: int, *, least: int = 0) -> None:
    """Refuse what is not one of the whole numbers from ``least`` on and below ``count``."""
    if isinstance(value, bool) or value not in range(least, count):
        raise problem(
            ValueError, "live.error.place", name=name, given=repr(value),
            allowed=list(range(least, count)),
        )  # fmt: skip


def check_drag(name: str, drag: Drag, controls: Mapping[str, Control], kinds: list[str]) -> None:
    """Refuse a handle whose sliders are not there, or one without a view that it stands on."""
    sliders = [each for each, control in controls.items() if isinstance(control, Range)]
    for given in (drag.x, drag.y):
        if given not in sliders:
            raise problem(
                ValueError, "live.error.drag", name=name, given=repr(given), allowed=sliders
            )
    if not {"picture", "overlay"} & set(kinds):
        raise problem(
            ValueError, "live.error.handle", name=name, given=kinds, allowed=["picture", "overlay"]
        )


def require(name: str, control: object) -> None:
    """Refuse what is not a control."""
    if not isinstance(control, Range | Choice | Flag | Drag):
        raise problem(
            TypeError, "live.error.control", name=name, given=checks.named(control),
            allowed="Range, Choice, Flag, Drag",
        )  # fmt: skip
