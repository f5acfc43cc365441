"""A few real photographs that ship inside packages which this one needs anyway."""

from typing import Any

import torch
import torch.nn.functional as F
from jaxtyping import Float32
from torch import Tensor

from cbam_teach import checks
from cbam_teach.pictures import need


def photographs(*, size: int | None = None) -> dict[str, Float32[Tensor, "3 h w"]]:
    """Return three colour photographs by name, brightness from 0 to 1; nothing is downloaded.

    - ``"china"``: a temple under a blue sky, from scikit-learn. By danielbuechele (Flickr),
      CC BY 2.0.
    - ``"flower"``: one flower before a dark ground, from scikit-learn. By vultilion (Flickr),
      CC BY 2.0.
    - ``"hopper"``: a portrait of Grace Hopper, from matplotlib's sample data, which took it
      in as a picture in the public domain. By the U.S. Navy.

    Show the credit where you show the first two; their licence asks for it.

    Args:
        size: the shorter side in pixels; the longer one follows in proportion, rounded.
            None: as the file has it, 427 × 640 twice and 600 × 512 (H × W).

    Raises:
        TypeError, ValueError: for a size that is not allowed.
        ImportError: where scikit-learn or matplotlib is missing.
    """
    if size is not None:
        checks.integer("photographs", "size", size)

    def from_sklearn() -> Any:
        from sklearn.datasets import load_sample_image

        return {name: load_sample_image(f"{name}.jpg") for name in ("china", "flower")}

    def from_matplotlib() -> Any:
        from matplotlib.cbook import get_sample_data
        from matplotlib.image import imread

        opened: Any = get_sample_data("grace_hopper.jpg")
        with opened as file:
            pixels = imread(file, format="jpg")
        return {"hopper": pixels}

    files = need("photographs", "scikit-learn", "pip install scikit-learn", from_sklearn)
    files |= need("photographs", "matplotlib", "pip install matplotlib", from_matplotlib)
    return {name: as_picture(pixels, size) for name, pixels in files.items()}


def as_picture(pixels: Any, size: int | None) -> Float32[Tensor, "3 h w"]:
    """Turn (H, W, 3) numbers from 0 to 255 into a picture, its shorter side ``size`` pixels."""
    picture = torch.tensor(pixels).movedim(-1, 0).float() / 255  # (3, H, W)
    if size is None:
        return picture.contiguous()
    height, width = picture.shape[1:]
    shorter = min(height, width)
    target = round(height * size / shorter), round(width * size / shorter)
    smooth = F.interpolate(picture[None], target, mode="bilinear", antialias=True)
    return smooth[0].clamp(0, 1)  # (3, H', W')
