"""Attention put onto one trained branch: what the network computed before, and what it does now."""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

KINDS = ("s08.residual", "s08.plain_with_x", "s08.plain")
GAIN, WIDE = 3.0, 5  # of the detail that the branch adds; side in pixels of what it compares with


class Inserted(nn.Module):
    """Insert a mask of one value, mixed with its input, into one block.

    The branch is written by hand: f = 3 (x - its mean over 5 × 5 pixels), the detail. The mask α
    and the mixing scalar m leave 1 + m (α - 1) of it. Of the three networks the first computed
    x + f, the other two f alone; the first two now add x, as the notes' rule says.

    Shape:
        x (1, C, H, W) and three scalars, the network's place in `KINDS`, α and m ->
        ``s08_before`` and ``s08_after`` (1, C, H, W); ``s08_moved`` (1, 1, H, W), the mean over
        the channels of how far each pixel moved; ``s08_distance`` (1, 1, 1, 1), the length of
        the difference over that of the first output.
    """

    def forward(
        self, x: Float[Tensor, "1 c h w"], s08_network: Tensor, s08_mask: Tensor, s08_mix: Tensor
    ) -> dict[str, Tensor]:
        around = F.avg_pool2d(x, WIDE, 1, WIDE // 2, count_include_pad=False)
        f = GAIN * (x - around)  # (1, C, H, W)
        dimmed = (1 + s08_mix * (s08_mask - 1)) * f
        before = torch.where(s08_network < 0.5, x + f, f)
        after = torch.where(s08_network < 1.5, x + dimmed, dimmed)
        apart, whole = (length(y) for y in (after - before, before))
        return {
            "s08_before": before, "s08_after": after,
            "s08_moved": (after - before).abs().mean(1, keepdim=True),
            "s08_distance": (apart / whole.clamp(min=1e-6)).to(x),
        }  # fmt: skip


def length(y: Float[Tensor, "1 c h w"]) -> Float[Tensor, "1 1 1 1"]:
    """Return the root of the mean square, in float64: two engines add in another order."""
    return y.double().square().mean((1, 2, 3), keepdim=True).sqrt()
