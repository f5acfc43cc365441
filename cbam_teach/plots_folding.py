"""Figures of the chapter on folding: how far two masks are apart, which form is the quickest."""

from collections.abc import Mapping, Sequence
from typing import Any

from cbam_teach import checks
from cbam_teach.plots_data import as_numbers, several
from cbam_teach.style import COLOURS, MARKERS, WIDTH, figure, show


def gaps(values: Mapping[str, float], *, mark: float, title: str, xlabel: str) -> None:
    """Draw one dot for each row over a logarithmic axis, and a line to compare with.

    Args:
        values: from a row's name to a number above 0; the first row is on top.
        mark: where the vertical line stands; a dot to its left is a circle, another a square.
        title: the question that the figure answers.
        xlabel: what the horizontal axis means.

    Raises:
        TypeError, ValueError: for values that are no numbers above 0, or no values at all.
    """
    numbers = as_numbers("gaps", list(values.values()), 1)
    for name, value in zip(values, numbers, strict=True):
        checks.number("gaps", name, float(value), above=0)
    _, axes = figure(1, 1, (WIDTH, 0.42 * len(numbers) + 1.3))
    axis = axes[0, 0]
    axis.axvline(mark, color="black", linewidth=1, linestyle="--")
    for i, value in enumerate(numbers):
        beyond = int(value > mark)
        axis.plot(
            [value], [i], linestyle="", marker=MARKERS[beyond], color=COLOURS[beyond], markersize=9
        )
    axis.set_xscale("log")
    _rows(axis, list(values))
    axis.set(title=title, xlabel=xlabel)
    show()


def speeds(
    figures: Sequence[Mapping[str, Any]],
    *,
    rows: Mapping[str, str],
    panels: Mapping[str, str],
    title: str,
    xlabel: str,
) -> None:
    """Draw, from a stored result, how many times faster each form is than the written one.

    A dot is the median over the rounds, its bar goes from quartile to quartile; each shape has
    its own marker. The axis is logarithmic: twice and half are equally far from 1.

    Args:
        figures: entries with ``what``, ``who``, ``shape``, ``ratio``, ``low`` and ``high``.
        rows: from a ``who`` to what stands beside its row, from top to bottom.
        panels: from a ``what`` to the title of its panel, from left to right.
        title: the question that the figure answers.
        xlabel: what the horizontal axis means.

    Raises:
        TypeError: for no figures at all.
        KeyError: when a row, panel or shape has no figure.
    """
    found = {(f["what"], f["who"], *f["shape"]): f for f in several("speeds", "figures", figures)}
    shapes = list(dict.fromkeys(tuple(f["shape"]) for f in found.values()))
    fig, axes = figure(1, len(panels), (WIDTH, 0.62 * len(rows) + 2.1))
    wide = 0.7 / len(shapes)
    ends = min(f["low"] for f in found.values()), max(f["high"] for f in found.values())
    for axis, (what, name) in zip(axes[0], panels.items(), strict=True):
        axis.axvline(1, color="black", linewidth=1, linestyle="--")
        for i, shape in enumerate(shapes):
            drawn = [found[(what, who, *shape)] for who in rows]
            ratios = [f["ratio"] for f in drawn]
            bars = [[f["ratio"] - f["low"] for f in drawn], [f["high"] - f["ratio"] for f in drawn]]
            places = [row + (i - (len(shapes) - 1) / 2) * wide for row in range(len(rows))]
            axis.errorbar(
                ratios, places, xerr=bars, linestyle="", marker=MARKERS[i % len(MARKERS)],
                color=COLOURS[i % len(COLOURS)], markersize=6, elinewidth=1.1, label=str(shape),
            )  # fmt: skip
        axis.set_xscale("log", base=2)
        axis.set_xlim(min(0.8 * ends[0], 0.48), max(1.25 * ends[1], 2.1))
        axis.xaxis.set_major_formatter("{x:g}")
        _rows(axis, list(rows.values()) if axis is axes[0, 0] else [""] * len(rows))
        axis.set(title=name, xlabel=xlabel)
    fig.suptitle(title, fontsize=12)
    handles, labels = axes[0, 0].get_legend_handles_labels()
    fig.legend(handles, labels, loc="outside lower center", ncols=2, frameon=False)
    show()


def _rows(axis: Any, names: list[str]) -> None:
    """Name the rows, the first on top."""
    axis.set_yticks(range(len(names)), names)
    axis.set_ylim(len(names) - 0.5, -0.5)
    axis.grid(axis="x", alpha=0.3)
