"""A router that reads a marker, two witnesses of one channel, and what is left once it dies."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from cbam_teach.channel import ChannelAttention
from cbam_teach.fast import pool_pixels
from cbam_teach.live.scenes_channel import covered

LEVEL, GAIN = 0.2, 10.0  # logit of a summary s: GAIN (s - LEVEL)
LIGHT = 0.8  # of the object and of the stray pixel
CORNER = 1.0  # row and column of the object's upper left corner, as far as it fits in
STEEP = 12.0  # how far the hidden unit parts the two logits of the router


class Marked(nn.Module):
    """Weigh the evidence of a channel by a router that reads a second channel, the marker.

    The first channel holds a square and a stray pixel in the lower right corner; the second is
    even. All weights are written by hand: the logit of a summary s of the first channel is
    10 (s - 0.2), and one hidden unit of the router, h = relu(marker + b), parts its logits by
    12 h - 6.

    Shape:
        x (1, 2, H, W), drawn over, and four scalars: the square's side in pixels (0: none), 1
        where there is a stray pixel, the marker and the hidden unit's bias b ->
        ``marked_channels`` (1, 2, H, W); ``marked_unit`` (1, 1, 1, 1), h; ``marked_shares``
        (1, 2, 1, 1), those of the mean and the maximum; ``marked_masks`` (1, 4, 1, 1), the first
        channel's mask by the mean, by the maximum, by halves of both and by the router's shares.
    """

    def __init__(self) -> None:
        super().__init__()
        made = ChannelAttention(2, min_hidden=2, bias=True, fusion="router")
        self.attention = made.requires_grad_(False)
        for p in made.parameters():
            p.zero_()
        write = made.get_parameter
        write("mlp.0.weight")[:, 0] = torch.tensor([1.0, -1.0])  # relu(s - LEVEL), relu(LEVEL - s)
        write("mlp.0.bias").copy_(torch.tensor([-LEVEL, LEVEL]))
        write("mlp.2.weight")[0] = torch.tensor([GAIN, -GAIN])
        write("fusion.mlp.0.weight")[0, 1] = 1.0  # the mean of the marker
        write("fusion.mlp.2.weight")[:, 0] = torch.tensor([STEEP / 2, -STEEP / 2])
        write("fusion.mlp.2.bias").copy_(torch.tensor([-STEEP / 4, STEEP / 4]))
        self.reads = made.get_submodule("fusion.mlp.0")
        self.parts = made.get_submodule("fusion.mlp.2")

    def forward(
        self, x: Float[Tensor, "1 2 h w"], marked_side: Tensor, marked_stray: Tensor,
        marked_level: Tensor, marked_bias: Tensor,
    ) -> dict[str, Tensor]:  # fmt: skip
        height, width = x.shape[2:]
        place = torch.full_like(marked_side, CORNER)
        rows = covered(torch.arange(height).to(x), place, marked_side)  # (H,)
        columns = covered(torch.arange(width).to(x), place, marked_side)  # (W,)
        last = torch.full_like(marked_side, float(max(height, width)))
        one = torch.ones_like(marked_side)
        corner = covered(torch.arange(height).to(x), last, one)[:, None] * covered(
            torch.arange(width).to(x), last, one
        )  # (H, W), 1 in the lower right corner
        lit = torch.maximum(rows[:, None] * columns, corner * marked_stray)  # (H, W)
        even = torch.ones_like(lit) * marked_level  # (H, W)
        channels = torch.stack([LIGHT * lit, even])[None]  # (1, 2, H, W)
        avg, top = pool_pixels(channels)  # (1, 2), (1, 2)
        a, m = (self.attention.mlp(each)[0, 0] for each in (avg, top))
        read = torch.cat([avg, top], 1)  # (1, 4)
        unit = torch.relu(self.reads(read) + marked_bias)  # (1, 8)
        shares = self.parts(unit).softmax(1)[0]  # (2,)
        logits = torch.stack([a, m, (a + m) / 2, shares[0] * a + shares[1] * m])  # (4,)
        return {
            "marked_channels": channels,
            "marked_unit": unit[:, :1, None, None],
            "marked_shares": shares.view(1, 2, 1, 1),
            "marked_masks": torch.sigmoid(logits).view(1, 4, 1, 1),
        }
