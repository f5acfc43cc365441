"""What a mask multiplies by once it is mixed with the input, with either formula of the notes."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

FORMULAS = ("formula.code", "formula.text")
WIDE = 0.2  # standard deviation of the open place, as a part of the map's shorter side


class Softened(nn.Module):
    """Multiply a picture by the effective mask, 1 + m (α - 1) or 1 + m α.

    The mask α is 1 in the middle of one open place and falls to ``shut`` far from it. The first
    formula is the one in the notes' code and in `Mix`, the second that in the notes' text.

    Shape:
        x (1, C, H, W) and five scalars, the place of the formula in `FORMULAS`, m, ``shut``, and
        the row and the column of the open place -> ``mask`` α (1, 1, H, W); ``effective``
        (1, 1, H, W), what x is multiplied by; ``passing`` (1, C, H, W), the product;
        ``factors`` (1, 2, 1, 1), the least and the largest effective weight.
    """

    def forward(
        self, x: Float[Tensor, "1 c h w"], formula: Tensor, mix: Tensor, shut: Tensor,
        open_row: Tensor, open_column: Tensor,
    ) -> dict[str, Tensor]:  # fmt: skip
        height, width = x.shape[2:]
        h = torch.arange(height).to(x).view(-1, 1) - open_row  # (H, 1)
        w = torch.arange(width).to(x) - open_column  # (W,)
        near = torch.exp(-(h**2 + w**2) / (2 * (WIDE * min(height, width)) ** 2))  # (H, W)
        mask = (shut + (1 - shut) * near)[None, None]  # (1, 1, H, W)
        effective = torch.where(formula < 0.5, 1 + mix * (mask - 1), 1 + mix * mask)
        factors = torch.stack([effective.amin((2, 3)), effective.amax((2, 3))])  # (2, 1, 1)
        return {
            "mask": mask, "effective": effective, "passing": effective * x,
            "factors": factors.view(1, 2, 1, 1),
        }  # fmt: skip
