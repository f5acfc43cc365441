"""Figures of the chapter on fusion: where the two weights can stand, and where a share goes."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy

from cbam_teach import checks
from cbam_teach.plots_data import Row, as_series
from cbam_teach.style import COLOURS, LINES, MARKERS, WIDTH, figure, show

LEVELS = (0.3, 0.4, 0.5, 0.6, 0.7)  # masks whose lines are drawn
REACH = 1.2  # the largest weight shown
GRID = 121  # places in each direction


def plane(
    a: float, m: float, *, points: Mapping[str, tuple[float, float]], segment: str,
    ray: str, title: str, xlabel: str, ylabel: str,
) -> None:  # fmt: skip
    """Draw the mask σ(w₁ a + w₂ m) over the plane of the weights, and where a softmax can go.

    Args:
        a, m: the two logits of one channel.
        points: from a name to its pair (w₁, w₂).
        segment: the name of the line w₁ + w₂ = 1 between its ends, w₁ and w₂ above 0.
        ray: the name of the line w₁ = w₂.
        title: the question that the figure answers.
        xlabel, ylabel: what w₁ and w₂ are.

    Raises:
        TypeError, ValueError: for a or m that are no numbers.
    """
    checks.number("plane", "a", a)
    checks.number("plane", "m", m)
    along = numpy.linspace(0, REACH, GRID)
    first, second = numpy.meshgrid(along, along)  # w₁ runs across, w₂ up
    mask = 1 / (1 + numpy.exp(-(first * a + second * m)))
    fig, axes = figure(1, 1, (0.86 * WIDTH, 0.8 * WIDTH))
    axis = axes[0, 0]
    image: Any = axis.pcolormesh(first, second, mask, vmin=0, vmax=1, rasterized=True)
    fig.colorbar(image, ax=axis, shrink=0.8, aspect=24, label="$σ(w_1 a + w_2 m)$")
    widths = [2.4 if level == 0.5 else 0.9 for level in LEVELS]
    lines = axis.contour(first, second, mask, LEVELS, colors="white", linewidths=widths)
    axis.clabel(lines, fmt="%.1f", fontsize=9)
    axis.plot([0, REACH], [0, REACH], color="black", linewidth=1.6, linestyle=":", label=ray)
    axis.plot([0, 1], [1, 0], color="white", linewidth=6.5)
    axis.plot([0, 1], [1, 0], color=COLOURS[1], linewidth=3.5, label=segment)
    for i, (name, (across, up)) in enumerate(points.items()):
        axis.plot(
            [across], [up], linestyle="", marker=MARKERS[i % len(MARKERS)], markersize=10,
            color="white", markeredgecolor="black", markeredgewidth=1.4, label=name,
        )  # fmt: skip
    axis.set(title=title, xlabel=xlabel, ylabel=ylabel, aspect="equal")
    fig.legend(loc="outside lower center", ncols=2, frameon=False)
    show()


def drift(runs: Mapping[str, Sequence[Row]], *, title: str, xlabel: str, ylabel: str) -> None:
    """Draw several runs of each case, step by step, in the case's own colour and line.

    Args:
        runs: from a case's name to its runs, each a row of shares between 0 and 1.
        title: the question that the figure answers.
        xlabel: what the horizontal axis means.
        ylabel: what the share is.

    Raises:
        TypeError, ValueError: for runs of one case that are no numbers or of unequal length.
    """
    fig, axes = figure(1, 1, (WIDTH, 3.9))
    axis = axes[0, 0]
    for i, (name, each) in enumerate(runs.items()):
        rows = as_series("drift", {str(n): run for n, run in enumerate(each)})
        for n, shares in rows.items():
            axis.plot(
                range(len(shares)), shares, color=COLOURS[i % len(COLOURS)], linewidth=1.4,
                linestyle=LINES[i % len(LINES)], marker=MARKERS[i % len(MARKERS)],
                markevery=max(1, len(shares) // 10), label=name if n == "0" else None,
            )  # fmt: skip
    axis.set(title=title, xlabel=xlabel, ylabel=ylabel, ylim=(-0.03, 1.03))
    axis.grid(alpha=0.3)
    fig.legend(loc="outside lower center", ncols=len(runs), frameon=False)
    show()
