"""One channel, two witnesses: what their shares do to its weight, and what their sum does."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from cbam_teach.fast import pool_pixels
from cbam_teach.live.scenes_channel import Gathered

MEAN = 0.1  # of the channel, wherever its light is
CORNER = 2.0  # row and column of the square's upper left corner, as far as it fits in


class Apportioned(nn.Module):
    """Weigh the evidence of a channel's mean and of its maximum, w = (S s, S (1 - s)).

    The channel's light is gathered in a square, and its mask compares it with a second channel;
    the weights, and so the evidence a and m, are those of `Gathered`.

    Shape:
        x (1, 2, H, W), whose first channel is drawn over, and three scalars: the side of the
        square in pixels, the share s of the mean and the sum S of both weights ->
        ``drawn`` (1, 1, H, W), the channel; ``heard`` (1, 3, 1, 1), w₁ a, w₂ m and their sum z;
        ``fused`` (1, 3, 1, 1), the channel's weight by w = (1, 1), by w = (½, ½) and by the w
        that was chosen.
    """

    def __init__(self) -> None:
        super().__init__()
        self.scene = Gathered()

    def forward(
        self, x: Float[Tensor, "1 2 h w"], side: Tensor, share_of_mean: Tensor, weight_sum: Tensor
    ) -> dict[str, Tensor]:
        place, whole = torch.full_like(side, CORNER), torch.zeros_like(side)
        mean = torch.full_like(side, MEAN)
        drawn = self.scene(x, side, mean, place, place, whole)["drawn"]  # (1, 1, H, W)
        summaries = pool_pixels(torch.cat([drawn, x[:, 1:]], 1))  # (1, 2), (1, 2)
        a, m = (self.scene.attention.mlp(each)[0, 0] for each in summaries)
        first = weight_sum * share_of_mean * a
        second = weight_sum * (1 - share_of_mean) * m
        heard = torch.stack([first, second, first + second])
        fused = torch.sigmoid(torch.stack([a + m, (a + m) / 2, first + second]))
        return {
            "drawn": drawn, "heard": heard.view(1, 3, 1, 1), "fused": fused.view(1, 3, 1, 1),
        }  # fmt: skip
