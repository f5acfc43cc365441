"""Small experiments with several windows: who shares them out, what the place adds, folding."""

from typing import cast

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from cbam_teach.dynamic import DynamicSpatialAttention
from cbam_teach.fast import pool_channels
from cbam_teach.fold import FoldedSpatialAttention
from cbam_teach.live.experiments_mask import far_from, spot
from cbam_teach.router import Router

GAIN = 8.0  # of the kernels that answer to spots
# The router's logits are slope · reading + bias; 3×3, 7×7 and 7×7 dilated.
SLOPES, BIASES = (-30.0, 0.0, 20.0), (2.0, 0.0, -7.0)
OBJECT, LIGHT = 5.0, 0.5  # side in pixels and brightness of the object that is moved
COLUMN = 3.0  # weight of the column where there are coordinates


def draw(
    image: Float[Tensor, "1 c h w"], row: Tensor, column: Tensor, side: Tensor, light: Tensor
) -> Float[Tensor, "1 c h w"]:
    """Draw a square over a picture; its border covers the pixels it passes through in part."""
    cover = (side / 2 + 0.5 - far_from(image, row, column)).clamp(0, 1)  # (H, W)
    return image + cover * (light - image)


def write(attention: DynamicSpatialAttention, kernels: list[Tensor]) -> None:
    """Give each branch a kernel, half of it for the mean and half for the maximum."""
    for branch, kernel in zip(attention.branches, kernels, strict=True):
        weight = cast(nn.Conv2d, branch).weight
        weight.zero_()
        weight[0, :2] = kernel / 2


def write_router(router: Router) -> None:
    """Let the shares follow the mean of what the router reads; hidden layer of width 1."""
    first, last = cast(nn.Linear, router.mlp[0]), cast(nn.Linear, router.mlp[-1])
    first.weight.fill_(0.5)
    first.bias.zero_()
    last.weight.copy_(torch.tensor(SLOPES)[:, None])
    last.bias.copy_(torch.tensor(BIASES))


class Sized(nn.Module):
    """Show an object of any size to a router, whose weights are written by hand.

    Shape:
        a background (1, C, H, W) and two scalars, the object's side in pixels and its brightness,
        -> ``drawn`` (1, C, H, W); ``reading`` (1, 1, 1, 1), the mean of [mean; max] over all
        pixels, all that the router learns of the picture. ``mask`` and ``mask.router`` are traced.
    """

    def __init__(self) -> None:
        super().__init__()
        self.mask = DynamicSpatialAttention(router_hidden=1).requires_grad_(False)
        write(self.mask, [spot(side, gain=GAIN) for side in (3, 7, 7)])
        write_router(self.mask.router)

    def forward(
        self, image: Float[Tensor, "1 c h w"], side: Tensor, brightness: Tensor
    ) -> dict[str, Tensor]:
        middle = torch.tensor([(size - 1) / 2 for size in image.shape[2:]]).to(image)
        x = draw(image, middle[0], middle[1], side, brightness)
        self.mask(x)
        return {"drawn": x, "reading": pool_channels(x).mean((1, 2, 3), keepdim=True)}


class Moved(nn.Module):
    """Show an object at any place to two masks; one of them is given the column of each pixel.

    Shape:
        a background (1, C, H, W) and two scalars, the object's row and column, rounded to whole
        pixels, -> ``drawn`` (1, C, H, W); ``here`` (1, 2, 1, 1), both masks in the middle of the
        object. ``without_coordinates`` and ``with_coordinates`` are traced.
    """

    def __init__(self) -> None:
        super().__init__()
        self.without_coordinates = two_windows(coordinates=False)
        self.with_coordinates = two_windows(coordinates=True)
        for branch in self.with_coordinates.branches:
            weight = cast(nn.Conv2d, branch).weight
            middle = weight.shape[-1] // 2
            weight[0, 2, middle, middle] = COLUMN

    def forward(
        self, image: Float[Tensor, "1 c h w"], object_row: Tensor, object_column: Tensor
    ) -> dict[str, Tensor]:
        row, column = object_row.round(), object_column.round()
        x = draw(image, row, column, torch.full_like(row, OBJECT), torch.full_like(row, LIGHT))
        at = (far_from(x, row, column) < 0.5).to(x)  # (H, W), 1 in the middle of the object
        masks = torch.cat([self.without_coordinates(x), self.with_coordinates(x)], 1)
        return {"drawn": x, "here": (at * masks).sum((2, 3), keepdim=True)}


def two_windows(*, coordinates: bool) -> DynamicSpatialAttention:
    """Return a mask with two windows that always count the same."""
    attention = DynamicSpatialAttention(
        kernels=(7, 9), dilated=None, coordinates=coordinates, router_hidden=1
    ).requires_grad_(False)
    write(attention, [spot(7, 3, GAIN), spot(9, 5, GAIN)])
    for part in attention.router.parameters():
        part.zero_()
    return attention


class Folded(nn.Module):
    """Run three branches, and one kernel that is their weighted sum.

    Shape:
        x (1, C, H, W) and three scalars, divided by their sum, -> ``weighted`` (1, 3, 13, 13),
        the branches' kernels for the mean, without gaps and times their shares; ``folded``
        (1, 1, 13, 13), their sum; ``by_branches`` and ``by_one`` (1, 1, H, W), the mask in both
        ways; ``gap``, the first minus the second.
    """

    kernels: Float[Tensor, "3 2 13 13"]

    def __init__(self) -> None:
        super().__init__()
        self.mask = DynamicSpatialAttention(router_hidden=1).requires_grad_(False)
        across = ((torch.arange(7) - 3) / 6).expand(7, 7)  # from left to right
        write(self.mask, [spot(3, gain=1.5), across, across.T])
        kernels = FoldedSpatialAttention(self.mask).kernels
        self.register_buffer("kernels", kernels, persistent=False)

    def forward(
        self, x: Float[Tensor, "1 c h w"], share_1: Tensor, share_2: Tensor, share_3: Tensor
    ) -> dict[str, Tensor]:
        given = torch.stack([share_1, share_2, share_3]) + 1e-6  # alike where all are 0
        w = (given / given.sum()).view(3, 1, 1, 1)
        s = pool_channels(x)  # (1, 2, H, W)
        z = torch.cat([branch(s) for branch in self.mask.branches], 1)  # (1, 3, H, W)
        by_branches = torch.sigmoid((w.view(1, 3, 1, 1) * z).sum(1, keepdim=True))
        weighted = w * self.kernels  # (3, 2, 13, 13)
        kernel = weighted.sum(0, keepdim=True)  # (1, 2, 13, 13)
        by_one = torch.sigmoid(F.conv2d(s, kernel, padding=kernel.shape[-1] // 2))
        return {
            "weighted": weighted[None, :, 0], "folded": kernel[:, :1],
            "by_branches": by_branches, "by_one": by_one, "gap": by_branches - by_one,
        }  # fmt: skip
