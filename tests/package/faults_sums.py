"""Blocks whose skip path is not added once, at the end (adds-once)."""

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
    PreAct,
    SEMask,
    SpatialMask,
    branch,
    shortcut,
)
from torch import Tensor, nn


class SkipForgotten(Basic, cbam=CBAM):
    """The line with the sum is missing."""

    def forward(self, x: Tensor) -> Tensor:
        out = self.cbam(self.F(x))
        if not self.broken:
            out += x
        return self.relu(out)


class ProjectionNotAdded(Bottleneck, wider=2, stride=2, se=SEMask):
    """The projection is computed, and then not added."""

    def forward(self, x: Tensor) -> Tensor:
        identity = self.downsample(x)
        out = self.F(x)
        out = out * self.se(out)
        return self.relu(out if self.broken else out + identity)


class NameUsedAgain(Body, se=SE):
    """``x = self.body(x)`` has overwritten what the sum needs: F(x) is added to itself."""

    def forward(self, x: Tensor) -> Tensor:
        identity = x
        x = self.F(x)
        return torch.relu(self.se(x) + (x if self.broken else identity))


class IdentityTakenLate(Basic, ca=ChannelMask, sa=SpatialMask):
    """``identity`` is named one line too late: it is the first convolution's output."""

    def forward(self, x: Tensor) -> Tensor:
        identity = x
        out = torch.relu(self.bn1(self.conv1(x)))
        if self.broken:
            identity = out
        out = self.bn2(self.conv2(out))
        out = self.ca(out) * out
        out = self.sa(out) * out
        return torch.relu(out + identity)


class Concatenated(PreAct, cbam=CBAM):
    """The skip path stands beside the branch, in channels of its own."""

    def forward(self, x: Tensor) -> Tensor:
        out = self.cbam(self.F(x))
        return torch.cat([x, out], dim=1) if self.broken else x + out


class SkipTimesBranch(Basic, sa=SpatialMask):
    """``*`` where ``+`` was meant, in the sum and not in the mask."""

    def forward(self, x: Tensor) -> Tensor:
        out = self.F(x)
        out = out * self.sa(out)
        return torch.relu(out * x if self.broken else out + x)


class AddedTwice(Basic, wider=2, se=SE):
    """``out += identity`` and, two lines later, once more."""

    def forward(self, x: Tensor) -> Tensor:
        identity = self.downsample(x)
        out = self.se(self.F(x))
        out += identity
        if self.broken:
            out = out + identity
        return torch.relu(out)


class Residual(nn.Module):
    """x + f(x), which public code wraps around everything."""

    def __init__(self, f: nn.Module) -> None:
        super().__init__()
        self.f = f

    def forward(self, x: Tensor) -> Tensor:
        return x + self.f(x)


class WrappedTwice(nn.Module):
    """The wrapper around the block that already has one: x + (x + A(F(x)))."""

    def __init__(self, channels: int, broken: bool = True) -> None:
        super().__init__()
        inner = nn.Sequential(branch(channels), CBAM(channels))
        self.net = Residual(Residual(inner) if broken else inner)

    def forward(self, x: Tensor) -> Tensor:
        return self.net(x)


class WrappedInside(nn.Module):
    """The inner wrapper ends before the attention: x + A(x + F(x))."""

    def __init__(self, channels: int, broken: bool = True) -> None:
        super().__init__()
        inner = Residual(branch(channels)) if broken else branch(channels)
        self.net = Residual(nn.Sequential(inner, SE(channels)))

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.net(x))


class AddedBeforeAndAfter(Bottleneck, wider=2, stride=2, ca=ChannelMask, sa=SpatialMask):
    """The sum has been moved below the attention, and the old line is still there."""

    def forward(self, x: Tensor) -> Tensor:
        identity = self.downsample(x)
        out = self.F(x)
        if self.broken:
            out += identity
        out = self.ca(out) * out
        out = self.sa(out) * out
        out += identity
        return self.relu(out)


class AddingCBAM(CBAM):
    """A CBAM that adds its own input, for use where no block does."""

    def forward(self, x: Tensor) -> Tensor:
        return x + super().forward(x)


class AddingSE(SE):
    """The same with a channel mask only."""

    def forward(self, x: Tensor) -> Tensor:
        residual = x
        out = super().forward(x)
        out = out + residual
        return out  # noqa: RET504


class SumInTheAttention(nn.Module):
    """The attention adds its own input; the block then adds x."""

    def __init__(self, channels: int, broken: bool = True) -> None:
        super().__init__()
        self.branch = branch(channels, 2 * channels, 2)
        self.attention = (AddingCBAM if broken else CBAM)(2 * channels)
        self.skip = shortcut(channels, 2 * channels, 2)

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.skip(x) + self.attention(self.branch(x)))


class SumInTheSE(PreAct):
    """The same in a pre-activation block."""

    def __init__(self, channels: int, broken: bool = True) -> None:
        super().__init__(channels, broken)
        self.se = (AddingSE if broken else SE)(channels)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.se(self.F(x))


class BeforeWithoutSkip(Body, se=SE):
    """Placed before: F(A(x)), and nobody adds x."""

    def forward(self, x: Tensor) -> Tensor:
        out = self.F(self.se(x))
        return torch.relu(out if self.broken else out + x)


class AfterAndOnceMore(Basic, cbam=CBAM):
    """Placed after: A(x + F(x)), and x is added again."""

    def forward(self, x: Tensor) -> Tensor:
        out = self.cbam(self.F(x) + x)
        return torch.relu(out + x if self.broken else out)


class BesideForgotten(Bottleneck, sa=SpatialMask):
    """Placed beside: the masked skip path and x itself are added."""

    def forward(self, x: Tensor) -> Tensor:
        identity = x * self.sa(x)
        out = self.F(x) + identity
        return torch.relu(out + x if self.broken else out)


once = partial(Fault, "adds-once")
TWO = {"attention": ("ca", "sa")}

SUMS = (
    once("skip forgotten", SkipForgotten),
    once("projection not added", ProjectionNotAdded),
    once("name used again", NameUsedAgain),
    once("identity taken late", IdentityTakenLate, **TWO),
    once("concatenated", Concatenated),
    once("skip times branch", SkipTimesBranch),
    once("added twice", AddedTwice),
    once("wrapped twice", WrappedTwice),
    once("wrapped inside", WrappedInside),
    once("added before and after", AddedBeforeAndAfter, **TWO),
    once("sum in the attention", SumInTheAttention),
    once("sum in the SE", SumInTheSE),
    once("before, without skip", BeforeWithoutSkip, placement="before"),
    once("after, and once more", AfterAndOnceMore, placement="after"),
    once("beside, and x as well", BesideForgotten, placement="beside"),
)
