"""Blocks whose attention was built for another number of channels, and that say nothing."""

from collections.abc import Callable
from functools import partial

import torch
from stranger_parts import CBAM, SE, Basic, Body, Bottleneck, ChannelMask, Fault, SEMask
from torch import Tensor, nn
from torch.nn import functional


class Fitted(nn.Module):
    """A mask of some width, and what makes it fit."""

    def __init__(self, mask: nn.Module, adapt: Callable[[nn.Module, Tensor], Tensor]) -> None:
        super().__init__()
        self.mask, self.adapt = mask, adapt

    def forward(self, x: Tensor) -> Tensor:
        return self.adapt(self.mask, x)


class Widened(Body, wider=2):
    """A block of twice the channels, whose mask was built for another width and made to fit."""

    built_for: int | None = None  # the block's input channels
    mask: type[nn.Module] = SEMask

    def __init__(self, channels: int, broken: bool = True) -> None:
        super().__init__(channels, broken)
        fitted = Fitted(self.mask(self.built_for or channels), self.adapt)
        self.attention = fitted if broken else self.mask(2 * channels)

    @staticmethod
    def adapt(mask: nn.Module, x: Tensor) -> Tensor:
        """Return a mask for x from one that was built for another width."""
        raise NotImplementedError

    def forward(self, x: Tensor) -> Tensor:
        out = self.F(x)
        out = out * self.attention(out)
        return torch.relu(out + self.downsample(x))


class Repeated(Widened):
    """The first half of the channels is looked at, and its mask is used twice."""

    @staticmethod
    def adapt(mask: nn.Module, x: Tensor) -> Tensor:
        return mask(x[:, : x.shape[1] // 2]).repeat(1, 2, 1, 1)


class PaddedWithOnes(Widened):
    """The other half is not weighed at all."""

    mask = ChannelMask

    @staticmethod
    def adapt(mask: nn.Module, x: Tensor) -> Tensor:
        half = x.shape[1] // 2
        return functional.pad(mask(x[:, :half]), (0, 0, 0, 0, 0, half), value=1.0)


class Resized(Widened):
    """The map's channels are averaged in pairs, the mask is stretched."""

    @staticmethod
    def adapt(mask: nn.Module, x: Tensor) -> Tensor:
        pairs = x.unflatten(1, (-1, 2)).mean(2)
        return mask(pairs).repeat_interleave(2, dim=1)


class PaddedWithZeros(Widened):
    """Built for 64 channels: what is missing is filled with zeros, the rest of the mask is cut."""

    built_for = 64
    mask = ChannelMask

    @staticmethod
    def adapt(mask: nn.Module, x: Tensor) -> Tensor:
        c = x.shape[1]
        return mask(functional.pad(x, (0, 0, 0, 0, 0, 64 - c)))[:, :c]


class Interpolated(Widened):
    """The summary is resampled to the 24 channels that the mask was built for, and back."""

    built_for = 24

    @staticmethod
    def adapt(mask: nn.Module, x: Tensor) -> Tensor:
        summary = functional.interpolate(x.mean((2, 3))[:, None], 24, mode="linear")  # (B, 1, 24)
        weights = mask(summary[:, 0, :, None, None])[..., 0].transpose(1, 2)  # (B, 1, 24)
        fitted = functional.interpolate(weights, x.shape[1], mode="linear")
        return fitted[:, 0, :, None, None]


class Sliced(nn.Module):
    """Weights for 64 channels, of which as many columns and rows are used as fit."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.down = nn.Linear(channels, 8)
        self.up = nn.Linear(8, channels)

    def forward(self, x: Tensor) -> Tensor:
        c = x.shape[1]
        y = functional.linear(x.mean((2, 3)), self.down.weight[:, :c], self.down.bias)
        z = functional.linear(torch.tanh(y), self.up.weight[:c], self.up.bias[:c])
        return x * torch.sigmoid(z)[..., None, None]


class SlicedBlock(Bottleneck):
    """An attention that is wider than the block, and says nothing."""

    def __init__(self, channels: int, broken: bool = True) -> None:
        super().__init__(channels, broken)
        self.attn = Sliced(64 if broken else channels)

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.attn(self.F(x)) + self.downsample(x))


class FirstChannelsOnly(Basic, wider=2, stride=2):
    """The attention returns features: the first channels weighed, the others as they were."""

    class Attention(SE):
        """Knows its own width and attends to no more."""

        def forward(self, x: Tensor) -> Tensor:
            c = self.fc[0].in_features
            return torch.cat([super().forward(x[:, :c]), x[:, c:]], dim=1)

    def __init__(self, channels: int, broken: bool = True) -> None:
        super().__init__(channels, broken)
        self.se = self.Attention(channels if broken else 2 * channels)

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.se(self.F(x)) + self.downsample(x))


class StepsAside(Basic, wider=2):
    """The attention returns its input where the width is not its own."""

    class Attention(CBAM):
        """Silent about a width that it was not built for."""

        def forward(self, x: Tensor) -> Tensor:
            if x.shape[1] != self.channel_attention.fc1.in_channels:
                return x
            return super().forward(x)

    def __init__(self, channels: int, broken: bool = True) -> None:
        super().__init__(channels, broken)
        self.cbam = self.Attention(channels if broken else 2 * channels)

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.cbam(self.F(x)) + self.downsample(x))


agree = partial(Fault, "channels-agree")

FITTED = (
    agree("mask repeated", Repeated),
    agree("mask padded with ones", PaddedWithOnes),
    agree("mask stretched", Resized),
    agree("features padded with zeros", PaddedWithZeros),
    agree("mask interpolated", Interpolated),
    agree("weights sliced", SlicedBlock),
    agree("first channels only", FirstChannelsOnly),
    agree("steps aside", StepsAside),
)
