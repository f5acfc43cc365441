"""Blocks in which one sample changes another (samples-independent)."""

from functools import partial

import torch
from attended_blocks import Last, Masked, Reweighted, Switched, Weighted, Wider
from stranger_parts import CBAM, ECA, Basic, Body, Bottleneck, Fault, SEMask, SpatialMask
from torch import Tensor, nn


class PooledOverTheBatch(Switched, SEMask):
    """One axis too many in the mean: all samples get one mask."""

    def forward(self, x: Tensor) -> Tensor:
        s = x.mean((0, 2, 3), keepdim=True) if self.broken else x.mean((2, 3), keepdim=True)
        return x * self.fc(s.flatten(1))[:, :, None, None]


class SharesOfSamples(nn.Module):
    """Softmax over axis 0, which is the batch."""

    def __init__(self, channels: int, broken: bool) -> None:
        super().__init__()
        self.fc, self.axis = nn.Linear(channels, channels), 0 if broken else 1

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(x.mean((2, 3))).softmax(self.axis)[..., None, None]


class BatchStatistics(SpatialMask):
    """The norm before the gate keeps no running statistics: it mixes in evaluation, too."""

    def __init__(self, channels: int, broken: bool) -> None:
        norm = nn.BatchNorm2d(1, track_running_stats=not broken)
        super().__init__(channels, gate=nn.Sequential(norm, nn.Sigmoid()))


class PixelsForgotten(Switched, SEMask):
    """(B, C) times (B, C, H, W), which fits where B = H and C = W."""

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(x.mean((2, 3))) if self.broken else super().forward(x)


class AxisLost(Switched, SpatialMask):
    """(B, H, W) times (B, C, H, W), which fits where B = C."""

    def forward(self, x: Tensor) -> Tensor:
        mask = super().forward(x)
        return mask[:, 0] if self.broken else mask


class OneLongRow(Switched, ECA):
    """The window slides along all samples' channels in one row, over the seams."""

    def forward(self, x: Tensor) -> Tensor:
        b, c, _, _ = x.shape
        s = x.mean((2, 3)).view(1 if self.broken else b, 1, -1)
        return x * torch.sigmoid(self.conv(s)).view(b, c, 1, 1)


class ChannelsFirst(Switched, SEMask):
    """view(C, B, …) where permute was meant: channels of one sample become those of another."""

    def forward(self, x: Tensor) -> Tensor:
        b, c, h, w = x.shape
        s = x.reshape(c, b, h * w).mean(2).t() if self.broken else x.mean((2, 3))
        return self.fc(s)[:, :, None, None]


class WrongAxisFlipped(Switched, SpatialMask):
    """The mask is to be symmetric, but flip(0) turns the batch, not the picture."""

    def forward(self, x: Tensor) -> Tensor:
        mask = super().forward(x)
        return (mask + mask.flip(0)) / 2 if self.broken else mask


class OnlyWhileTraining(Switched, SEMask):
    """The squeeze is centred over the batch, and only while training."""

    def forward(self, x: Tensor) -> Tensor:
        s = x.mean((2, 3))
        if self.training and self.broken:
            s = s - s.mean(0, keepdim=True)
        return x * self.fc(s)[:, :, None, None]


class StretchedOverAll(Switched, SpatialMask):
    """The mask is stretched to [0, 1] by the least and the largest of the whole batch."""

    def forward(self, x: Tensor) -> Tensor:
        mask = super().forward(x)
        low, high = (
            mask.aminmax(dim=None) if self.broken else (mask.amin(3, True), mask.amax(3, True))
        )
        return (mask - low) / (high - low + 1e-6)


class BatchFirstForgotten(nn.Module):
    """Places attend to each other; without batch_first it is the samples that do."""

    def __init__(self, channels: int, broken: bool) -> None:
        super().__init__()
        self.mha = nn.MultiheadAttention(channels, 1, batch_first=not broken)

    def forward(self, x: Tensor) -> Tensor:
        tokens = x.flatten(2).transpose(1, 2)  # (B, HW, C)
        y, _ = self.mha(tokens, tokens, tokens, need_weights=False)
        return torch.sigmoid(tokens + y).transpose(1, 2).view_as(x)


