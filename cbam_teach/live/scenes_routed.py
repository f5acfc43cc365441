"""What the column can tell a mask: through its branches, through two kinds of router."""

from typing import cast

import torch
from jaxtyping import Float
from torch import Tensor, nn

from cbam_teach.dynamic import DynamicSpatialAttention, with_coordinates
from cbam_teach.fast import pool_channels
from cbam_teach.live.experiments_branches import draw, write
from cbam_teach.live.experiments_mask import spot

GAIN = 10.0  # of the kernel that answers to bright spots; the other branch has its negative
SIDE = 5.0  # of the squares, in pixels
BRIGHT, DARK = 1.0, 0.0


class Routed(nn.Module):
    """Look at four squares through two windows; one answers to bright spots, one to dark ones.

    Both branches add ``column_in_branches`` times the column to their logits. The share of the
    first is σ(lean - column_in_router · column): with the mean of the column over the map in one
    router, with the column of each pixel in the other.

    Shape:
        an even ground (1, C, H, W) and three scalars -> ``four_squares`` (1, C, H, W), bright
        ones above dark ones; ``both_shares`` (1, 2, H, W), the first branch's share per sample
        and per pixel; ``both_masks`` (1, 2, H, W) with these shares; ``sample_squares`` and
        ``pixel_squares`` (1, 4, 1, 1), the masks in the middle of the squares: bright left,
        bright right, dark left, dark right.
    """

    def __init__(self) -> None:
        super().__init__()
        self.mask = DynamicSpatialAttention(
            kernels=(7, 7), dilated=None, coordinates=True, router_hidden=2
        ).requires_grad_(False)
        write(self.mask, [spot(7, 3, GAIN), -spot(7, 3, GAIN)])
        for branch in self.mask.branches:
            cast(nn.Conv2d, branch).weight[:, 2:] = 0.0  # the column comes from the control

    def forward(
        self,
        image: Float[Tensor, "1 c h w"],
        column_in_branches: Tensor,
        lean: Tensor,
        column_in_router: Tensor,
    ) -> dict[str, Tensor]:
        x = image
        for row, column, light in middles(image):
            place = (torch.tensor(float(n)).to(image) for n in (row, column, SIDE, light))
            x = draw(x, *place)  # (1, C, H, W)
        s = with_coordinates(pool_channels(x))  # (1, 4, H, W)
        c = s[:, 2:3]  # (1, 1, H, W), the column from -1 to 1
        z = torch.cat([branch(s) for branch in self.mask.branches], 1)  # (1, 2, H, W)
        z = z + column_in_branches * c
        c = torch.cat([c.mean((2, 3), keepdim=True).expand_as(c), c], 1)  # (1, 2, H, W)
        w = torch.sigmoid(lean - column_in_router * c)  # (1, 2, H, W)
        masks = torch.sigmoid(w * z[:, :1] + (1 - w) * z[:, 1:])  # (1, 2, H, W)
        at = [masks[:, :, row, column] for row, column, _ in middles(image)]  # (1, 2) each
        squares = torch.stack(at, 2)[..., None]  # (1, 2, 4, 1)
        return {
            "four_squares": x, "both_shares": w, "both_masks": masks,
            "sample_squares": squares[:, 0, :, :, None],
            "pixel_squares": squares[:, 1, :, :, None],
        }  # fmt: skip


def middles(image: Float[Tensor, "1 c h w"]) -> list[tuple[int, int, float]]:
    """Return the row, the column and the brightness of each square."""
    height, width = image.shape[2:]
    left, right = width // 4, width - 1 - width // 4  # columns c and -c
    above, below = height // 4, height - 1 - height // 4
    return [
        (above, left, BRIGHT),
        (above, right, BRIGHT),
        (below, left, DARK),
        (below, right, DARK),
    ]
