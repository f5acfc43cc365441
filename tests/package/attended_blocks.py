"""Residual blocks around an attention that is built as ``attention(channels, broken)``.

``partial(Masked, Attention)`` is what `Fault` takes: ``build(channels, broken=True)``.
"""

from collections.abc import Callable

import torch
from stranger_parts import Basic, Body, Bottleneck, PreAct
from torch import Tensor, nn

Attention = Callable[[int, bool], nn.Module]


class Switched(nn.Module):
    """What goes before a right attention to remember ``broken`` for a forward pass of its own."""

    def __init__(self, channels: int, broken: bool) -> None:
        super().__init__(channels)
        self.broken = broken


class Masked(Basic):
    """The attention returns its mask: ``out = self.att(out) * out``."""

    def __init__(self, attention: Attention, channels: int, broken: bool = True) -> None:
        super().__init__(channels, broken)
        self.att = attention(self.wider * channels, broken)

    def forward(self, x: Tensor) -> Tensor:
        out = self.F(x)
        out = self.att(out) * out
        out += self.downsample(x)
        return self.relu(out)


class Wider(Masked, wider=2, stride=2):
    """The same with twice the channels at half the size, and a projection."""


class Weighted(PreAct):
    """A pre-activation block that multiplies by hand: ``x + out * mask``."""

    def __init__(self, attention: Attention, channels: int, broken: bool = True) -> None:
        super().__init__(channels, broken)
        self.gate = attention(channels, broken)

    def forward(self, x: Tensor) -> Tensor:
        out = self.F(x)
        mask = self.gate(out)
        return x + out * mask


class Reweighted(Bottleneck):
    """The attention returns the reweighted features and replaces them."""

    def __init__(self, attention: Attention, channels: int, broken: bool = True) -> None:
        super().__init__(channels, broken)
        self.attn = attention(channels, broken)

    def forward(self, x: Tensor) -> Tensor:
        identity = x
        out = self.attn(self.F(x))
        return self.relu(out + identity)


class Last(nn.Module):
    """The attention returns features and is the last entry of the branch's ``Sequential``."""

    def __init__(self, attention: Attention, channels: int, broken: bool = True) -> None:
        super().__init__()
        self.residual = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1),
            nn.BatchNorm2d(channels),
            nn.SiLU(inplace=True),
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(channels),
            attention(channels, broken),
        )

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.residual(x) + x)


class Before(Body):
    """The attention returns features and stands before the branch."""

    def __init__(self, attention: Attention, channels: int, broken: bool = True) -> None:
        super().__init__(channels, broken)
        self.attention = attention(channels, broken)

    def forward(self, x: Tensor) -> Tensor:
        y = self.F(self.attention(x))
        return torch.relu(x + y)
