"""How the evidence of the mean and that of the maximum become one: w₁ · a + w₂ · m."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from cbam_teach import checks
from cbam_teach.mask import Shares
from cbam_teach.router import Router

#: How the two logits are weighed: once each, by one learned share, or by a share of each sample.
FUSIONS = ("sum", "softmax", "router")


class Sum(nn.Module):
    """Both count once: w = (1, 1), as in the paper. Nothing is learned."""

    def forward(
        self, avg: Float[Tensor, "b c"], top: Float[Tensor, "b c"]
    ) -> Float[Tensor, "1 2 1 1"]:
        return avg.new_ones(1, 2, 1, 1)


class Softmax(Shares):
    """One share for all samples: w = softmax(two learned logits), (½, ½) at the start."""

    def __init__(self) -> None:
        super().__init__()
        self.logits = nn.Parameter(torch.zeros(2))

    def forward(
        self, avg: Float[Tensor, "b c"], top: Float[Tensor, "b c"]
    ) -> Float[Tensor, "1 2 1 1"]:
        return self.logits.softmax(dim=0).view(1, 2, 1, 1)


class Routed(Router):
    """Each sample has its share: a router reads both summaries, [avg; max]."""

    def __init__(self, channels: int) -> None:
        super().__init__(2 * channels, 2)

    def forward(  # type: ignore[override]
        self, avg: Float[Tensor, "b c"], top: Float[Tensor, "b c"]
    ) -> Float[Tensor, "b 2 1 1"]:
        return super().forward(torch.cat([avg, top], dim=1)[..., None, None])


def make_fusion(owner: str, fusion: str, channels: int) -> nn.Module:
    """Build the module that weighs the two logits.

    Args:
        owner: the name of the class that asks, for the error.
        fusion: ``"sum"``, as in the paper; ``"softmax"``, two learned shares that sum to 1,
            so that the logits start at half the sum's size; or ``"router"``, the same with
            shares made anew for each sample, by a hidden layer of width 8.
        channels: C, the length of each summary.

    Raises:
        TypeError, ValueError: for any other word.
    """
    checks.choice(owner, "fusion", fusion, FUSIONS)
    if fusion == "router":
        return Routed(channels)
    return Sum() if fusion == "sum" else Softmax()
