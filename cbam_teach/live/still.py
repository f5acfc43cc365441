"""The static picture of a live figure: what stands where nothing can be computed."""

import io
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor

from cbam_teach.language import say, written
from cbam_teach.live.views import IMAGE, View, numbers
from cbam_teach.style import COLOURS, PRINT, WIDTH, figure

DARKEST = 0.12  # what an overlay leaves of the picture where the mask is lowest
ACROSS, MOST = 3, 6  # views beside each other, and in all
SMALL = 560  # pixels at most on the longer side of a stand-in
TITLE = 26  # characters in a line


def draw(
    views: Sequence[tuple[View, bool]],
    values: Mapping[str, Tensor],
    image: Tensor,
    shares: set[str],
) -> bytes:
    """Return a PNG of the views in the fewest bytes; for the arguments see `compose`."""
    import matplotlib.pyplot as plt

    fig = compose(views, values, image, shares)
    raw = io.BytesIO()
    fig.savefig(raw, format="png", **PRINT)
    plt.close(fig)
    return with_palette(raw.getvalue())


def compose(
    views: Sequence[tuple[View, bool]],
    values: Mapping[str, Tensor],
    image: Tensor,
    shares: set[str],
) -> Any:
    """Draw the first six views with matplotlib; a difference, 0 at the start, is left out.

    Where nothing else is there, the picture is drawn.

    Args:
        views: each with whether its values lie in [0, 1] by their kind.
        values: name -> output, with batch axis, of each view but that of the picture.
        image: (1, C, H, W), brightness from 0 to 1 where C is 1 or 3.
        shares: the names of outputs that sum to 1 over their parts.
    """
    views = [each for each in views if each[0].kind in DRAWERS][:MOST]
    views = views or [(View("picture", IMAGE), True)]
    across = min(ACROSS, len(views))
    rows = -(-len(views) // across)
    fig, axes = figure(rows, across, (WIDTH, 2.3 * rows))
    every = {**values, IMAGE: image}
    for axis, (view, bounded) in zip(axes.flat, views, strict=False):
        spec = view.describe(bounded)
        value = every[view.of].detach().float().cpu()
        DRAWERS[view.kind](axis, value, spec, image.detach().float().cpu(), view.of in shares)
        axis.set_title(textwrap.fill(spec["label"], TITLE), fontsize=10)
    for axis in list(axes.flat)[len(views) :]:
        axis.set_visible(False)
    return fig


def with_palette(png: bytes) -> bytes:
    """Return the same picture in its 256 commonest colours: a third of the bytes."""
    from PIL import Image

    picture = Image.open(io.BytesIO(png)).convert("RGB")
    out = io.BytesIO()
    picture.quantize(256, kmeans=3, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()


def lighter(png: bytes) -> bytes:
    """Return the same picture smaller and as a WebP, for a place where it only stands in."""
    from PIL import Image

    picture = Image.open(io.BytesIO(png)).convert("RGB")
    picture.thumbnail((SMALL, SMALL))
    out = io.BytesIO()
    picture.save(out, "WEBP", quality=50, method=6)
    return out.getvalue()


def as_picture(axis: Any, value: Tensor, spec: dict[str, Any], image: Tensor, shares: bool) -> None:
    value = value if value.shape[1] == 3 else value.mean(1, keepdim=True)
    pixels = value[0].clamp(0, 1).permute(1, 2, 0)  # (H, W, 3) or (H, W, 1)
    grey = {"cmap": "gray", "vmin": 0, "vmax": 1} if pixels.shape[2] == 1 else {}
    axis.imshow(pixels.squeeze(2).numpy(), **grey)
    bare(axis)


def as_map(axis: Any, value: Tensor, spec: dict[str, Any], image: Tensor, shares: bool) -> None:
    tiles = value[0]  # (K, H, W)
    row = tiles.permute(1, 0, 2).reshape(tiles.shape[1], -1)  # (H, K · W): side by side
    drawn = axis.imshow(row.numpy(), vmin=spec["least"], vmax=spec["most"])
    axis.figure.colorbar(drawn, ax=axis, shrink=0.7)
    bare(axis)


def as_overlay(axis: Any, value: Tensor, spec: dict[str, Any], image: Tensor, shares: bool) -> None:
    from torch.nn.functional import interpolate

    grown = interpolate(value, image.shape[2:], mode="nearest")  # (1, 1, H, W)
    least, most = ends_of(spec, value)
    kept = ((grown - least) / (most - least)).clamp(0, 1)
    as_picture(axis, image * (DARKEST + (1 - DARKEST) * kept), spec, image, shares)


def ends_of(spec: dict[str, Any], value: Tensor) -> tuple[float, float]:
    """Return the two ends of a view's scale, those of its values where it is automatic."""
    if spec["least"] is not None:
        return spec["least"], spec["most"]
    finite = value[value.isfinite()]
    if not len(finite):
        return 0.0, 1.0
    return finite.min().item(), max(finite.max().item(), finite.min().item() + 1e-6)


def as_bars(axis: Any, value: Tensor, spec: dict[str, Any], image: Tensor, shares: bool) -> None:
    heights = value.flatten().tolist()
    axis.bar(range(len(heights)), heights, color=COLOURS[0])
    if spec["most"] is not None:
        axis.set_ylim(spec["least"], spec["most"])
    if spec["names"]:
        axis.set_xticks(range(len(heights)), spec["names"], fontsize=8)


def as_histogram(
    axis: Any, value: Tensor, spec: dict[str, Any], image: Tensor, shares: bool
) -> None:
    ends = ends_of(spec, value)
    inside = value.clamp(*ends).flatten().numpy()  # what lies beyond counts at the ends
    axis.hist(inside, bins=spec["bins"], range=ends, color=COLOURS[0])


def as_numbers(axis: Any, value: Tensor, spec: dict[str, Any], image: Tensor, shares: bool) -> None:
    found = numbers(value, shares=shares)
    bounded = value.min() >= -1e-6 and value.max() <= 1 + 1e-6  # else neither a mask nor shares
    told = {n: written(x, ".3f") if bounded or n == "mean" else "–" for n, x in found.items()}
    write(axis, [f"{say(f'live.number.{name}')}: {text}" for name, text in told.items()])


def as_values(axis: Any, value: Tensor, spec: dict[str, Any], image: Tensor, shares: bool) -> None:
    form = f".{spec['digits']}f"
    if spec["names"]:
        pairs = zip(spec["names"], value.flatten().tolist(), strict=False)
        write(axis, [f"{name}: {written(number, form)}" for name, number in pairs])
        return
    table = value.reshape(-1, value.shape[-1]).tolist() if value.ndim else [[value.item()]]
    write(axis, ["  ".join(written(number, form) for number in row) for row in table])


def write(axis: Any, lines: list[str]) -> None:
    axis.text(0.02, 0.95, "\n".join(lines), va="top", fontsize=9, transform=axis.transAxes)
    axis.axis("off")


def bare(axis: Any) -> None:
    axis.set_xticks([])
    axis.set_yticks([])


DRAWERS = {
    "picture": as_picture, "heatmap": as_map, "overlay": as_overlay, "bars": as_bars,
    "histogram": as_histogram, "numbers": as_numbers, "values": as_values,
}  # fmt: skip
