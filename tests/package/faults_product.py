"""Blocks whose mask is not multiplied onto the features (multiplies)."""

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


class MaskAdded(Basic, se=SEMask):
    """The notes' third mistake: the mask is added."""

    def forward(self, x: Tensor) -> Tensor:
        out = self.F(x)
        out = out + self.se(out) if self.broken else out * self.se(out)
        return self.relu(out + x)


class SecondMaskAdded(Bottleneck, wider=2, stride=2, ca=ChannelMask, sa=SpatialMask):
    """The channel mask multiplies, the spatial mask is added."""

    def forward(self, x: Tensor) -> Tensor:
        out = self.F(x)
        out = self.ca(out) * out
        if self.broken:
            out = self.sa(out) + out
        else:
            out = self.sa(out) * out
        out += self.downsample(x)
        return self.relu(out)


class AddedInPlace(PreAct, sa=SpatialMask):
    """add_ where mul_ was meant."""

    def forward(self, x: Tensor) -> Tensor:
        out = self.F(x)
        mask = self.sa(out)
        out = out.add_(mask) if self.broken else out.mul(mask)
        return x + out


class AddingSE(SEMask):
    """An attention that returns features, with the mask added in it."""

    def forward(self, x: Tensor) -> Tensor:
        return x + super().forward(x).expand_as(x)


class AddingCBAM(CBAM):
    """The channel mask multiplies, the spatial mask is added; features are returned."""

    def forward(self, x: Tensor) -> Tensor:
        x = x * self.channel_attention(x)
        return x + self.spatial_attention(x)


class FeaturesIn(Body):
    """relu(x + A(F(x))) with an attention that returns features."""

    wrong: type[nn.Module] = AddingSE
    right: type[nn.Module] = SE

    def __init__(self, channels: int, broken: bool = True) -> None:
        super().__init__(channels, broken)
        self.attention = (self.wrong if broken else self.right)(channels)

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(x + self.attention(self.F(x)))


class FeaturesInCBAM(FeaturesIn):
    """The same with a CBAM."""

    wrong, right = AddingCBAM, CBAM


class MaskTakenForFeatures(nn.Module):
    """A mask ends the branch as if it were features: relu(x + α), and F(x) is lost."""

    def __init__(self, channels: int, broken: bool = True) -> None:
        super().__init__()
        attention = ChannelMask(channels) if broken else SE(channels)
        self.residual = nn.Sequential(*branch(channels), attention)

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(x + self.residual(x))


class OnlyTheMask(Basic, wider=2, ca=ChannelMask, sa=SpatialMask):
    """The products are written without the features: y = skip + α_c ⊙ α_s."""

    def forward(self, x: Tensor) -> Tensor:
        out = self.F(x)
        weight = self.ca(out)
        weight = weight * self.sa(weight * out)
        return torch.relu(self.downsample(x) + (weight if self.broken else weight * out))


class ResultThrownAway(Basic, wider=2, cbam=CBAM):
    """``self.cbam(out)`` stands there as a statement, without ``out =``."""

    def forward(self, x: Tensor) -> Tensor:
        out = self.F(x)
        if self.broken:
            self.cbam(out)
        else:
            out = self.cbam(out)
        out += self.downsample(x)
        return self.relu(out)


class OldNameUsed(Bottleneck, se=SE):
    """The result has a name, but the sum takes the old one."""

    def forward(self, x: Tensor) -> Tensor:
        out = self.F(x)
        refined = self.se(out)
        return self.relu((out if self.broken else refined) + x)


class SecondResultThrownAway(PreAct, ca=ChannelMask, sa=SpatialMask):
    """Both masks are made; the last product starts from the map before the first."""

    def forward(self, x: Tensor) -> Tensor:
        out = self.F(x)
        weighed = out * self.ca(out)
        spatial = self.sa(weighed)
        return x + (weighed if self.broken else weighed * spatial)


class NeverCalled(Body, cbam=CBAM):
    """The attention is built, has parameters, and is not called."""

    def forward(self, x: Tensor) -> Tensor:
        out = self.F(x)
        return torch.relu(x + (out if self.broken else self.cbam(out)))


class SwitchedOff(nn.Module):
    """The option that calls the attention is off unless asked for, and nobody asks."""

    def __init__(self, channels: int, broken: bool = True, use_attention: bool = False) -> None:
        super().__init__()
        self.use_attention = use_attention or not broken
        self.block = branch(channels)
        self.se = SE(channels)

    def forward(self, x: Tensor) -> Tensor:
        out = self.block(x)
        if self.use_attention:
            out = self.se(out)
        return torch.relu(out + x)


class Concatenated(Basic, sa=SpatialMask):
    """The mask is one more channel, and a 1 x 1 convolution goes over all of them."""

    def __init__(self, channels: int, broken: bool = True) -> None:
        super().__init__(channels, broken)
        if broken:
            self.fuse = nn.Conv2d(channels + 1, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        out = self.F(x)
        mask = self.sa(out)
        out = self.fuse(torch.cat([out, mask], 1)) if self.broken else out * mask
        return torch.relu(out + x)


class Subtracted(Body, wider=2, stride=2, se=SEMask):
    """What the mask lets in is taken away instead."""

    def forward(self, x: Tensor) -> Tensor:
        out = self.F(x)
        mask = self.se(out)
        return torch.relu(self.downsample(x) + (out - mask if self.broken else out * mask))


class Divided(PreAct, sa=SpatialMask):
    """The map is divided by its mask."""

    def forward(self, x: Tensor) -> Tensor:
        out = self.F(x)
        mask = self.sa(out)
        return x + (out / mask if self.broken else out * mask)


class MatrixProduct(Basic, sa=SpatialMask):
    """``@`` where ``*`` was meant, which runs on square maps."""

    def forward(self, x: Tensor) -> Tensor:
        out = self.F(x)
        mask = self.sa(out)
        return torch.relu(x + (out @ mask if self.broken else out * mask))


multiplies = partial(Fault, "multiplies")
TWO = {"attention": ("ca", "sa")}
SQUARE = ((4, (3, 7, 7)), (16, (2, 12, 12)), (8, None))

PRODUCT = (
    multiplies("mask added", MaskAdded),
    multiplies("second mask added", SecondMaskAdded, **TWO),
    multiplies("added in place", AddedInPlace),
    multiplies("added in the attention", FeaturesIn),
    multiplies("added in the CBAM", FeaturesInCBAM),
    multiplies("mask taken for features", MaskTakenForFeatures),
    multiplies("only the mask", OnlyTheMask, **TWO),
    multiplies("result thrown away", ResultThrownAway),
    multiplies("old name used", OldNameUsed),
    multiplies("second result thrown away", SecondResultThrownAway, **TWO),
    multiplies("never called", NeverCalled),
    multiplies("switched off", SwitchedOff),
    multiplies("concatenated", Concatenated),
    multiplies("subtracted", Subtracted),
    multiplies("divided", Divided),
    multiplies("matrix product", MatrixProduct, sizes=SQUARE),
)
