"""What may be drawn: lists of panels, rows of numbers, names as many as what they name."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy
import torch
from numpy.typing import NDArray

from cbam_teach.language import problem

Row = Sequence[float] | torch.Tensor | NDArray[numpy.generic]


def several(owner: str, option: str, items: Any) -> list[Any]:
    """Refuse a lone tensor and an empty list."""
    if isinstance(items, (list, tuple)) and items:
        return list(items)
    given = "[]" if isinstance(items, (list, tuple)) else type(items).__name__
    raise problem(
        TypeError, "error.several", owner=owner, option=option, given=given, allowed="[a, b, …]"
    )


def as_numbers(owner: str, values: Any, axes: int) -> Any:
    """Return values as an array of real numbers with the given number of axes."""
    if isinstance(values, torch.Tensor):
        values = values.detach().cpu().numpy()
    array = numpy.asarray(values)
    if array.dtype.kind not in "biuf" or array.ndim != axes or array.size == 0:
        raise problem(
            ValueError, "error.plot_axes", owner=owner, axes=axes,
            given=f"{array.shape}, {array.dtype}", allowed=("(H, W)" if axes == 2 else "(N,)"),
        )  # fmt: skip
    return array.astype(float)


def as_series(owner: str, values: Any) -> dict[str, Any]:
    """Return series by name, each a row of as many numbers as the first."""
    named = dict(values) if isinstance(values, Mapping) else {"": values}
    if not named:
        raise problem(
            ValueError,
            "error.several",
            owner=owner,
            option="values",
            given="{}",
            allowed="{name: […]}",
        )
    series = {name: as_numbers(owner, row, 1) for name, row in named.items()}
    count = len(next(iter(series.values())))
    for name, row in series.items():
        if len(row) != count:
            raise problem(
                ValueError, "error.count", owner=owner, option=name, given=len(row), allowed=count
            )
    return series


def exact_names(owner: str, option: str, names: Any, count: int) -> list[str]:
    """Refuse names that are not as many as what they name."""
    names = [str(name) for name in names]
    if len(names) != count:
        raise problem(
            ValueError, "error.count", owner=owner, option=option, given=len(names), allowed=count
        )
    return names
