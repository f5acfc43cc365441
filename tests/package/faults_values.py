"""Blocks whose attention returns something that is not a mask (is-mask).

The second half holds the notes' fourth mistake: shapes that spread otherwise than meant.
"""

from functools import partial

import torch
from stranger_parts import (
    CBAM,
    SE,
    Body,
    Bottleneck,
    ChannelMask,
    Fault,
    SEMask,
    SpatialMask,
    branch,
    shortcut,
)
from torch import Tensor, nn

# --- the range is not [0, 1] ---------------------------------------------------------------


def gated(block, mask, gate):
    """Return the builder of ``block`` whose mask has ``gate``, or the sigmoid if not broken."""
    return lambda channels, broken=True: block(channels, mask, gate() if broken else None)


class MaskBlock(nn.Module):
    """y = relu(x + α ⊙ F(x)) with an attention that returns its mask."""

    def __init__(self, channels, mask=SEMask, gate=None) -> None:
        super().__init__()
        self.conv = branch(channels)
        self.attention = mask(channels, gate)

    def forward(self, x: Tensor) -> Tensor:
        residual = self.conv(x)
        return torch.relu(x + residual * self.attention(residual))


class SequentialBlock(nn.Module):
    """The attention returns features and ends a branch of twice the channels, stride 2."""

    def __init__(self, channels, attention, gate=None) -> None:
        super().__init__()
        self.left = nn.Sequential(*branch(channels, 2 * channels, 2), attention(2 * channels, gate))
        self.shortcut = shortcut(channels, 2 * channels, 2)

    def forward(self, x: Tensor) -> Tensor:
        out = self.left(x)
        out += self.shortcut(x)
        return torch.relu(out)


class Twice(nn.Module):
    """2σ, which lets a mask start near 1."""

    def forward(self, z: Tensor) -> Tensor:
        return 2 * torch.sigmoid(z)


class Standardised(nn.Module):
    """The mask's mean and spread are taken out of it "to make it comparable"."""

    def forward(self, z: Tensor) -> Tensor:
        mask = torch.sigmoid(z)
        return (mask - mask.mean((1, 2, 3), keepdim=True)) / mask.std((1, 2, 3), keepdim=True)


class NormAfterTheGate(nn.Module):
    """The batch norm stands behind the sigmoid instead of before it."""

    def __init__(self) -> None:
        super().__init__()
        self.bn = nn.BatchNorm2d(1)

    def forward(self, z: Tensor) -> Tensor:
        return self.bn(torch.sigmoid(z))


class SharesTimesChannels(nn.Module):
    """Shares that sum to the number of channels: some weights are above 1."""

    def forward(self, z: Tensor) -> Tensor:
        return z.shape[1] * torch.softmax(z, dim=1)


class SpatialGateForgotten(CBAM):
    """The channel mask has its sigmoid, the spatial mask has not; features are returned."""

    def __init__(self, channels: int, gate: nn.Module | None = None) -> None:
        super().__init__(channels, spatial_gate=gate)


class FeaturesTimesFeatures(Bottleneck, se=SE):
    """The attention multiplies already, and the block multiplies by its output again."""

    def forward(self, x: Tensor) -> Tensor:
        out = self.F(x)
        out = out * self.se(out) if self.broken else self.se(out)
        out += self.downsample(x)
        return self.relu(out)


class CbamTimesFeatures(Body, wider=2, stride=2, cbam=CBAM):
    """The same with a whole CBAM, in the order of public copies."""

    def forward(self, x: Tensor) -> Tensor:
        out = self.F(x)
        out = self.cbam(out) * out if self.broken else self.cbam(out)
        return torch.relu(out + self.downsample(x))


# --- the shape is not one that spreads as meant ----------------------------------------------


class AxisLost(SpatialMask):
    """keepdim has been forgotten: (B, H, W), which is spread as if samples were channels."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x).squeeze(1)


class PixelsForgotten(SEMask):
    """(B, C), which a map of C columns and B rows takes for its own rows and columns."""

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(x.mean((2, 3)))


class ChannelsLast(SEMask):
    """(B, 1, 1, C), which weighs columns where there are as many as channels."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x).permute(0, 2, 3, 1)


