"""Blocks whose mask touches the skip path, or lets features past it (skip-untouched)."""

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
)
from torch import Tensor, nn


class MaskOnTheSum(Basic, se=SEMask):
    """The mask is made of F(x), as it should be, and multiplies the sum."""

    def forward(self, x: Tensor) -> Tensor:
        out = self.F(x)
        mask = self.se(out)
        if self.broken:
            out += self.downsample(x)
            out *= mask
        else:
            out = out * mask + self.downsample(x)
        return self.relu(out)


class MaskAfterTheLastReLU(Bottleneck, se=SEMask):
    """As above, but behind the last ReLU: A(relu(x + F)) that looks at F only."""

    def forward(self, x: Tensor) -> Tensor:
        out = self.F(x)
        weight = self.se(out)
        if self.broken:
            return torch.relu(x + out) * weight
        return torch.relu(x + out * weight)


class SpatialOnTheSum(Basic, wider=2, stride=2, ca=ChannelMask, sa=SpatialMask):
    """The channel mask stands inside, the spatial mask one line too low."""

    def forward(self, x: Tensor) -> Tensor:
        out = self.F(x)
        out = self.ca(out) * out
        if not self.broken:
            out = self.sa(out) * out
        out += self.downsample(x)
        if self.broken:
            out = self.sa(out) * out
        return self.relu(out)


class BlockThenAttention(nn.Module):
    """A plain residual block, and a CBAM behind it: declared inside, it is after."""

    def __init__(self, channels: int, broken: bool = True) -> None:
        super().__init__()
        self.broken = broken
        self.residual_function = branch(channels)
        self.cbam = CBAM(channels)

    def forward(self, x: Tensor) -> Tensor:
        if self.broken:
            return self.cbam(torch.relu(self.residual_function(x) + x))
        return torch.relu(self.cbam(self.residual_function(x)) + x)


class OneAttentionForBoth(Basic, wider=2, cbam=CBAM):
    """The same attention weighs the branch and the projected skip path."""

    def forward(self, x: Tensor) -> Tensor:
        identity = self.downsample(x)
        out = self.cbam(self.F(x))
        out += self.cbam(identity) if self.broken else identity
        return self.relu(out)


class TwoAttentions(Body, se1=SE, se2=SE):
    """Two attentions in the branch, the second of which has got onto the skip path."""

    def forward(self, x: Tensor) -> Tensor:
        out = self.se1(self.F(x))
        if self.broken:
            return torch.relu(out + self.se2(x))
        return torch.relu(self.se2(out) + x)


class MaskOnTheProjection(Basic, wider=2, stride=2, sa=SpatialMask):
    """The branch's mask is spread over the projection as well."""

    def forward(self, x: Tensor) -> Tensor:
        out = self.F(x)
        mask = self.sa(out)
        identity = self.downsample(x)
        if self.broken:
            identity = identity * mask
        return torch.relu(out * mask + identity)


class InputReplaced(PreAct, attn=CBAM):
    """Placed before the branch, it replaces x, which the skip path then takes for itself."""

    def forward(self, x: Tensor) -> Tensor:
        if self.broken:
            x = self.attn(x)
            return x + self.F(x)
        return x + self.F(self.attn(x))


class ShortcutOfTheMasked(Bottleneck, wider=2, stride=2):
    """As above with a mask, and a projection of the masked input."""

    def __init__(self, channels: int, broken: bool = True) -> None:
        super().__init__(channels, broken)
        self.ca = ChannelMask(channels)

    def forward(self, x: Tensor) -> Tensor:
        masked = x * self.ca(x)
        identity = self.downsample(masked if self.broken else x)
        return self.relu(self.F(masked) + identity)


class HalfOfTheChannels(Basic, se=SEMask):
    """The mask reaches the first half of the channels only."""

    def forward(self, x: Tensor) -> Tensor:
        out = self.F(x)
        mask, half = self.se(out), out.shape[1] // 2
        if self.broken:
            out = torch.cat([out[:, :half] * mask[:, :half], out[:, half:]], dim=1)
        else:
            out = out * mask
        return torch.relu(out + self.downsample(x))


class SecondBranchBesideTheMask(nn.Module):
    """Of two branches one is weighed; the other is added beside the mask."""

    def __init__(self, channels: int, broken: bool = True) -> None:
        super().__init__()
        self.broken = broken
        self.left, self.right = branch(channels), branch(channels)
        self.attention = SE(channels)

    def forward(self, x: Tensor) -> Tensor:
        if self.broken:
            return torch.relu(x + self.attention(self.left(x)) + self.right(x))
        return torch.relu(x + self.attention(self.left(x) + self.right(x)))


class AddedToTheWhole(Basic, cbam=CBAM):
    """(x + F(x)) + A(x) with an attention that returns features: F passes beside the mask."""

    def forward(self, x: Tensor) -> Tensor:
        out = self.F(x)
        if self.broken:
            out = (x + out) + self.cbam(x)
        else:
            out = x + self.cbam(out)
        return self.relu(out)


class BorderLeftOut(Body, sa=SpatialMask):
    """The mask is cut to the inside of the map; the border keeps its features."""

    def forward(self, x: Tensor) -> Tensor:
        out = self.F(x)
        mask = self.sa(out)
        if self.broken:
            mask = nn.functional.pad(mask[:, :, 1:-1, 1:-1], (1, 1, 1, 1), value=1.0)
        return torch.relu(x + out * mask)


skip = partial(Fault, "skip-untouched")

SKIP = (
    skip("mask on the sum", MaskOnTheSum),
    skip("mask after the last ReLU", MaskAfterTheLastReLU),
    skip("spatial mask on the sum", SpatialOnTheSum, attention=("ca", "sa")),
    skip("block, then attention", BlockThenAttention),
    skip("one attention for both", OneAttentionForBoth),
    skip("two attentions", TwoAttentions, attention=("se1", "se2")),
    skip("mask on the projection", MaskOnTheProjection),
    skip("input replaced", InputReplaced, placement="before"),
    skip("shortcut of the masked", ShortcutOfTheMasked, placement="before"),
    skip("half of the channels", HalfOfTheChannels),
    skip("second branch beside the mask", SecondBranchBesideTheMask),
    skip("added to the whole", AddedToTheWhole),
    skip("border left out", BorderLeftOut),
)
