"""Layers of right blocks: what drops paths, activates, gates, scales and norms."""

import random

import torch
from torch import Tensor, nn
from torch.nn import functional


class DropPath(nn.Module):
    """Drop the branch of whole samples while training."""

    def __init__(self, p: float) -> None:
        super().__init__()
        self.p = p

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or self.p == 0:
            return x
        keep = x.new_empty(x.shape[0], 1, 1, 1).bernoulli_(1 - self.p)
        return x * keep / (1 - self.p)


class Swish(nn.Module):
    """SiLU before it was a layer of PyTorch; it looks like a gate, and is none."""

    def forward(self, x: Tensor) -> Tensor:
        return x * torch.sigmoid(x)


class HandHardSwish(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x * functional.relu6(x + 3) / 6


class HandHardSigmoid(nn.Module):
    """Hard sigmoid before it was a layer of PyTorch."""

    def forward(self, z: Tensor) -> Tensor:
        return functional.relu6(z + 3, inplace=True) / 6


class Straight(nn.Module):
    """The hard sigmoid of other frameworks."""

    def forward(self, z: Tensor) -> Tensor:
        return (0.2 * z + 0.5).clamp(0, 1)


class Tanh(nn.Module):
    """A sigmoid by way of tanh."""

    def forward(self, z: Tensor) -> Tensor:
        return (torch.tanh(z) + 1) / 2


class GLU(nn.Module):
    """Half of the channels gate the other half: part of the branch, and no attention."""

    def forward(self, x: Tensor) -> Tensor:
        value, gate = x.chunk(2, dim=1)
        return value * torch.sigmoid(gate)


class LayerScale(nn.Module):
    def __init__(self, channels: int, start: float = 1e-6) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.full((channels, 1, 1), start))

    def forward(self, x: Tensor) -> Tensor:
        return self.gamma * x


class LayerNorm2d(nn.Module):
    """LayerNorm over the channels of each position."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight, self.bias = (
            nn.Parameter(torch.ones(channels)),
            nn.Parameter(torch.zeros(channels)),
        )

    def forward(self, x: Tensor) -> Tensor:
        centred = x - x.mean(1, keepdim=True)
        x = centred / torch.sqrt(centred.pow(2).mean(1, keepdim=True) + 1e-6)
        return self.weight[:, None, None] * x + self.bias[:, None, None]


class StandardisedConv(nn.Conv2d):
    """A convolution whose kernels are standardised on every pass."""

    def forward(self, x: Tensor) -> Tensor:
        w = self.weight
        w = (w - w.mean((1, 2, 3), keepdim=True)) / (w.std((1, 2, 3), keepdim=True) + 1e-5)
        return self._conv_forward(x, w, self.bias)


def fortune(p: float) -> bool:
    """Toss one of Python's own coins, as some write stochastic depth."""
    return random.random() < p
