"""One set of shares for a whole picture: a dot and a square before three windows."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from cbam_teach.dynamic import DynamicSpatialAttention
from cbam_teach.fast import pool_channels
from cbam_teach.live.experiments_branches import draw, write
from cbam_teach.live.experiments_mask import far_from, spot

GAIN = 10.0  # of the kernels, each of which answers to bright spots of one size
DOT, LIGHT = 1.0, 0.9  # side of the dot in pixels; brightness of both objects


class Windows(nn.Module):
    """Mix the logits, and the masks, of three windows that look at two objects in one picture.

    The kernels are written by hand: the mean of a core minus that around it. The cores are one
    pixel (3×3), 3 × 3 pixels (7×7) and 3 × 3 pixels two apart (7×7 dilated). The dot stands a
    quarter of the way down and across.

    Shape:
        an even ground (1, C, H, W) and six scalars: the square's side in pixels, three numbers
        that are divided by their sum, w, the square's row and column, rounded to whole pixels, ->
        ``drawn`` (1, C, H, W); ``each_branch`` (1, 3, H, W), σ(z_k); ``by_logits`` and
        ``by_masks`` (1, 1, H, W), σ(Σ w_k z_k) and Σ w_k σ(z_k); ``at_dot`` and ``at_square``
        (1, 5, 1, 1), these five in the middle of either object.
    """

    def __init__(self) -> None:
        super().__init__()
        self.mask = DynamicSpatialAttention(router_hidden=1).requires_grad_(False)
        write(self.mask, [spot(3, 1, GAIN), spot(7, 3, GAIN), spot(7, 3, GAIN)])

    def forward(
        self,
        image: Float[Tensor, "1 c h w"],
        side: Tensor,
        share_1: Tensor,
        share_2: Tensor,
        share_3: Tensor,
        object_row: Tensor,
        object_column: Tensor,
    ) -> dict[str, Tensor]:
        given = torch.stack([share_1, share_2, share_3]) + 1e-6  # alike where all are 0
        w = (given / given.sum()).view(1, 3, 1, 1)
        dot, square = dot_place(image), (object_row.round(), object_column.round())
        light = torch.full_like(side, LIGHT)
        x = draw(image, *dot, torch.full_like(side, DOT), light)
        x = draw(x, *square, side, light)  # (1, C, H, W)
        s = pool_channels(x)  # (1, 2, H, W)
        z = torch.cat([branch(s) for branch in self.mask.branches], 1)  # (1, 3, H, W)
        each = torch.sigmoid(z)
        by_logits = torch.sigmoid((w * z).sum(1, keepdim=True))  # (1, 1, H, W)
        by_masks = (w * each).sum(1, keepdim=True)
        five = torch.cat([each, by_logits, by_masks], 1)  # (1, 5, H, W)
        at = [(far_from(x, *place) < 0.5).to(x) for place in (dot, square)]  # (H, W) each
        at_dot, at_square = ((here * five).sum((2, 3), keepdim=True) for here in at)
        return {
            "drawn": x, "each_branch": each, "by_logits": by_logits, "by_masks": by_masks,
            "at_dot": at_dot, "at_square": at_square,
        }  # fmt: skip


def dot_place(image: Float[Tensor, "1 c h w"]) -> tuple[Tensor, Tensor]:
    """Return the row and the column of the dot."""
    row, column = (torch.tensor(float(size // 4)).to(image) for size in image.shape[2:])
    return row, column
