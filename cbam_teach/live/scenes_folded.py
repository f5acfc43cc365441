"""The one kernel of a position, tried on the whole picture."""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from cbam_teach.dynamic import DynamicSpatialAttention
from cbam_teach.fast import pool_channels
from cbam_teach.fold import FoldedSpatialAttention
from cbam_teach.live.experiments_branches import write, write_router
from cbam_teach.live.experiments_mask import far_from, spot

GAIN = 10.0  # of the kernels, each of which answers to bright spots of one size


class KernelHere(nn.Module):
    """Fold three branches with the shares of one position, and use that kernel everywhere.

    The router reads mean + λ (s - mean): with λ = 0 the averages of s, as ``router="sample"``
    does, with λ = 1 each pixel's own two numbers, as ``router="pixel"`` does. Its weights and
    the kernels are written by hand.

    Shape:
        x (1, C, H, W) and three scalars, λ and the position's row and column, rounded to whole
        pixels, -> ``mask`` (1, 1, H, W), that of the branches; ``fold_shares`` (1, 3, H, W);
        ``fold_kernel`` (1, 1, 13, 13), the position's Σ w_k K_k for the mean map;
        ``fold_gap`` (1, 1, H, W), the mask from that kernel minus ``mask``; ``fold_off``
        (1, 2), its size at the position and the largest.
    """

    kernels: Float[Tensor, "3 2 13 13"]

    def __init__(self) -> None:
        super().__init__()
        self.attention = DynamicSpatialAttention(router_hidden=1).requires_grad_(False)
        write(self.attention, [spot(3, 1, GAIN), spot(7, 3, GAIN), spot(7, 3, GAIN)])
        write_router(self.attention.router)
        kernels = FoldedSpatialAttention(self.attention).kernels
        self.register_buffer("kernels", kernels, persistent=False)

    def forward(
        self, x: Float[Tensor, "1 c h w"], own_say: Tensor, fold_row: Tensor, fold_column: Tensor
    ) -> dict[str, Tensor]:
        s = pool_channels(x)  # (1, 2, H, W)
        mean = s.mean((2, 3), keepdim=True)  # (1, 2, 1, 1)
        reading = mean + own_say * (s - mean)
        w = self.attention.router.mlp(reading.movedim(1, -1)).softmax(-1).movedim(-1, 1)
        z = torch.cat([branch(s) for branch in self.attention.branches], 1)  # (1, 3, H, W)
        mask = torch.sigmoid((w * z).sum(1, keepdim=True))  # (1, 1, H, W)
        at = (far_from(x, fold_row.round(), fold_column.round()) < 0.5).to(x)  # (H, W)
        here = (at * w).sum((2, 3)).view(3, 1, 1, 1)
        kernel = (here * self.kernels).sum(0, keepdim=True)  # (1, 2, 13, 13)
        by_one = torch.sigmoid(F.conv2d(s, kernel, padding=kernel.shape[-1] // 2))
        gap = by_one - mask
        off = torch.cat([(at * gap.abs()).sum((2, 3)), gap.abs().amax((2, 3))], 1)  # (1, 2)
        return {
            "mask": mask, "fold_shares": w, "fold_kernel": kernel[:, :1], "fold_gap": gap,
            "fold_off": off,
        }  # fmt: skip