class KernelsInTheWrongOrder(nn.Module):
    """Each sample has its own window, by a grouped convolution whose channels are shuffled."""

    def __init__(self, channels: int, broken: bool) -> None:
        super().__init__()
        self.broken, self.make = broken, nn.Linear(channels, 2 * 9)

    def forward(self, x: Tensor) -> Tensor:
        b, _, h, w = x.shape
        kernels = self.make(x.mean((2, 3))).view(b, 2, 3, 3)
        s = torch.stack([x.mean(1), x.amax(1)], dim=0 if self.broken else 1)
        z = nn.functional.conv2d(s.view(1, 2 * b, h, w), kernels, padding=1, groups=b)
        return torch.sigmoid(z.view(b, 1, h, w))


class StandardisedInTheBlock(Body):
    """The logits are standardised by one mean and one spread of the whole batch."""

    def __init__(self, channels: int, broken: bool = True) -> None:
        super().__init__(channels, broken)
        self.to_mask = nn.Conv2d(channels, 1, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        out = self.F(x)
        z = self.to_mask(out)
        axes = (0, 1, 2, 3) if self.broken else (1, 2, 3)
        spread = z.var(axes, keepdim=True, correction=0).add(1e-3).sqrt()
        z = (z - z.mean(axes, keepdim=True)) / spread
        return torch.relu(x + z.sigmoid() * out)


class MemoryOfTheBatch(nn.Module):
    """The squeeze is blended with a buffer that remembers all samples seen so far."""

    def __init__(self, channels: int, broken: bool) -> None:
        super().__init__()
        self.fc, self.broken = nn.Linear(channels, channels), broken
        self.register_buffer("memory", torch.zeros(channels))

    def forward(self, x: Tensor) -> Tensor:
        s = x.mean((2, 3))
        if self.broken:
            self.memory = 0.5 * self.memory + 0.5 * s.mean(0).detach()
            s = s + self.memory
        return torch.sigmoid(self.fc(s))[:, :, None, None]


class ThresholdOfTheBatch(Bottleneck, se=SEMask):
    """What is below the mean is cut off: that of all channels, and of all samples."""

    def forward(self, x: Tensor) -> Tensor:
        out = self.F(x)
        mask = self.se(out)
        bar = mask.mean() if self.broken else mask.mean(1, keepdim=True)
        return torch.relu(x + out * torch.relu(mask - bar))


class MixedWhileTraining(Basic, cbam=CBAM):
    """A tenth of another sample's features, drawn at random while training."""

    def forward(self, x: Tensor) -> Tensor:
        out = self.cbam(self.F(x))
        if self.training and self.broken:
            out = 0.9 * out + 0.1 * out[torch.randperm(len(out), device=out.device)]
        return torch.relu(out + x)


class NeighboursSkip(Basic, cbam=CBAM):
    """The skip path comes from the next sample."""

    def forward(self, x: Tensor) -> Tensor:
        out = self.cbam(self.F(x))
        return torch.relu(out + (x.roll(1, 0) if self.broken else x))


independent = partial(Fault, "samples-independent")
MATRIX = ((6, (4, 4, 6)), (8, (8, 8, 8)))  # B = H and C = W
SQUARE = ((4, (4, 7, 10)), (6, (6, 12, 12)))  # B = C

BATCH = (
    independent("pooled over the batch", partial(Reweighted, PooledOverTheBatch)),
    independent("shares of samples", partial(Masked, SharesOfSamples)),
    independent("batch statistics", partial(Wider, BatchStatistics)),
    independent("pixels forgotten", partial(Masked, PixelsForgotten), sizes=MATRIX),
    independent("axis lost", partial(Weighted, AxisLost), sizes=SQUARE),
    independent("one long row", partial(Last, OneLongRow)),
    independent("channels first", partial(Weighted, ChannelsFirst)),
    independent("wrong axis flipped", partial(Masked, WrongAxisFlipped)),
    independent("only while training", partial(Last, OnlyWhileTraining)),
    independent("stretched over all", partial(Wider, StretchedOverAll)),
    independent("batch_first forgotten", partial(Weighted, BatchFirstForgotten)),
    independent("kernels in the wrong order", partial(Masked, KernelsInTheWrongOrder)),
    independent("standardised in the block", StandardisedInTheBlock),
    independent("memory of the batch", partial(Masked, MemoryOfTheBatch)),
    independent("threshold of the batch", ThresholdOfTheBatch),
    independent("mixed while training", MixedWhileTraining),
    independent("the neighbour's skip path", NeighboursSkip),
)
