"""A cue that the reader moves, and the channel mask of a trained network that reads the picture."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from cbam_teach.channel import ChannelAttention
from cbam_teach.cued import COLOURS, cued_digits
from cbam_teach.fast import pool_pixels
from cbam_teach.language import say
from cbam_teach.live.scenes_channel import covered


class Followed(nn.Module):
    """Draw a square cue into a picture, and read the channel mask of what a stem makes of it.

    Args:
        stem: of a network that was trained on `cued_digits`.
        attention: the channel mask that reads the stem's output, C channels.

    Shape:
        x (1, 3, H, W), a picture without a cue, and four scalars: the row and the column of the
        cue's middle, as far as it fits in, its side in pixels, all three rounded, and its colour
        from 0 (orange) to 1 (blue) -> ``with_cue`` (1, 3, H, W), the picture; ``cue_means`` and
        ``cue_maxima`` (1, C, 1, 1), what the mask reads; ``cue_mask`` (1, C, 1, 1);
        ``cue_moves`` (1, 3, 1, 1), how far the mask is from that of the picture without a cue,
        the mean over channels of the absolute difference: where the cue reaches the means alone,
        the maxima alone, and both.
    """

    colours: Tensor

    def __init__(self, stem: nn.Module, attention: ChannelAttention) -> None:
        super().__init__()
        self.stem, self.attention = stem, attention
        self.register_buffer("colours", torch.from_numpy(COLOURS), persistent=False)

    def forward(
        self,
        x: Float[Tensor, "1 3 h w"],
        cue_row: Tensor,
        cue_column: Tensor,
        cue_side: Tensor,
        cue_colour: Tensor,
    ) -> dict[str, Tensor]:
        orange, blue = self.colours[..., None, None]  # (3, 1, 1) each
        colour = (1 - cue_colour) * orange + cue_colour * blue
        square = covered_square(x, cue_row, cue_column, cue_side)  # (H, W)
        drawn = x + square * (colour - x)
        f = self.stem(drawn)  # (1, C, H', W')
        avg, top = pool_pixels(f)  # (1, C), (1, C)
        avg_before, top_before = pool_pixels(self.stem(x))
        before = self.weigh(avg_before, top_before)
        after = self.weigh(avg, top_before), self.weigh(avg_before, top), self.weigh(avg, top)
        moves = [(alpha - before).abs().mean() for alpha in after]
        return {
            "with_cue": drawn,
            "cue_means": avg[..., None, None],
            "cue_maxima": top[..., None, None],
            "cue_mask": self.attention(f),
            "cue_moves": torch.stack(moves).view(1, 3, 1, 1),
        }

    def weigh(self, avg: Float[Tensor, "1 c"], top: Float[Tensor, "1 c"]) -> Float[Tensor, "1 c"]:
        """Return the mask of a mean and a maximum of each channel: σ(MLP(avg) + MLP(max))."""
        return self.attention.gate(self.attention.mlp(avg) + self.attention.mlp(top))


def covered_square(
    x: Float[Tensor, "b c h w"], row: Tensor, column: Tensor, side: Tensor
) -> Float[Tensor, "h w"]:
    """Return 1 inside the cue, else 0; its middle is in the given place where there is room."""
    half = (side.round() / 2).floor()
    edges = [
        covered(torch.arange(length).to(x), (middle.round() - half).clamp(min=0), side)
        for middle, length in ((row, x.shape[2]), (column, x.shape[3]))
    ]
    return edges[0][:, None] * edges[1]


def without_cue(count: int) -> dict[str, Float[Tensor, "3 h w"]]:
    """Return the first pictures of the test set without noise or cue, by their two digits."""
    made = cued_digits(count, seed=0, split="test", noise=0)
    images = made.images * ~made.cue_masks  # (N, 3, H, W)
    orange = torch.where(made.asked == 0, made.labels, made.other_labels).tolist()
    blue = torch.where(made.asked == 0, made.other_labels, made.labels).tolist()
    names = [say("live.cue.picture", orange=a, blue=b) for a, b in zip(orange, blue, strict=True)]
    return dict(zip(names, images, strict=True))
