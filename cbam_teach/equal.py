"""When an answer says the same as the value sought, whatever form it was written in."""

import math
from collections.abc import Mapping, Sequence, Set
from numbers import Integral, Real
from typing import Any

import numpy
import torch


def plain(value: Any) -> Any:
    """Turn tensors and arrays into nested lists, NumPy's numbers into Python's."""
    if isinstance(value, torch.Tensor):
        return value.detach().cpu().tolist()
    if isinstance(value, (numpy.ndarray, numpy.generic)):
        return value.tolist()
    return value


def kind(value: Any) -> str:
    """Return bool, number, text, list, set, dict or other: what sort of value this is."""
    value = plain(value)
    kinds = (
        (bool, "bool"),
        (Real, "number"),
        (str, "text"),
        ((list, tuple), "list"),
        (Set, "set"),
        (Mapping, "dict"),
    )
    return next((name for types, name in kinds if isinstance(value, types)), "other")


def unanswered(answer: Any) -> bool:
    """Return whether nothing was written yet: None, ..., or a collection of nothing else."""
    if answer is None or answer is ...:
        return True
    if isinstance(answer, Mapping):
        answer = list(answer.values())
    if isinstance(answer, (list, tuple)):
        return len(answer) > 0 and all(unanswered(item) for item in answer)
    return False


def same(answer: Any, expected: Any, tolerance: float) -> bool:
    """Return whether two values say the same.

    Numbers may differ by ``tolerance``, absolutely or relatively, but whole numbers not at
    all; True is not 1; a tuple, a list, a `torch.Size`, a tensor and an array of the same
    values are equal; text is compared without regard to case, outer blanks and dotted or
    dotless i; sets without regard to order.
    """
    answer, expected = plain(answer), plain(expected)
    sort = kind(expected)
    if kind(answer) != sort:
        return False
    match sort:
        case "number":
            return _same_number(answer, expected, tolerance)
        case "text":
            return _fold(answer) == _fold(expected)
        case "list":
            return _same_sequence(answer, expected, tolerance)
        case "set":
            left = list(answer)
            return len(left) == len(expected) and all(
                any(same(item, other, tolerance) for item in left) for other in expected
            )
        case "dict":
            return answer.keys() == expected.keys() and all(
                same(answer[key], expected[key], tolerance) for key in expected
            )
    return bool(answer == expected)


def _same_number(answer: Any, expected: Any, tolerance: float) -> bool:
    if isinstance(answer, Integral) and isinstance(expected, Integral):
        return answer == expected
    if math.isnan(answer) or math.isnan(expected):
        return math.isnan(answer) and math.isnan(expected)
    return math.isclose(answer, expected, rel_tol=tolerance, abs_tol=tolerance)


def _same_sequence(answer: Sequence[Any], expected: Sequence[Any], tolerance: float) -> bool:
    return len(answer) == len(expected) and all(
        same(item, other, tolerance) for item, other in zip(answer, expected, strict=True)
    )


def _fold(text: str) -> str:
    """Lower the case of Turkish and English alike: I, İ, ı and i become one letter."""
    return " ".join(text.replace("İ", "i").replace("ı", "i").split()).casefold()
