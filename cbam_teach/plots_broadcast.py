"""What broadcasting does to a mask, drawn cell by cell."""

from typing import TYPE_CHECKING, Any

import numpy

from cbam_teach.language import problem, say
from cbam_teach.style import WIDTH, figure, ink, show

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST = 6  # cells along an axis; more would be too small to read


def broadcast(
    shape_x: tuple[int, ...], shape_mask: tuple[int, ...], *, title: str | None = None
) -> None:
    """Draw a feature map, its mask, and the mask as it is spread for the product.

    Each value of the mask has a number and a colour, which all its copies keep. Grids are
    (H, W); channels go down, samples across. Missing axes are taken to be 1, on the left,
    as PyTorch takes them.

    Args:
        shape_x: the shape of the feature map, 1 to 4 axes, the last ones of (B, C, H, W).
        shape_mask: the shape of the mask, likewise.
        title: the question that the figure answers.

    Raises:
        ValueError: when the shapes cannot be multiplied, or are too large to draw.
    """
    for shape in (shape_x, shape_mask):
        sizes_fit = all(isinstance(n, int) and 1 <= n <= MOST for n in shape)
        if not 1 <= len(shape) <= 4 or not sizes_fit:
            raise problem(
                ValueError, "error.draw_shape", owner="broadcast",
                given=tuple(shape), allowed=f"1 … {MOST}",
            )  # fmt: skip
    x = numpy.full(_four(shape_x), -1)
    mask = numpy.arange(numpy.prod(shape_mask)).reshape(_four(shape_mask))
    try:
        spread = numpy.broadcast_to(mask, numpy.broadcast_shapes(x.shape, mask.shape))
    except ValueError:
        raise problem(
            ValueError, "error.spread", owner="broadcast", given=tuple(shape_mask),
            allowed=" × ".join(f"{{1, {n}}}" for n in shape_x),
        ) from None  # fmt: skip
    result = spread.shape[-max(len(shape_x), len(shape_mask)) :]
    parts = (
        (x, say("plots.x", shape=tuple(shape_x))),
        (mask, say("plots.mask", shape=tuple(shape_mask))),
        (spread, say("plots.spread", shape=tuple(result))),
    )
    widths = [max(3.4, array.shape[0] * (array.shape[3] + 0.8)) for array, _ in parts]
    cell = min(0.34, (WIDTH - 1.0) / (sum(widths) + 3))
    head = (0.85 if len(x) > 1 else 0.6) / cell  # room for titles and samples, in cells
    tall = max(array.shape[1] * (array.shape[2] + 0.6) for array, _ in parts) + head
    above = 0.35 if title else 0.0
    _, axes = figure(1, 1, (WIDTH, max(1.6, tall * cell + 0.3) + above))
    axis = axes[0, 0]
    left = 0.0
    for (array, name), wide, sign in zip(parts, widths, ("⊙", "→", ""), strict=True):
        _brick(axis, array, (left, left + wide - 0.4), name, (head, tall))
        middle = (head + tall - 0.6) / 2
        axis.text(left + wide + 0.2, middle, sign, ha="center", va="center", fontsize=16)
        left += wide + 1.2
    axis.set(xlim=(-0.8, left - 0.6), ylim=(tall, 0), aspect="equal")
    axis.set_axis_off()
    if title:
        axis.set_title(title, fontsize=12)
    show()


def _four(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Put ones on the left until there are four axes."""
    return (1,) * (4 - len(shape)) + tuple(shape)


def _brick(
    axis: "Axes", array: Any, across: tuple[float, float], title: str, down: tuple[float, float]
) -> None:
    """Draw one array between two ends across and down: a grid per channel and per sample."""
    from matplotlib import colormaps
    from matplotlib.patches import Rectangle

    samples, channels, rows, columns = array.shape
    labelled = array.min() < 0  # the feature map, whose rows and columns of grids all share
    full = samples * (columns + 0.8) - 0.8
    start = (sum(across) - full) / 2
    top = (sum(down) - channels * (rows + 0.6)) / 2
    axis.text(sum(across) / 2, 0.1, title, ha="center", va="top", fontsize=11.5)
    for c in range(channels if labelled and channels > 1 else 0):
        middle = top + c * (rows + 0.6) + rows / 2
        axis.text(start - 0.2, middle, f"c={c}", ha="right", va="center", fontsize=10)
    for b in range(samples if labelled and samples > 1 else 0):
        middle = start + b * (columns + 0.8) + columns / 2
        axis.text(middle, top - 0.15, f"b={b}", ha="center", va="bottom", fontsize=10)
    colour = colormaps["cividis"]
    most = max(1, int(array.max()))
    for (b, c, h, w), value in numpy.ndenumerate(array):
        px, py = start + b * (columns + 0.8) + w, top + c * (rows + 0.6) + h
        fill = (0.9, 0.9, 0.9, 1.0) if value < 0 else colour(value / most)
        axis.add_patch(Rectangle((px, py), 1, 1, facecolor=fill, edgecolor="white", linewidth=1))
        if value >= 0:
            place: dict[str, Any] = {
                "ha": "center",
                "va": "center",
                "fontsize": 10,
                "color": ink(fill),
            }
            axis.text(px + 0.5, py + 0.52, str(value), **place)
