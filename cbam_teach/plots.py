"""The book's figures. Each function draws, shows, and returns nothing.

Colours run from dark to light, so that they keep their order in greyscale and for
colour-blind readers; series differ by marker, line or hatching as well.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy

from cbam_teach import checks
from cbam_teach.language import problem, say
from cbam_teach.plots_block import block
from cbam_teach.plots_broadcast import broadcast
from cbam_teach.plots_data import Row, as_numbers, as_series, exact_names, several
from cbam_teach.style import COLOURS, HATCHES, LINES, MARKERS, WIDTH, figure, ink, show

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["bars", "block", "broadcast", "curves", "maps"]


def maps(
    tensors: Sequence[Any],
    *,
    titles: Sequence[str] | None = None,
    title: str = "",
    xlabel: str | None = None,
    ylabel: str | None = None,
    shared: bool = True,
    limits: tuple[float, float] | None = None,
    values: bool = False,
    columns: int = 3,
) -> None:
    """Draw heat maps side by side.

    Args:
        tensors: 2-D tensors or arrays (H, W), one per panel.
        titles: one title per panel.
        title: the question that the figure answers.
        xlabel, ylabel: what a column and a row of a panel are; places of the map unless given.
        shared: one colour scale for all panels, or each its own.
        limits: the ends of the colour scale, in the values' unit; found unless given.
        values: whether each cell shows its value with two decimals.
        columns: panels in one row.

    Raises:
        TypeError, ValueError: for panels that are not 2-D, titles that are too few, or
            limits together with ``shared=False``.
    """
    checks.flag("maps", "shared", shared)
    checks.flag("maps", "values", values)
    checks.integer("maps", "columns", columns)
    panels = [as_numbers("maps", tensor, 2) for tensor in several("maps", "tensors", tensors)]
    names = exact_names("maps", "titles", titles or [""] * len(panels), len(panels))
    if limits is not None and not shared:
        raise problem(
            ValueError, "error.limits", owner="maps", given="shared=False", allowed="shared=True"
        )
    across = min(columns, len(panels))
    down = -(-len(panels) // across)
    tall = max(panel.shape[0] / panel.shape[1] for panel in panels)
    side = WIDTH / max(across, 2)
    fig, axes = figure(down, across, (WIDTH, down * (min(1.4, tall) * side * 0.8 + 0.75)))
    common = limits or (min(p.min() for p in panels), max(p.max() for p in panels))
    across_is = say("plots.column") if xlabel is None else xlabel
    down_is = say("plots.row") if ylabel is None else ylabel
    image = None
    for axis, panel, name in zip(axes.flat, panels, names, strict=False):
        low, high = common if shared else (panel.min(), panel.max())
        image = axis.imshow(panel, vmin=low, vmax=high, aspect="equal")
        first = axis in axes[:, 0]
        axis.set(title=name, xlabel=across_is, ylabel=down_is if first else "")
        _whole_ticks(axis, panel.shape)
        if values:
            _write_values(axis, panel, image)
        if not shared:
            fig.colorbar(image, ax=axis, shrink=0.8)
    for axis in axes.flat[len(panels) :]:
        axis.set_axis_off()
    fig.suptitle(title, fontsize=12)
    if shared:
        fig.colorbar(image, ax=axes, shrink=0.8, aspect=24)
    show()


def bars(
    values: Mapping[str, Row] | Row,
    *,
    labels: Sequence[str],
    title: str = "",
    ylabel: str = "",
    numbers: bool = True,
) -> None:
    """Draw bars, or groups of bars when several series are given.

    Args:
        values: heights, one per label; or a mapping from a series' name to its heights.
        labels: what stands under each bar or group.
        title: the question that the figure answers.
        ylabel: what the height means, with its unit.
        numbers: whether each bar carries its height with three significant digits.

    Raises:
        TypeError, ValueError: for heights that are not as many as the labels.
    """
    checks.flag("bars", "numbers", numbers)
    series = as_series("bars", values)
    names = exact_names("bars", "labels", labels, len(next(iter(series.values()))))
    _, axes = figure(1, 1, (WIDTH, 3.4))
    axis = axes[0, 0]
    wide = 0.8 / len(series)
    places = numpy.arange(len(names))
    for i, (name, heights) in enumerate(series.items()):
        shift = (i - (len(series) - 1) / 2) * wide
        drawn = axis.bar(
            places + shift, heights, wide * 0.92, label=name, color=COLOURS[i % len(COLOURS)],
            hatch=HATCHES[i % len(HATCHES)], edgecolor="white",
        )  # fmt: skip
        if numbers:
            axis.bar_label(drawn, fmt="%.3g", padding=2, fontsize=9)
    axis.set_xticks(places, names)
    axis.set(title=title, ylabel=ylabel)
    axis.margins(y=0.12)
    axis.axhline(0, color="black", linewidth=0.8)
    if len(series) > 1:
        axis.legend(frameon=False)
    show()


def curves(
    values: Mapping[str, Row] | Row,
    *,
    x: Row | None = None,
    title: str = "",
    xlabel: str = "",
    ylabel: str = "",
    log: bool = False,
) -> None:
    """Draw one curve per series over a shared horizontal axis.

    Args:
        values: heights; or a mapping from a series' name to its heights.
        x: where the heights stand; 0, 1, 2, … unless given.
        title: the question that the figure answers.
        xlabel: what the horizontal axis means, with its unit.
        ylabel: what the height means, with its unit.
        log: whether the vertical axis is logarithmic.

    Raises:
        TypeError, ValueError: for series of unequal length.
    """
    checks.flag("curves", "log", log)
    series = as_series("curves", values)
    count = len(next(iter(series.values())))
    along = numpy.arange(count) if x is None else as_numbers("curves", x, 1)
    if len(along) != count:
        raise problem(
            ValueError, "error.count", owner="curves", option="x", given=len(along), allowed=count
        )
    _, axes = figure(1, 1, (WIDTH, 3.6))
    axis = axes[0, 0]
    for i, (name, heights) in enumerate(series.items()):
        axis.plot(
            along, heights, label=name, color=COLOURS[i % len(COLOURS)],
            marker=MARKERS[i % len(MARKERS)], linestyle=LINES[i % len(LINES)],
            markevery=max(1, count // 12),
        )  # fmt: skip
    axis.set(title=title, xlabel=xlabel, ylabel=ylabel)
    if log:
        axis.set_yscale("log")
    axis.grid(alpha=0.3)
    if len(series) > 1:
        axis.legend(frameon=False)
    show()


def _whole_ticks(axis: "Axes", shape: tuple[int, ...]) -> None:
    """Number a few rows and columns, whole numbers only."""
    rows, columns = shape
    axis.set_xticks(range(0, columns, max(1, columns // 5)))
    axis.set_yticks(range(0, rows, max(1, rows // 5)))


def _write_values(axis: "Axes", panel: Any, image: Any) -> None:
    """Write each value into its cell, light on dark and dark on light."""
    for (row, column), value in numpy.ndenumerate(panel):
        shade = ink(image.cmap(image.norm(value)))
        axis.text(column, row, f"{value:.2f}", ha="center", va="center", color=shade, fontsize=9)
