"""What the figures of the experiments share: seeds as points, their mean with its interval."""

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from cbam_teach.language import say
from cbam_teach.statistics import mean_interval
from cbam_teach.style import COLOURS, MARKERS, WIDTH, figure

MARKS = (*MARKERS, "P", "X", "<", ">", "*", "p", "d")  # one for each cell of a figure
LINE, KEY = 26, 68  # letters in a line of a row's label, and of a key
# In inches: from row to row of a label, from series to series, and ± from seeds to their mean.
LETTER, SERIES, APART = 0.19, 0.26, 0.055

Groups = Mapping[str, Mapping[str, Sequence[float]]]  # series -> row -> one value a seed


def wrapped(said: str, wide: int = LINE) -> str:
    """Return a label in lines of at most so many letters, where its words allow that."""
    return "\n".join(textwrap.wrap(said, wide, break_long_words=False, break_on_hyphens=False))


def look(place: int) -> dict[str, Any]:
    """Return colour and marker of the series at a place; the markers of twelve all differ."""
    return {"color": COLOURS[place % len(COLOURS)], "marker": MARKS[place % len(MARKS)]}


def points(axis: Any, at: float, values: Sequence[float], place: int = 0) -> None:
    """Draw one value a seed as hollow marks, and just below their mean with its 95 % interval.

    A single value has no interval, and none is drawn.

    Args:
        axis: matplotlib's, its height in inches, downwards.
        at: the height of the row.
        values: in the axis' unit.
        place: of the series, for its colour and marker.
    """
    style = look(place)
    axis.plot(
        values, [at - APART] * len(values), linestyle="", markersize=6, markerfacecolor="none",
        markeredgewidth=1.1, gid="seeds", **style,
    )  # fmt: skip
    if len(values) > 1:
        mean, low, high = mean_interval(values)
        axis.errorbar(
            [mean], [at + APART], xerr=[[mean - low], [high - mean]], markersize=8,
            elinewidth=2.2, capsize=4, markeredgecolor="white", zorder=4, gid="mean", **style,
        )  # fmt: skip


def rows(axis: Any, series: Groups) -> None:
    """Draw `points` for each row and series of an axis, the first row at the top.

    Args:
        axis: matplotlib's.
        series: from the series' name to its values by row; a row may be missing in some.
    """
    high, edge = heights(series), 0.0
    ticks = {}
    for row, space in high.items():
        ticks[row] = edge + space / 2
        for place, each in enumerate(series.values()):
            shift = (place - (len(series) - 1) / 2) * SERIES
            points(axis, ticks[row] + shift, each.get(row, ()), place)
        edge += space
        if len(series) > 1:
            axis.axhline(edge, color="black", alpha=0.15, linewidth=0.8)
    axis.set_yticks(list(ticks.values()), [wrapped(row) for row in ticks])
    axis.set_ylim(edge, 0)
    axis.tick_params(axis="y", length=0)
    axis.grid(axis="x", alpha=0.3)


def heights(series: Groups) -> dict[str, float]:
    """Return how high each row must be for its label and its marks, in inches."""
    names = dict.fromkeys(row for each in series.values() for row in each)
    return {name: max(SERIES * len(series) + 0.12, LETTER * lines(name) + 0.1) for name in names}


def lines(name: str, wide: int = LINE) -> int:
    """Return how many lines a wrapped label takes."""
    return wrapped(name, wide).count("\n") + 1


def key_room(names: Sequence[str], more: int = 0) -> float:
    """Return how high, in inches, the keys of these series and of so many others are."""
    return 0.22 * (sum(lines(name, KEY) for name in names) + more)


def of_rows(series: Groups, *, title: str, xlabel: str) -> tuple[Any, Any]:
    """Return a figure with one axis of `rows` and its keys below it."""
    names = list(series) if len(series) > 1 else []
    fig, axes = figure(1, 1, (WIDTH, sum(heights(series).values()) + key_room(names, 2) + 0.9))
    rows(axes[0, 0], series)
    axes[0, 0].set(xlabel=xlabel)
    fig.suptitle(title, fontsize=12)
    key(fig, names)
    return fig, axes[0, 0]


def key(fig: Any, names: Sequence[str], *, seeds: bool = True, more: Sequence[Any] = ()) -> None:
    """Say below a figure which mark is which series, and what hollow and filled marks are.

    Args:
        fig: matplotlib's figure.
        names: of the series; none where there is but one.
        seeds: whether there are hollow marks of seeds and filled ones of means.
        more: further handles of matplotlib, with labels.
    """
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], linestyle="", markersize=8, label=wrapped(name, KEY), **look(i))
        for i, name in enumerate(names)
    ]
    if seeds:
        plain = {"color": "black", "marker": "o"} if names else look(0)
        one, mean = say("cells.key.seed"), say("cells.key.mean")
        handles += [
            Line2D([], [], linestyle="", markerfacecolor="none", label=one, **plain),
            Line2D([], [], linewidth=2.2, markersize=8, label=mean, **plain),
        ]
    across = 1 if names else 2
    fig.legend(
        handles=[*handles, *more], loc="outside lower center", ncols=across, frameon=False
    )  # fmt: skip


def percent(values: Sequence[float]) -> list[float]:
    """Return shares as per cent, or their differences as points."""
    return [100 * value for value in values]
