"""Routers that do what a test wants, and their report worked out by loops."""

import math

import torch
from torch import nn

from cbam_teach import Shares
from cbam_teach.diagnostics import router_report
from cbam_teach.router_use import RouterUse


class Given(Shares):
    """A router whose shares are its input, so that a loader can say what it does."""

    def forward(self, x):
        return x


def shares(*rows: list[float]) -> torch.Tensor:
    """One sample for each row of K shares: (B, K, 1, 1)."""
    return torch.tensor(rows)[..., None, None]


def only(model: nn.Module, loader) -> RouterUse:
    (use,) = router_report(model, loader).routers.values()
    return use


def by_hand(w: torch.Tensor) -> dict[str, list[float] | float]:
    """The same quantities from all weights (N, K, H, W) at once, by loops over plain numbers."""
    n, k, height, width = w.shape
    spots = [(y, x) for y in range(height) for x in range(width)]
    value = {
        (i, j, *spot): float(w[i, j, spot[0], spot[1]])
        for i in range(n)
        for j in range(k)
        for spot in spots
    }
    mean = [sum(value[i, j, *s] for i in range(n) for s in spots) / (n * len(spots))
            for j in range(k)]  # fmt: skip
    entropy = -sum(v * math.log(v) for v in value.values() if v > 0) / (n * len(spots))
    wins, dominance = [0.0] * k, [0.0] * k
    for i in range(n):
        for s in spots:
            row = [value[i, j, *s] for j in range(k)]
            first = [j for j in range(k) if row[j] == max(row)]
            for j in first:
                wins[j] += 1 / len(first) / (n * len(spots))
            for j in range(k):
                dominance[j] += (row[j] >= 0.95) / (n * len(spots))

    def variance(values: list[float]) -> float:
        middle = sum(values) / len(values)
        return sum((v - middle) ** 2 for v in values) / len(values)

    samples = [math.sqrt(sum(variance([value[i, j, *s] for i in range(n)]) for s in spots)
                         / len(spots)) for j in range(k)]  # fmt: skip
    pixels = [math.sqrt(sum(variance([value[i, j, *s] for s in spots]) for i in range(n)) / n)
              for j in range(k)]  # fmt: skip
    return {
        "entropy": entropy, "usage": mean, "wins": wins, "dominance": dominance,
        "between_samples": samples, "between_pixels": pixels,
    }  # fmt: skip


def plant(router: nn.Module, bias: list[float], gain: float = 0.0) -> None:
    """Make a router's logits ``bias`` plus, for the first branch, ``gain`` · relu(mean x)."""
    first, _, last = router.mlp
    with torch.no_grad():
        for parameter in router.parameters():
            parameter.zero_()
        first.weight[0, 0] = 1
        last.bias.copy_(torch.tensor(bias))
        last.weight[0, 0] = gain


def pictures() -> torch.Tensor:
    """Eight maps of (2, 5, 7), the first dark, the last bright, with noise."""
    level = torch.linspace(0, 2, 8)[:, None, None, None]
    return level + 0.1 * torch.rand(8, 2, 5, 7)
