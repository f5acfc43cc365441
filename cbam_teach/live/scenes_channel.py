"""A channel whose light is gathered or spread while its mean stays, and who notices."""

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn

from cbam_teach.channel import ChannelAttention
from cbam_teach.fast import pool_pixels

GAIN = 5.0  # of the comparison of two channels


class Gathered(nn.Module):
    """Put all the light of one channel into a square, and weigh the channel in three ways.

    The channel mask compares two channels; its weights are written by hand:
    z₀ = 5 (s₀ - s₁) and z₁ = 5 (s₁ - s₀), where s is the mean or the maximum of each channel.

    Shape:
        x (1, 2, H, W), whose first channel is drawn over, and five scalars: the side of the
        square in pixels, the channel's mean, the row and the column of the square's upper left
        corner as far as it fits in, and 1 where the pixels are put into another order ->
        ``drawn`` (1, 1, H, W), that channel; ``summary`` (1, 2, 1, 1), its mean and its
        maximum; ``weights`` (1, 3, 1, 1), its weight by the mean alone, by the maximum alone
        and by both.
    """

    def __init__(self) -> None:
        super().__init__()
        self.attention = ChannelAttention(2, min_hidden=2).requires_grad_(False)
        compare = torch.tensor([[1.0, -1.0], [-1.0, 1.0]])
        for name, gain in (("0.weight", GAIN), ("2.weight", 1.0)):
            self.attention.mlp.get_parameter(name).copy_(gain * compare)

    def forward(
        self,
        x: Float[Tensor, "1 2 h w"],
        side: Tensor,
        mean: Tensor,
        object_row: Tensor,
        object_column: Tensor,
        shuffled: Tensor,
    ) -> dict[str, Tensor]:
        height, width = x.shape[2:]
        rows = covered(torch.arange(height).to(x), object_row, side)  # (H,)
        columns = covered(torch.arange(width).to(x), object_column, side)  # (W,)
        square = rows[:, None] * columns  # (H, W), 1 inside
        own = square * mean * (height * width) / square.sum()  # (H, W)
        drawn = torch.cat([own[None, None], x[:, 1:]], 1)  # (1, 2, H, W)
        mixed = drawn.flatten(2)[..., order(height * width)].view_as(drawn)
        drawn = torch.where(shuffled > 0.5, mixed, drawn)
        avg, top = pool_pixels(drawn)  # (1, 2), (1, 2)
        a, m = self.attention.mlp(avg)[0, 0], self.attention.mlp(top)[0, 0]
        both = self.attention(drawn)[0, 0, 0, 0]
        weights = torch.stack([self.attention.gate(a), self.attention.gate(m), both])
        summary = torch.stack([avg[0, 0], top[0, 0]])
        return {
            "drawn": drawn[:, :1],
            "summary": summary.view(1, 2, 1, 1),
            "weights": weights.view(1, 3, 1, 1),
        }


def covered(places: Float[Tensor, " n"], first: Tensor, side: Tensor) -> Float[Tensor, " n"]:
    """Return 1 for the places that an edge of the square covers; it is moved in where it must."""
    start = torch.minimum(first.round(), len(places) - side.round())
    return ((places > start - 0.5) & (places < start + side.round() - 0.5)).to(places)


def order(count: int) -> Tensor:
    """Return the numbers 0 … count - 1 in an order that leaves no two neighbours together."""
    step = max(round(0.618 * count), 1)
    while math.gcd(step, count) > 1:
        step += 1
    return torch.arange(count) * step % count
