"""Colour pictures, and maps of the same pictures beside each other."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from cbam_teach import checks
from cbam_teach.evidence import check_maps, check_shape
from cbam_teach.plots_data import exact_names, several
from cbam_teach.style import WIDTH, figure, show

EDGE = 1.6  # points


def pictures(
    images: Sequence[Float[Tensor, "3 _ _"]],
    *,
    titles: Sequence[str] | None = None,
    title: str = "",
    columns: int = 4,
) -> None:
    """Draw colour pictures side by side.

    Args:
        images: each (3, H, W), red, green and blue from 0 to 1; what lies beyond is cut off.
            Sizes may differ; all are drawn equally wide.
        titles: one per picture.
        title: the question that the figure answers.
        columns: pictures in one row.

    Raises:
        TypeError, ValueError: for no list, a picture of another shape, or titles that are too
            few.
    """
    checks.integer("pictures", "columns", columns)
    panels = several("pictures", "images", images)
    for image in panels:
        check_shape("pictures", "images", image, (3, "H", "W"))
    names = exact_names("pictures", "titles", titles or [""] * len(panels), len(panels))
    across = min(columns, len(panels))
    down = -(-len(panels) // across)
    tall = max(image.shape[1] / image.shape[2] for image in panels)
    high = WIDTH / max(across, 3) * tall + (0.35 if any(names) else 0.08)
    fig, axes = figure(down, across, (WIDTH, down * high + 0.4))
    for axis, image, name in zip(axes.flat, panels, names, strict=False):
        shown(axis, image)
        axis.set_title(name, fontsize=11)
    for axis in axes.flat[len(panels) :]:
        axis.set_axis_off()
    fig.suptitle(title, fontsize=12)
    show()


def beside(
    images: Float[Tensor, "n 3 H W"],
    maps: Mapping[str, Float[Tensor, "n 1 h w"]],
    *,
    boxes: Int64[Tensor, "n 4"],
    first: str,
    title: str = "",
) -> None:
    """Draw pictures in the first column and maps of them in the others, a row for each picture.

    Each map has its own scale, dark to light, a cross in its highest cell (the first of
    several), and the object's box.

    Args:
        images: (N, 3, H, W), as in `pictures`.
        maps: by title; (N, 1, h, w) in any unit, of any size.
        boxes: (N, 4), x0, y0, x1, y1 in the picture's pixels, as in `pictures.Digits`.
        first: the title of the first column.
        title: the question that the figure answers.

    Raises:
        TypeError, ValueError: for tensors of other shapes, or maps that are not finite.
    """
    check_shape("beside", "images", images, ("N", 3, "H", "W"))
    check_shape("beside", "boxes", boxes, (len(images), 4))
    for each in maps.values():
        check_shape("beside", "maps", each, (len(images), 1, "h", "w"))
        check_maps("beside", each)
    height, width = images.shape[2:]
    side = WIDTH / (len(maps) + 1)
    size = (WIDTH, len(images) * (side * height / width + 0.05) + 0.8)
    fig, axes = figure(len(images), len(maps) + 1, size)
    for row, image, box in zip(axes, images, boxes, strict=True):
        shown(row[0], image)
        framed(row[0], box)
    for column, (name, each) in enumerate(maps.items(), start=1):
        axes[0, column].set_title(name, fontsize=10.5)
        for axis, one, box in zip(axes[:, column], each, boxes, strict=True):
            cells = one[0].detach().cpu()  # (h, w)
            axis.imshow(cells.numpy(), extent=(0, width, height, 0), aspect="equal")
            r, c = divmod(int(cells.argmax()), cells.shape[1])
            x, y = (c + 0.5) * width / cells.shape[1], (r + 0.5) * height / cells.shape[0]
            axis.plot([x], [y], "x", color="black", markersize=9, markeredgewidth=4)
            axis.plot([x], [y], "x", color="white", markersize=8, markeredgewidth=1.8)
            framed(axis, box)
            bare(axis)
    axes[0, 0].set_title(first, fontsize=10.5)
    fig.suptitle(title, fontsize=12)
    show()


def shown(axis: Any, image: Tensor) -> None:
    """Draw one picture (3, H, W) without ticks."""
    height, width = image.shape[1:]
    pixels = image.detach().cpu().clamp(0, 1).movedim(0, 2).to(torch.float32)  # (H, W, 3)
    axis.imshow(pixels.numpy(), extent=(0, width, height, 0), aspect="equal")
    bare(axis)


def framed(axis: Any, box: Tensor) -> None:
    """Draw a box, white on black, so that it is seen on any map."""
    from matplotlib.patches import Rectangle

    x0, y0, x1, y1 = box.tolist()
    for colour, more in (("black", 1.8), ("white", 0.0)):
        frame = Rectangle((x0, y0), x1 - x0, y1 - y0, fill=False)
        frame.set(edgecolor=colour, linewidth=EDGE + more)
        axis.add_patch(frame)


def bare(axis: Any) -> None:
    """Take the ticks away, which count pixels that nobody asks about."""
    axis.set(xticks=[], yticks=[])
    for edge in axis.spines.values():
        edge.set_visible(False)
