"""What an option or an input must be, checked where it is given.

Each check returns nothing and raises an error of three parts: what was asked, what was
given, what is allowed.
"""

import math
from collections.abc import Iterable

import torch
from torch import nn

from cbam_teach.language import problem


def integer(owner: str, option: str, value: object, *, least: int = 1) -> None:
    """Refuse what is not an integer of at least ``least``; True and False are no integers."""
    allowed = f"{least}, {least + 1}, {least + 2}, …"
    if isinstance(value, bool) or not isinstance(value, int):
        raise problem(
            TypeError,
            "error.integer",
            owner=owner,
            option=option,
            given=repr(value),
            allowed=allowed,
        )
    if value < least:
        raise problem(
            ValueError,
            "error.least",
            owner=owner,
            option=option,
            least=least,
            given=value,
            allowed=allowed,
        )


def odd(owner: str, option: str, value: object) -> None:
    """Refuse what is not a positive odd integer."""
    integer(owner, option, value)
    if value % 2 == 0:  # type: ignore[operator]
        raise problem(
            ValueError,
            "error.odd",
            owner=owner,
            option=option,
            given=value,
            allowed="1, 3, 5, 7, …",
        )


def number(
    owner: str,
    option: str,
    value: object,
    *,
    least: float = -math.inf,
    most: float = math.inf,
    above: float = -math.inf,
    below: float = math.inf,
) -> None:
    """Refuse what is not in [least, most], or in (above, below), and finite in float32."""
    left = f"{above:g} < " if above > -math.inf else f"{least:g} ≤ " if least > -math.inf else ""
    right = f" < {below:g}" if below < math.inf else f" ≤ {most:g}" if most < math.inf else ""
    allowed = f"{left}{option}{right}" if left or right else f"-∞ < {option} < ∞"
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise problem(
            TypeError,
            "error.number",
            owner=owner,
            option=option,
            given=repr(value),
            allowed=allowed,
        )
    finite = abs(value) <= torch.finfo(torch.float32).max
    if not (finite and least <= value <= most and above < value < below):
        raise problem(
            ValueError,
            "error.range",
            owner=owner,
            option=option,
            given=value,
            allowed=allowed,
        )


def sequence(owner: str, option: str, value: object, *, length: int | None = None) -> None:
    """Refuse what is not a tuple or list, or not one of ``length`` elements if that is given."""
    if not isinstance(value, tuple | list) or length not in (None, len(value)):
        kind = ValueError if isinstance(value, tuple | list) else TypeError
        allowed = "(3, 7), …" if length is None else f"({', '.join(['…'] * length)})"
        raise problem(
            kind, "error.sequence", owner=owner, option=option, given=repr(value), allowed=allowed
        )


def choice(owner: str, option: str, value: object, choices: Iterable[str]) -> None:
    """Refuse a word that is not among the choices."""
    known = list(choices)
    if not isinstance(value, str) or value not in known:
        kind = ValueError if isinstance(value, str) else TypeError
        raise problem(
            kind, "error.choice", owner=owner, option=option, given=repr(value), allowed=known
        )


def flag(owner: str, option: str, value: object) -> None:
    """Refuse what is not True or False."""
    if not isinstance(value, bool):
        raise problem(
            TypeError,
            "error.flag",
            owner=owner,
            option=option,
            given=repr(value),
            allowed="True, False",
        )


def named(value: object) -> str:
    """Return a name for the error: that of a class or function, or that of a value's class."""
    return getattr(value, "__name__", type(value).__name__)


def feature_map(owner: nn.Module, x: object, channels: int | None = None) -> None:
    """Refuse what is not a floating-point tensor (B, C, H, W), with C = ``channels`` if given."""
    name = type(owner).__name__
    if not isinstance(x, torch.Tensor):
        raise problem(
            TypeError, "error.tensor", owner=name, given=type(x).__name__, allowed="torch.Tensor"
        )
    if x.ndim != 4:
        wanted = "C" if channels is None else channels
        raise problem(
            ValueError,
            "error.axes",
            owner=name,
            given=tuple(x.shape),
            allowed=f"(B, {wanted}, H, W)",
        )
    if not x.is_floating_point():
        raise problem(
            TypeError,
            "error.floating",
            owner=name,
            given=x.dtype,
            allowed="torch.float32, torch.float64, …",
        )
    if channels is not None and x.shape[1] != channels:
        raise problem(
            ValueError, "error.channels", owner=name, channels=channels,
            given=tuple(x.shape), allowed=f"(B, {channels}, H, W)",
        )  # fmt: skip
    if 0 in x.shape[1:]:
        raise problem(
            ValueError, "error.empty", owner=name, given=tuple(x.shape), allowed="1, 2, 3, …"
        )
