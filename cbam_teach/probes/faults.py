"""Mistakes that run without an error, each as a part of a network; and one summary alone."""

from collections.abc import Callable

from jaxtyping import Float
from torch import Tensor, nn

from cbam_teach.channel import ChannelAttention
from cbam_teach.mask import Mask, Reweight, check_spread


class Added(nn.Module):
    """x + α(x): the mask added, where it should weigh.

    Args:
        mask: a mask of (B, C, 1, 1) or (B, 1, H, W).

    Shape:
        (B, C, H, W) -> (B, C, H, W).
    """

    def __init__(self, mask: Mask) -> None:
        super().__init__()
        self.mask = mask

    def forward(self, x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c h w"]:
        alpha = self.mask(x)
        check_spread(alpha, x)
        return x + alpha  # (B, C, H, W)


class Pooled(ChannelAttention):
    """A channel mask whose summaries go over the samples as well: one mask for the whole batch.

    ``x.mean(dim=(0, 2, 3))`` for ``x.mean(dim=(2, 3))``: the result is spread over the batch
    without a word. Arguments as in `ChannelAttention`.

    Shape:
        (B, C, H, W) -> (1, C, 1, 1).
    """

    def forward(self, x: Float[Tensor, "b c h w"]) -> Float[Tensor, "1 c 1 1"]:
        joined = x.movedim(1, 0).flatten(1, 2)[None]  # (1, C, B·H, W)
        return super().forward(joined)


class OneSummary(Mask):
    """A channel mask that reads the mean alone, or the maximum alone: α = σ(MLP(summary)).

    The layers are those of `ChannelAttention`, whose other summary is left out.

    Args:
        channels: C.
        summary: (B, C, H, W) -> (B, C).

    Shape:
        (B, C, H, W) -> (B, C, 1, 1), weights in [0, 1] without units.
    """

    def __init__(self, channels: int, summary: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        whole = ChannelAttention(channels)
        self.mlp, self.gate, self.summary = whole.mlp, whole.gate, summary

    def forward(self, x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c 1 1"]:
        return self.gate(self.mlp(self.summary(x)))[..., None, None]  # (B, C, 1, 1)


def mean(x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c"]:
    return x.mean(dim=(2, 3))


def maximum(x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c"]:
    return x.amax(dim=(2, 3))


def without_first(branch: nn.Sequential) -> nn.Sequential:
    """Return a residual branch whose first convolution is ignored: the second one reads x.

    The second convolution takes over the stride, and is widened where the channels change.
    """
    convs = [part for part in branch if isinstance(part, nn.Conv2d)]
    first, second = convs
    straight = nn.Conv2d(
        first.in_channels, second.out_channels, 3, stride=first.stride[0], padding=1, bias=False
    )
    return nn.Sequential(straight, nn.BatchNorm2d(second.out_channels))


def twice(first: nn.Module | Mask, second: nn.Module | Mask) -> nn.Sequential:
    """Return two steps one after another; a mask multiplies."""
    steps = (Reweight(part) if isinstance(part, Mask) else part for part in (first, second))
    return nn.Sequential(*steps)
