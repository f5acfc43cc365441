"""What goes wrong in silence in the notes on pattern 1, in this file's own words."""

from collections.abc import Callable
from functools import partial

import torch
from attended_blocks import Last, Reweighted
from stranger_parts import Basic, Fault, SEMask
from torch import Tensor, nn

# --- pattern 1: the block ---------------------------------------------------------------------


class Channels(nn.Module):
    """ChannelAttention of the first note: one MLP without bias, at least four units wide."""

    def __init__(self, channels: int, reduction: int = 16) -> None:
        super().__init__()
        hidden = max(channels // reduction, 4)
        self.mlp = nn.Sequential(
            nn.Conv2d(channels, hidden, 1, bias=False),
            nn.ReLU(inplace=True),
            nn.Conv2d(hidden, channels, 1, bias=False),
        )

    def forward(self, x: Tensor) -> Tensor:
        avg, top = x.mean((2, 3), keepdim=True), x.amax((2, 3), keepdim=True)
        return torch.sigmoid(self.mlp(avg) + self.mlp(top))


class Places(nn.Module):
    """SpatialAttention_1: it pads 3 for a side of 7 and 1 for any other, and stacks a pair."""

    def __init__(self, side: int = 7, padding: int | None = None, pair: bool = False) -> None:
        super().__init__()
        padding = (3 if side == 7 else 1) if padding is None else padding
        self.conv, self.pair = nn.Conv2d(2, 1, side, padding=padding, bias=False), pair

    def forward(self, x: Tensor) -> Tensor:
        top = torch.max(x, dim=1, keepdim=True)
        s = torch.cat([x.mean(1, keepdim=True), top if self.pair else top.values], dim=1)
        return torch.sigmoid(self.conv(s))


class Cbam(nn.Module):
    """CBAM and CBAM_1."""

    def __init__(self, channels: int, reduction: int = 16, spatial_kernel: int = 7, **spatial):
        super().__init__()
        self.ca = Channels(channels, reduction)
        self.sa = Places(spatial_kernel, **spatial)

    def forward(self, x: Tensor) -> Tensor:
        x = self.ca(x) * x
        return self.sa(x) * x


class PatternOne(nn.Module):
    """Pattern_1_Residual, with the first or both of its lines repaired, or none."""

    def __init__(self, inputs: int, outputs: int, stride: int = 1, repaired: int = 0) -> None:
        super().__init__()
        self.repaired = repaired
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1, self.act = nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        if repaired == 0:
            self.cbam = Cbam(inputs, outputs, reduction=16, spatial_kernel=7)
        else:
            self.cbam = Cbam(outputs, reduction=16, spatial_kernel=7)
        self.downsample = None
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)
            )

    def forward(self, x: Tensor) -> Tensor:
        identity = x if self.downsample is None else self.downsample(x)
        f = self.act(self.bn1(self.conv1(x)))
        f = self.bn2(self.conv2(f if self.repaired == 2 else x))
        return self.act(identity + self.cbam(f))


def forgetful(channels: int, broken: bool = True) -> nn.Module:
    """Pattern_1_Residual as soon as it can be built."""
    return PatternOne(channels, channels, repaired=1 if broken else 2)


def of_the_input_channels(channels: int, broken: bool = True) -> nn.Module:
    """Pattern_1_Residual's CBAM is built for in_ch, also where out_ch is another number."""
    block = PatternOne(channels, 2 * channels, repaired=2)
    if broken:
        block.cbam = Cbam(channels)
    return block


def padded_by_word(side: int) -> Callable:
    """CBAM_1 once its pair is repaired, in a block: it keeps the size for 3 and 7 alone."""
    return lambda channels, broken: Cbam(
        channels, spatial_kernel=side, padding=None if broken else side // 2
    )


# --- pattern 1: the common mistakes ---------------------------------------------------------------


class MistakeOne(Basic, attn=SEMask):
    """(x + F(x)) + A(x)."""

    def forward(self, x: Tensor) -> Tensor:
        f = self.F(x)
        return torch.relu((x + f) + self.attn(x) if self.broken else x + self.attn(f) * f)


class MistakeTwo(Basic, attn=SEMask):
    """Attention computed on x."""

    def forward(self, x: Tensor) -> Tensor:
        f = self.F(x)
        return torch.relu(x + self.attn(x if self.broken else f) * f)


class MistakeThree(Basic, attn=SEMask):
    """The mask is added to F(x)."""

    def forward(self, x: Tensor) -> Tensor:
        f = self.F(x)
        return torch.relu(x + (self.attn(f) + f if self.broken else self.attn(f) * f))


class MistakeFour(Basic, attn=SEMask):
    """A mask (C, 1, 1) made of the whole batch where (B, C, 1, 1) was meant."""

    def forward(self, x: Tensor) -> Tensor:
        f = self.F(x)
        alpha = self.attn(f.mean(0, keepdim=True) if self.broken else f)
        return torch.relu(x + alpha * f)


class MultipliedAgain(Basic, cbam=Cbam):
    """The line that the note warns of: CBAM multiplies, and so does the block."""

    def forward(self, x: Tensor) -> Tensor:
        f = self.F(x)
        alpha = self.cbam(f)
        return torch.relu(x + (alpha * f if self.broken else alpha))


BY_3 = ((4, (2, 3, 3)), (8, (3, 3, 3)))
THIN = ((4, (3, 9, 8)), (16, (2, 12, 12)), (8, None))
unfit = partial(Fault, "is-mask", sizes=THIN, runs=False)

PATTERN = (
    Fault("all-parameters-learn", "pattern 1, built", forgetful),
    Fault("channels-agree", "pattern 1, CBAM of in_ch", of_the_input_channels, runs=False),
    unfit("side 1", partial(Reweighted, padded_by_word(1))),
    unfit("side 5", partial(Reweighted, padded_by_word(5))),
    unfit("side 9", partial(Last, padded_by_word(9))),
    Fault("any-size", "side 5 on 3 x 3", partial(Last, padded_by_word(5)), sizes=BY_3),
    Fault("multiplies", "mistake 1", MistakeOne),
    Fault("sees-branch", "mistake 2", MistakeTwo),
    Fault("multiplies", "mistake 3", MistakeThree),
    Fault("samples-independent", "mistake 4", MistakeFour),
    Fault("is-mask", "multiplied again", MultipliedAgain),
)
