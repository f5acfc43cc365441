"""Blocks whose attention is given the wrong map (sees-branch)."""

from functools import partial

import torch
from stranger_parts import (
    CBAM,
    ECA,
    SE,
    SIZES,
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


class MaskOfTheInput(Basic, se=SEMask):
    """The notes' second mistake: the branch is weighed by what the input says."""

    def forward(self, x: Tensor) -> Tensor:
        out = self.F(x)
        out = out * self.se(x if self.broken else out)
        out += self.downsample(x)
        return self.relu(out)


class FeaturesOfTheInput(Basic, cbam=CBAM):
    """The notes' first mistake with features: relu(x + F(x) + A(x))."""

    def forward(self, x: Tensor) -> Tensor:
        if self.broken:
            return torch.relu(x + self.F(x) + self.cbam(x))
        return torch.relu(x + self.cbam(self.F(x)))


class OfTheSum(Bottleneck, cbam=CBAM):
    """The attention stands one line too low: after the sum."""

    def forward(self, x: Tensor) -> Tensor:
        out = self.F(x)
        if not self.broken:
            out = self.cbam(out)
        out += self.downsample(x)
        if self.broken:
            out = self.cbam(out)
        return self.relu(out)


class MaskOfTheSum(PreAct, se=SEMask):
    """Only what the mask is made of is wrong; it multiplies the branch."""

    def forward(self, x: Tensor) -> Tensor:
        out = self.F(x)
        seen = x + out if self.broken else out
        return x + out * self.se(seen)


class MaskOfTheShortcut(Basic, wider=2, stride=2, ca=ChannelMask):
    """The names identity and out have been exchanged; only the projection makes it fit."""

    def forward(self, x: Tensor) -> Tensor:
        identity, out = self.downsample(x), self.F(x)
        mask = self.ca(identity if self.broken else out)
        return torch.relu(identity + mask * out)


class MaskOfTheFirstConv(Basic, sa=SpatialMask):
    """The mask is made of a map that the branch has long left behind."""

    def forward(self, x: Tensor) -> Tensor:
        f = torch.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(f))
        out = out * self.sa(f if self.broken else out)
        return torch.relu(out + x)


class SecondMaskOfTheInput(Basic, wider=2, ca=ChannelMask, sa=SpatialMask):
    """The channel mask is right; the spatial mask looks at x, whose channels it cannot tell."""

    def forward(self, x: Tensor) -> Tensor:
        out = self.F(x)
        out = self.ca(out) * out
        out = self.sa(x if self.broken else out) * out
        return torch.relu(out + self.downsample(x))


class MaskOfThePreActivation(PreAct, se=SEMask):
    """A pre-activation block that weighs F by bn1 and ReLU of its input."""

    def forward(self, x: Tensor) -> Tensor:
        first = torch.relu(self.bn1(x))
        out = self.conv2(torch.relu(self.bn2(self.conv1(first))))
        return x + out * self.se(first if self.broken else out)


class MaskOfBoth(Body):
    """The mask is made of [x; F(x)], which is another way of joining them."""

    def __init__(self, channels: int, broken: bool = True) -> None:
        super().__init__(channels, broken)
        self.attention = nn.Sequential(
            nn.AdaptiveAvgPool2d(1),
            nn.Conv2d((1 + broken) * channels, channels, 1),
            nn.Sigmoid(),
        )

    def forward(self, x: Tensor) -> Tensor:
        out = self.F(x)
        mask = self.attention(torch.cat([x, out], 1) if self.broken else out)
        return torch.relu(x + mask * out)


class FirstInTheSequential(nn.Module):
    """The attention is the first entry of the branch where the last was meant."""

    def __init__(self, channels: int, broken: bool = True) -> None:
        super().__init__()
        seen = channels if broken else 2 * channels
        parts = [SE(seen), *branch(channels, 2 * channels, 2)]
        self.residual = nn.Sequential(*(parts if broken else parts[1:] + parts[:1]))
        self.shortcut = shortcut(channels, 2 * channels, 2)

    def forward(self, x: Tensor) -> Tensor:
        return nn.functional.relu(self.shortcut(x) + self.residual(x))


class BeforeInName(Bottleneck, se=SE):
    """Declared "before", but it stands at the end of the branch."""

    def forward(self, x: Tensor) -> Tensor:
        return self.relu(self.se(self.F(x)) + self.downsample(x))


class BeforeButMaskOfTheBranch(Basic, se=SEMask):
    """The branch runs twice: once to make the mask, once on the masked input."""

    def forward(self, x: Tensor) -> Tensor:
        mask = self.se(self.F(x) if self.broken else x)
        return torch.relu(x + self.F(x * mask))


class BeforeButOneConvLate(Basic, sa=SpatialMask):
    """Declared "before", but the first convolution comes before the attention."""

    def forward(self, x: Tensor) -> Tensor:
        out = x if not self.broken else torch.relu(self.bn1(self.conv1(x)))
        out = out * self.sa(out)
        if not self.broken:
            out = torch.relu(self.bn1(self.conv1(out)))
        return torch.relu(x + self.bn2(self.conv2(out)))


class AfterInName(Basic, wider=2, stride=2, cbam=CBAM):
    """Declared "after", but the sum comes only after it."""

    def forward(self, x: Tensor) -> Tensor:
        out = self.cbam(self.F(x))
        out += self.downsample(x)
        return torch.relu(out)


class AfterButMaskOfTheInput(Body, se=SEMask):
    """It multiplies the sum, but asks x how."""

    def forward(self, x: Tensor) -> Tensor:
        out = x + self.F(x)
        return torch.relu(out * self.se(x if self.broken else out))


class BesideInName(PreAct, eca=ECA):
    """Declared "beside", but it weighs the branch, not the skip path."""

    def forward(self, x: Tensor) -> Tensor:
        return x + self.eca(self.F(x))


class BesideButMaskOfTheBranch(Basic, wider=2, stride=2, se=SEMask):
    """It multiplies the skip path, but asks the branch how."""

    def forward(self, x: Tensor) -> Tensor:
        skip, out = self.downsample(x), self.F(x)
        return torch.relu(skip * self.se(out if self.broken else skip) + out)


sees = partial(Fault, "sees-branch")

PLACES = (
    sees("mask of the input", MaskOfTheInput),
    sees("x + F(x) + A(x) with features", FeaturesOfTheInput),
    sees("attention after the sum", OfTheSum),
    sees("mask of the sum", MaskOfTheSum),
    sees("mask of the shortcut", MaskOfTheShortcut),
    sees("mask of the first convolution", MaskOfTheFirstConv),
    sees("spatial mask of the input", SecondMaskOfTheInput, attention=("ca", "sa")),
    sees("mask of the pre-activation", MaskOfThePreActivation),
    sees("mask of both", MaskOfBoth, attention="attention"),
    sees("first in the sequential", FirstInTheSequential),
    sees("before, in name", BeforeInName, placement="before", repaired_placement="inside"),
    sees("before, mask of the branch", BeforeButMaskOfTheBranch, placement="before"),
    sees("before, one convolution late", BeforeButOneConvLate, placement="before"),
    sees("after, in name", AfterInName, placement="after", repaired_placement="inside"),
    sees("after, mask of the input", AfterButMaskOfTheInput, placement="after", sizes=SIZES[:2]),
    sees("beside, in name", BesideInName, placement="beside", repaired_placement="inside"),
    sees("beside, mask of the branch", BesideButMaskOfTheBranch, placement="beside"),
)
