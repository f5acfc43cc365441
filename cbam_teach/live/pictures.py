"""The pictures of a live figure, as its front end takes them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from cbam_teach.checks import named
from cbam_teach.language import problem


@dataclass(frozen=True)
class Album:
    """Pictures of one size, and how they are kept.

    Attributes:
        images: (N, C, H, W), float32; where ``kind`` is "uint8" every value is k/255.
        names: a name for each.
        kind: "uint8" for brightness in [0, 1] in 1 or 3 channels, else "float32".
    """

    images: Float[Tensor, "n c h w"]
    names: list[str]
    kind: str

    def describe(self) -> dict[str, Any]:
        return {"shape": [1, *self.images.shape[1:]], "type": self.kind, "names": self.names}

    def data(self) -> bytes:
        """Return all pictures one after another: bytes (H, W, C), or float32 (C, H, W)."""
        if self.kind == "uint8":
            pixels = (self.images * 255).round().to(torch.uint8).permute(0, 2, 3, 1)
            return pixels.contiguous().numpy().tobytes()
        return self.images.contiguous().numpy().astype("<f4").tobytes()


def read_pictures(image: object) -> Album:
    """Return the pictures given: one tensor, or a dictionary from name to tensor.

    A picture is (C, H, W) or (1, C, H, W). Brightness is kept in 8 bits, so that it is the same
    number in every engine.

    Raises:
        TypeError, ValueError: for anything else, for several sizes, for numbers not finite.
    """
    given = dict(image) if isinstance(image, Mapping) else {"": image}
    images = [read(value) for value in given.values()]
    sizes = sorted({tuple(each.shape) for each in images})
    if len(sizes) != 1:
        raise problem(
            ValueError, "live.error.sizes", given=[str(size) for size in sizes],
            allowed="(C, H, W)",
        )  # fmt: skip
    stacked = torch.stack(images)
    seen = stacked.shape[1] in (1, 3) and stacked.min() >= 0 and stacked.max() <= 1
    if seen:
        stacked = (stacked * 255).round() / 255
    return Album(stacked, [str(name) for name in given], "uint8" if seen else "float32")


def read(value: object) -> Float[Tensor, "c h w"]:
    shape = "(C, H, W), (1, C, H, W)"
    if not isinstance(value, Tensor):
        raise problem(TypeError, "live.error.image", given=named(value), allowed=shape)
    if value.ndim == 4 and value.shape[0] == 1:
        value = value[0]
    if value.ndim != 3 or 0 in value.shape or not value.is_floating_point():
        given = f"{tuple(value.shape)}, {value.dtype}"
        raise problem(ValueError, "live.error.image", given=given, allowed=shape)
    if not value.isfinite().all():
        raise problem(ValueError, "live.error.finite", given="inf, nan", allowed="-∞ < x < ∞")
    return value.detach().float().cpu()
