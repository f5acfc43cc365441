"""Blocks that work at the size they were tried at, and at few others (any-size)."""

from functools import partial

import torch
from attended_blocks import Last, Masked, Reweighted, Switched, Weighted, Wider
from stranger_parts import SE, Body, Fault, SEMask, SpatialMask
from torch import Tensor, nn
from torch.nn import functional

# --- a map's size is written in -----------------------------------------------------------------


class NormOfOneSize(nn.Module):
    """LayerNorm over channels, rows and columns holds a weight for each."""

    def __init__(self, channels: int, broken: bool) -> None:
        super().__init__()
        self.norm = nn.LayerNorm([channels, 12, 16]) if broken else nn.GroupNorm(1, channels)
        self.conv = nn.Conv2d(channels, 1, 7, padding=3)

    def forward(self, x: Tensor) -> Tensor:
        return torch.sigmoid(self.conv(self.norm(x)))


class PositionsWrittenIn(nn.Module):
    """A learned number for each of 32 x 32 places is added to the logits."""

    def __init__(self, channels: int, broken: bool) -> None:
        super().__init__()
        self.position = nn.Parameter(0.02 * torch.randn(1, 1, 32, 32))
        self.conv, self.broken = nn.Conv2d(channels, 1, 3, padding=1), broken

    def forward(self, x: Tensor) -> Tensor:
        position = self.position
        if not self.broken:
            position = functional.interpolate(position, size=x.shape[2:], mode="bilinear")
        return x * torch.sigmoid(self.conv(x) + position)


class PoolOfOneSize(nn.Module):
    """An average over 8 x 8 where the average over the map was meant."""

    def __init__(self, channels: int, broken: bool) -> None:
        super().__init__()
        self.pool = nn.AvgPool2d(8) if broken else nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Sequential(nn.Conv2d(channels, channels, 1), nn.Sigmoid())

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(self.pool(x))


class PlacesAsFeatures(nn.Module):
    """A linear layer from all places to all places of 8 x 10."""

    def __init__(self, channels: int, broken: bool) -> None:
        super().__init__()
        self.fc = nn.Linear(80, 80) if broken else nn.Conv1d(1, 1, 9, padding=4)

    def forward(self, x: Tensor) -> Tensor:
        s = x.mean(1, keepdim=True)
        return x * torch.sigmoid(self.fc(s.flatten(2))).view_as(s)


class SizeInTheView(Switched, SpatialMask):
    """The mask's own shape is right; a view with fixed numbers makes it wrong elsewhere."""

    def forward(self, x: Tensor) -> Tensor:
        mask = super().forward(x)
        return mask.view(-1, 1, 32, 32) if self.broken else mask


class BatchInTheView(Switched, SEMask):
    """The batch size of the first try is written into the view."""

    def forward(self, x: Tensor) -> Tensor:
        b, c, _, _ = x.shape
        s = x.reshape(2 if self.broken else b, c, -1).mean(2)
        return self.fc(s).view(-1, c, 1, 1)


# --- sizes that do not meet ---------------------------------------------------------------------


class EnlargedByFour(nn.Module):
    """Pooled by 4 and enlarged by 4, which meets again where 4 divides the size."""

    def __init__(self, channels: int, broken: bool) -> None:
        super().__init__()
        self.conv, self.broken = nn.Conv2d(channels, 1, 3, padding=1), broken

    def forward(self, x: Tensor) -> Tensor:
        if self.broken:
            small = self.conv(functional.avg_pool2d(x, 4))
            return torch.sigmoid(functional.interpolate(small, scale_factor=4))
        small = self.conv(functional.avg_pool2d(x, 4, ceil_mode=True))
        return torch.sigmoid(functional.interpolate(small, size=x.shape[2:]))


class WindowOfFive(nn.Module):
    """Padding 3 for a side of 7 and 1 for any other: 5 gives 1 x 1 on a map of 3 x 3."""

    def __init__(self, channels: int, broken: bool) -> None:
        super().__init__()
        self.conv = nn.Conv2d(2, 1, 5, padding=1 if broken else 2)

    def forward(self, x: Tensor) -> Tensor:
        s = torch.cat([x.mean(1, keepdim=True), x.amax(1, keepdim=True)], dim=1)
        return torch.sigmoid(self.conv(s))


