"""Blocks whose attention was built for another number of channels, and that raise for it."""

from functools import partial

import torch
from stranger_parts import (
    CBAM,
    SE,
    Basic,
    Body,
    Bottleneck,
    ChannelMask,
    Fault,
    SpatialMask,
    branch,
    shortcut,
)
from torch import Tensor, nn

import cbam_teach


class BuiltForTheInput(Basic, wider=2, stride=2):
    """The block widens; its attention was built for what comes in."""

    def __init__(self, channels: int, broken: bool = True) -> None:
        super().__init__(channels, broken)
        self.se = SE(channels if broken else 2 * channels)

    def forward(self, x: Tensor) -> Tensor:
        out = self.se(self.F(x))
        out += self.downsample(x)
        return self.relu(out)


class BuiltForThePlanes(Bottleneck, sa=SpatialMask):
    """The bottleneck's expansion has been forgotten."""

    def __init__(self, channels: int, broken: bool = True) -> None:
        super().__init__(channels, broken)
        self.ca = ChannelMask(channels // 2 if broken else channels)

    def forward(self, x: Tensor) -> Tensor:
        out = self.F(x)
        out = self.ca(out) * out
        out = self.sa(out) * out
        return self.relu(out + x)


class BuiltFor64(Body):
    """The number of a tutorial's example stands in the block."""

    def __init__(self, channels: int, broken: bool = True) -> None:
        super().__init__(channels, broken)
        self.cbam = CBAM(64 if broken else channels)

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(x + self.cbam(self.F(x)))


class BeforeBuiltForTheOutput(nn.Module):
    """Placed before, the attention sees what comes in, and was built for what goes out."""

    def __init__(self, channels: int, broken: bool = True) -> None:
        super().__init__()
        self.conv = branch(channels, 2 * channels, 2)
        self.attention = SE(2 * channels if broken else channels)
        self.shortcut = shortcut(channels, 2 * channels, 2)

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.shortcut(x) + self.conv(self.attention(x)))


class MatrixMask(nn.Module):
    """A channel mask of two bare matrices, written with einsum."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.w1 = nn.Parameter(torch.randn(8, channels) / channels**0.5)
        self.w2 = nn.Parameter(torch.randn(channels, 8) / 3)

    def forward(self, x: Tensor) -> Tensor:
        y = torch.einsum("hc,bc->bh", self.w1, x.mean((2, 3))).tanh()
        return torch.einsum("ch,bh->bc", self.w2, y).sigmoid()[:, :, None, None]


class MatrixBlock(Body, wider=2):
    """Its error speaks of subscripts and operands, and of no layer."""

    def __init__(self, channels: int, broken: bool = True) -> None:
        super().__init__(channels, broken)
        self.attention = MatrixMask(channels if broken else 2 * channels)

    def forward(self, x: Tensor) -> Tensor:
        out = self.F(x)
        return torch.relu(self.downsample(x) + out * self.attention(out))


class NormedMask(nn.Module):
    """A per-channel mask that begins with a norm: the norm is what raises."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(channels)
        self.conv = nn.Conv2d(channels, channels, 3, 1, 1, groups=channels)

    def forward(self, x: Tensor) -> Tensor:
        return x * torch.sigmoid(self.conv(self.norm(x)))


class NormedBlock(nn.Module):
    """The attention is the last entry of a branch that widens."""

    def __init__(self, channels: int, broken: bool = True) -> None:
        super().__init__()
        attention = NormedMask(channels if broken else 2 * channels)
        self.residual = nn.Sequential(*branch(channels, 2 * channels, 2), attention)
        self.shortcut = shortcut(channels, 2 * channels, 2)

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.residual(x) + self.shortcut(x))


def ours(channels: int, broken: bool = True) -> nn.Module:
    """Return this package's block with an attention that overrules the width it is offered."""
    built = channels if broken else 2 * channels
    return cbam_teach.ResidualBlock(
        channels, 2 * channels, stride=2, attention=lambda offered: cbam_teach.CBAM(built)
    )


raises = partial(Fault, "channels-agree", runs=False)

WIDTHS = (
    raises("built for the input", BuiltForTheInput),
    raises("built for the planes", BuiltForThePlanes, attention=("ca", "sa")),
    raises("built for 64", BuiltFor64),
    raises("before, built for the output", BeforeBuiltForTheOutput, placement="before"),
    raises("bare matrices", MatrixBlock),
    raises("the norm raises", NormedBlock),
    raises("ours, with another width", ours),
)
