"""A figure of the chapter on CBAM: how much of a map passes before training, seed by seed."""

from collections.abc import Mapping
from typing import Any

from cbam_teach.plots_data import as_series
from cbam_teach.style import COLOURS, MARKERS, WIDTH, figure, show


def starts(
    shares: Mapping[str, Any], *, mark: float, title: str, xlabel: str, ylabel: str = ""
) -> None:
    """Draw a row of points for each series over one horizontal axis, and a line to compare with.

    Args:
        shares: from a row's name to its values, one point each; the first row is on top.
        mark: where the vertical line stands, in the values' unit.
        title: the question that the figure answers.
        xlabel: what the horizontal axis means, with its unit.
        ylabel: what a row is.

    Raises:
        TypeError, ValueError: for rows that are not numbers or not as long as each other.
    """
    rows = as_series("starts", shares)
    _, axes = figure(1, 1, (WIDTH, 0.55 * len(rows) + 1.5))
    axis = axes[0, 0]
    axis.axvline(mark, color="black", linewidth=1, linestyle="--")
    for i, values in enumerate(rows.values()):
        axis.plot(
            values, [i] * len(values), linestyle="", marker=MARKERS[i % len(MARKERS)],
            color=COLOURS[i % len(COLOURS)], alpha=0.6, markersize=7,
        )  # fmt: skip
    axis.set_yticks(range(len(rows)), list(rows))
    axis.set_ylim(len(rows) - 0.5, -0.5)
    axis.set_xlim(left=0)
    axis.set(title=title, xlabel=xlabel, ylabel=ylabel)
    axis.grid(axis="x", alpha=0.3)
    show()