class EvenWindow(nn.Module):
    """A side of 4 makes the map one pixel larger; the excess is cut by a stride that hides it."""

    def __init__(self, channels: int, broken: bool) -> None:
        super().__init__()
        side = 4 if broken else 3
        self.conv = nn.Conv2d(channels, 1, side, stride=2, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        mask = torch.sigmoid(self.conv(x))  # half the size: rounded down, or up
        h, w = x.shape[2:]
        return x * mask.repeat_interleave(2, 2).repeat_interleave(2, 3)[:, :, :h, :w]


class FloorAndCeiling(Body, wider=2, stride=2, se=SE):
    """The skip path rounds half the size down, the branch rounds it up."""

    def __init__(self, channels: int, broken: bool = True) -> None:
        super().__init__(channels, broken)
        self.downsample = nn.Sequential(
            nn.AvgPool2d(2, ceil_mode=not broken),
            nn.Conv2d(channels, 2 * channels, 1),
            nn.BatchNorm2d(2 * channels),
        )

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.downsample(x) + self.se(self.F(x)))


# --- one sample alone ---------------------------------------------------------------------------


class SqueezedSummary(nn.Module):
    """squeeze() takes every axis of one away, that of a single sample as well."""

    def __init__(self, channels: int, broken: bool) -> None:
        super().__init__()
        self.pool, self.broken = nn.AdaptiveAvgPool2d(1), broken
        self.fc1, self.fc2 = nn.Linear(channels, 8), nn.Linear(8, channels)

    def forward(self, x: Tensor) -> Tensor:
        s = self.pool(x).squeeze() if self.broken else self.pool(x).flatten(1)
        s = torch.sigmoid(self.fc2(torch.nn.functional.silu(self.fc1(s))))
        return x * s[:, :, None, None]


class SqueezedMask(Switched, SpatialMask):
    """The same on (B, 1, H, W): a single sample's mask becomes (H, 1, W), which fits at H = C."""

    def forward(self, x: Tensor) -> Tensor:
        mask = super().forward(x)
        return mask.squeeze().unsqueeze(1) if self.broken else mask


class NormOfTheSummary(nn.Module):
    """A batch norm of one number for each sample cannot train on one sample."""

    def __init__(self, channels: int, broken: bool) -> None:
        super().__init__()
        norm = nn.BatchNorm1d(8) if broken else nn.LayerNorm(8)
        self.fc = nn.Sequential(
            nn.Linear(channels, 8), norm, nn.SiLU(), nn.Linear(8, channels), nn.Sigmoid()
        )

    def forward(self, x: Tensor) -> Tensor:
        return x * self.fc(x.mean((2, 3)))[:, :, None, None]


class SpreadOverTheBatch(SEMask):
    """The squeeze is divided by its spread over the samples; one sample has none."""

    def __init__(self, channels: int, broken: bool) -> None:
        super().__init__(channels)
        self.axis = 0 if broken else 1

    def forward(self, x: Tensor) -> Tensor:
        s = x.mean((2, 3))
        s = s / (s.std(self.axis, keepdim=True) + 1e-5)
        return self.fc(s)[:, :, None, None]


anywhere = partial(Fault, "any-size")
BY_12_16 = ((4, (3, 12, 16)), (16, (2, 12, 16)))
BY_8 = ((4, (3, 8, 8)), (16, (2, 8, 8)))
BY_8_10 = ((4, (3, 8, 10)), (16, (2, 8, 10)))
BY_32 = ((4, (2, 32, 32)), (8, None))
PAIRS = ((4, (2, 7, 10)), (16, (2, 12, 12)))
FOURS = ((4, (3, 8, 12)), (16, (2, 12, 12)), (8, None))
SMALL = ((4, (3, 3, 3)), (16, (2, 3, 3)))
AS_HIGH_AS_DEEP = ((8, (3, 8, 10)), (12, (2, 12, 12)), (4, (3, 7, 10)), (8, None))

BOUND = (
    anywhere("norm of one size", partial(Masked, NormOfOneSize), sizes=BY_12_16),
    anywhere("positions written in", partial(Last, PositionsWrittenIn), sizes=BY_32),
    anywhere("pool of one size", partial(Weighted, PoolOfOneSize), sizes=BY_8),
    anywhere("places as features", partial(Reweighted, PlacesAsFeatures), sizes=BY_8_10),
    anywhere("size in the view", partial(Masked, SizeInTheView), sizes=BY_32),
    anywhere("batch in the view", partial(Wider, BatchInTheView), sizes=PAIRS),
    anywhere("enlarged by four", partial(Weighted, EnlargedByFour), sizes=FOURS),
    anywhere("window of five", partial(Masked, WindowOfFive), sizes=SMALL),
    anywhere("even window", partial(Reweighted, EvenWindow), sizes=FOURS),
    anywhere("floor and ceiling", FloorAndCeiling, sizes=FOURS),
    anywhere("squeezed summary", partial(Reweighted, SqueezedSummary)),
    anywhere("squeezed mask", partial(Weighted, SqueezedMask), sizes=AS_HIGH_AS_DEEP),
    anywhere("norm of the summary", partial(Last, NormOfTheSummary)),
    anywhere("spread over the batch", partial(Masked, SpreadOverTheBatch)),
)
