"""Two masks in three orders: what does the second read, when the first has closed a channel?"""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from cbam_teach.channel import ChannelAttention
from cbam_teach.spatial import SpatialAttention

ORDERS = ("order.channel_first", "order.spatial_first", "order.at_once")
REACH = 1  # pixels from the middle of the stray spot to its border
LOUD = 1.4  # mean plus maximum of a channel, above which the channel mask closes it
BRIGHT = 0.45  # mean of a window over the largest channel, above which the spatial mask opens


def quieting() -> ChannelAttention:
    """Return a channel mask for two channels that closes a loud one, z = 20 (LOUD - avg - max)."""
    mask = ChannelAttention(2, min_hidden=2, bias=True).requires_grad_(False)
    eye, half = torch.eye(2), torch.full((2,), 10 * LOUD)  # the mean and the maximum add one each
    numbers = {"0.weight": eye, "0.bias": 0 * half, "2.weight": -20 * eye, "2.bias": half}
    mask.mlp.load_state_dict(numbers)
    return mask


def seeking() -> SpatialAttention:
    """Return a spatial mask that opens where a window of 3×3 of the maximum is bright."""
    mask = SpatialAttention(kernel_size=3, bias=True).requires_grad_(False)
    kernel = torch.zeros(1, 2, 3, 3)
    kernel[:, 1] = 20 / 9
    mask.conv.load_state_dict({"weight": kernel, "bias": torch.tensor([-20 * BRIGHT])})
    return mask


class Ordered(nn.Module):
    """Send two channels through the same two masks in an order that is chosen.

    The first channel is black but for a stray spot, the second is the picture. The masks are
    `quieting` and `seeking`; what they compute depends on what they are given.

    Shape:
        x (1, 1, H, W) and four scalars, the place of the order in `ORDERS`, the strength of the
        spot, its row and its column -> ``given`` (1, 2, H, W), the two channels; ``read``
        (1, 1, H, W), the largest channel at each position, as the spatial mask reads it; ``mask``
        (1, 1, H, W), the spatial mask; ``gates`` (1, 2, 1, 1), the channel mask; ``twice``
        (1, 2, H, W), both channels after both masks; ``opened`` (1, 2, 1, 1), the spatial mask in
        the middle of the spot, and the mean of it over the picture's pixels above `BRIGHT`.
    """

    def __init__(self) -> None:
        super().__init__()
        self.channel, self.spatial = quieting(), seeking()

    def forward(
        self, x: Float[Tensor, "1 1 h w"], order: Tensor, strength: Tensor, spot_row: Tensor,
        spot_column: Tensor,
    ) -> dict[str, Tensor]:  # fmt: skip
        h = torch.arange(x.shape[2]).to(x).view(-1, 1)  # (H, 1)
        w = torch.arange(x.shape[3]).to(x)  # (W,)
        far = torch.maximum((h - spot_row).abs(), (w - spot_column).abs())  # (H, W)
        far = far[None, None]  # (1, 1, H, W)
        f = torch.cat([strength * (far < REACH + 0.5).to(x), x], 1)  # (1, 2, H, W)
        channel_first, spatial_first = order < 0.5, (order > 0.5) & (order < 1.5)
        seen = torch.where(channel_first, self.channel(f) * f, f)  # (1, 2, H, W)
        mask = self.spatial(seen)  # (1, 1, H, W)
        gates = self.channel(torch.where(spatial_first, mask * f, f))  # (1, 2, 1, 1)
        middle, bright = (far < 0.5).to(x), (x > BRIGHT).to(x)
        opened = [(mask * at).sum() / at.sum().clamp(min=1) for at in (middle, bright)]
        return {
            "given": f, "read": seen.amax(1, keepdim=True), "mask": mask, "gates": gates,
            "twice": mask * gates * f, "opened": torch.stack(opened).view(1, 2, 1, 1),
        }  # fmt: skip