class ChannelsAsRows(SEMask):
    """(B, 1, C, 1), from a view with the axes in the wrong order."""

    def forward(self, x: Tensor) -> Tensor:
        b, c, _, _ = x.shape
        return super().forward(x).view(b, 1, c, 1)


class SamplesInFront(SEMask):
    """(B, 1, 1): one number for a sample, spread as if it were one for a channel."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x).mean(1)


class PaddingForgotten(SpatialMask):
    """A 7 x 7 convolution without padding: the mask is six pixels smaller than the map."""

    def __init__(self, channels: int = 0, gate: nn.Module | None = None) -> None:
        super().__init__(channels, gate)
        self.conv1 = nn.Conv2d(2, 1, 7, bias=False)


class BatchAveraged(ChannelMask):
    """(C, 1, 1), the mean over the batch: the batch axis has gone."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x).mean(0)


def shaped(wrong, right):
    """Return the builder of a block with the wrong mask, or the right one if not broken."""
    return lambda channels, broken=True: MaskBlock(channels, wrong if broken else right)


is_mask = partial(Fault, "is-mask")
ALONE = ((8, (1, 9, 11)), (4, (1, 8, 8)))
AS_MANY_SAMPLES = ((4, (4, 7, 10)), (6, (6, 12, 12)))
AS_MANY_PIXELS = ((4, (4, 4, 4)), (8, (8, 8, 8)), (10, (1, 7, 10)))
SEVEN = ((4, (3, 7, 7)), (8, (2, 7, 7)))
AS_MANY_COLUMNS = ((8, (3, 11, 8)), (12, (2, 12, 12)), (32, None))
AS_MANY_ROWS = ((8, (3, 8, 11)), (12, (2, 12, 12)), (32, None))

VALUES = (
    is_mask("no sigmoid, channel", gated(MaskBlock, SEMask, nn.Identity)),
    is_mask("no sigmoid, spatial", gated(MaskBlock, SpatialMask, nn.Identity)),
    is_mask("tanh", gated(MaskBlock, ChannelMask, nn.Tanh)),
    is_mask("tanh, features", gated(SequentialBlock, SE, nn.Tanh)),
    is_mask("relu", gated(MaskBlock, SpatialMask, nn.ReLU)),
    is_mask("softplus, features", gated(SequentialBlock, CBAM, nn.Softplus)),
    is_mask("twice the sigmoid", gated(MaskBlock, SEMask, Twice)),
    is_mask("standardised", gated(MaskBlock, SpatialMask, Standardised)),
    is_mask("norm after the gate", gated(MaskBlock, SpatialMask, NormAfterTheGate)),
    is_mask("spatial gate forgotten", gated(SequentialBlock, SpatialGateForgotten, nn.Identity)),
    is_mask("shares times channels", gated(MaskBlock, ChannelMask, SharesTimesChannels)),
    is_mask("features times features", FeaturesTimesFeatures),
    is_mask("features times features, CBAM", CbamTimesFeatures),
    is_mask("axis lost", shaped(AxisLost, SpatialMask), runs=False),
    is_mask("axis lost, as many samples", shaped(AxisLost, SpatialMask), sizes=AS_MANY_SAMPLES),
    is_mask("axis lost, one sample", shaped(AxisLost, SpatialMask), sizes=ALONE),
    is_mask("pixels forgotten", shaped(PixelsForgotten, SEMask), runs=False),
    is_mask("pixels forgotten, fits", shaped(PixelsForgotten, SEMask), sizes=AS_MANY_PIXELS),
    is_mask("channels last", shaped(ChannelsLast, SEMask), runs=False),
    is_mask("channels last, fits", shaped(ChannelsLast, SEMask), sizes=AS_MANY_COLUMNS),
    is_mask("channels as rows, fits", shaped(ChannelsAsRows, SEMask), sizes=AS_MANY_ROWS),
    is_mask("samples in front", shaped(SamplesInFront, SEMask), sizes=AS_MANY_SAMPLES),
    is_mask("padding forgotten", shaped(PaddingForgotten, SpatialMask), runs=False),
    is_mask("padding forgotten, fits", shaped(PaddingForgotten, SpatialMask), sizes=SEVEN),
    is_mask("batch averaged", shaped(BatchAveraged, ChannelMask)),
)
