"""The experiments' cells: what their confirming runs came to, seed by seed and in the mean."""

from collections.abc import Callable, Mapping
from typing import Any

from cbam_teach import results
from cbam_teach.language import problem
from cbam_teach.statistics import Difference, Interval, mean_interval, paired

Record = Mapping[str, Any]
Value = str | Callable[[Record], float]

COMMAND = 'make experiments ARGS="--cells {cells}"'


def records(name: str, *, least: int = 1) -> list[dict[str, Any]]:
    """Return a cell's confirming runs, by seed.

    Args:
        name: of the cell, such as ``"cued,cbam-before"``.
        least: how many runs there must be.

    Raises:
        ValueError: when there are fewer; the error says which command makes them.
        FileNotFoundError: when no run at all is stored.
    """
    found = results.runs("confirm", cell=name)
    if len(found) < least:
        raise problem(
            ValueError, "error.cell", cell=repr(name), least=least,
            given=len(found), allowed=command([name]),
        )  # fmt: skip
    return sorted(found, key=lambda record: record["seed"])


def command(names: list[str]) -> str:
    """Return the command that makes these cells."""
    return COMMAND.format(cells=" ".join(names))


def cell(name: str, value: Value = "test", *, least: int = 1) -> dict[int, float]:
    """Return a value of a cell for each of its seeds.

    Args:
        name: of the cell.
        value: a name in the record, ``"test"`` being the test accuracy from 0 to 1; or a
            function that takes a record and returns a number.
        least: how many seeds there must be.

    Raises:
        ValueError, FileNotFoundError: as `records`; and for a value that a record does not hold.
    """
    return {record["seed"]: pick(record, value) for record in records(name, least=least)}


def pick(record: Record, value: Value) -> float:
    """Return a value of a record."""
    if callable(value):
        return value(record)
    if not isinstance(record.get(value), int | float):
        numbers = sorted(key for key, held in record.items() if isinstance(held, int | float))
        raise problem(
            ValueError, "error.run_value", run=record["name"], given=repr(value), allowed=numbers
        )
    return float(record[value])


def summary(name: str, value: Value = "test") -> Interval:
    """Return the mean over a cell's seeds and its 95 % interval; arguments as in `cell`.

    Raises:
        ValueError: as `cell`; two seeds are the fewest that have an interval.
    """
    return mean_interval(list(cell(name, value, least=2).values()))


def pairs(name: str, other: str, value: Value = "test") -> tuple[list[float], list[float]]:
    """Return the values of two cells for the seeds that both have, in the same order.

    Raises:
        ValueError: as `cell`; for fewer than two seeds in common.
    """
    first, second = cell(name, value, least=2), cell(other, value, least=2)
    both = sorted(first.keys() & second.keys())
    if len(both) < 2:
        raise problem(
            ValueError, "error.cells_paired", cell=repr(name), other=repr(other),
            given=f"{sorted(first)}, {sorted(second)}", allowed=command([name, other]),
        )  # fmt: skip
    return [first[seed] for seed in both], [second[seed] for seed in both]


def compare(name: str, other: str, value: Value = "test") -> Difference:
    """Return the mean of one cell minus another, seed by seed, its interval and its p value.

    Only seeds that both have count. Arguments and errors as in `pairs`.
    """
    return paired(*pairs(name, other, value))


def last_spatial(record: Record) -> dict[str, float] | None:
    """Return what is stored of a run's last spatial mask (``auc``, ``pointing``, ``difference``,
    ``mean``, ``between_samples``), or None where the network has none."""
    spatial = [mask for mask in record.get("masks", {}).values() if "auc" in mask]
    return dict(spatial[-1]) if spatial else None
