"""Blocks whose mask does not move with its object (places-matter)."""

from functools import partial

import torch
from attended_blocks import Last, Masked, Reweighted, Switched, Weighted, Wider
from stranger_parts import Fault, SpatialMask
from torch import Tensor, nn
from torch.nn import functional


class Misplaced(Switched, SpatialMask):
    """A spatial mask that is moved afterwards, or not if not broken."""

    def forward(self, x: Tensor) -> Tensor:
        mask = super().forward(x)
        return self.move(mask) if self.broken else mask

    def move(self, mask: Tensor) -> Tensor:
        raise NotImplementedError


class Transposed(Misplaced):
    """Rows for columns, which nobody sees on square maps."""

    def move(self, mask: Tensor) -> Tensor:
        return mask.transpose(2, 3)


class Flipped(Misplaced):
    """Left for right, left over from augmentation."""

    def move(self, mask: Tensor) -> Tensor:
        return mask.flip(-1)


class Rolled(Misplaced):
    """The spectrum's habit: the middle goes to the corner."""

    def move(self, mask: Tensor) -> Tensor:
        return torch.fft.fftshift(mask, dim=(2, 3))


class Turned(Misplaced):
    """A quarter turn."""

    def move(self, mask: Tensor) -> Tensor:
        return torch.rot90(mask, 1, (2, 3))


class HalvesExchanged(Misplaced):
    """Two strips of the map are joined again in the wrong order."""

    def move(self, mask: Tensor) -> Tensor:
        upper, lower = mask.tensor_split(2, dim=2)
        return torch.cat([lower, upper], dim=2)


class ReadInColumns(Misplaced):
    """view(B, 1, W, H), then turned so that the shape fits: the places are shuffled."""

    def move(self, mask: Tensor) -> Tensor:
        b, _, h, w = mask.shape
        return mask.reshape(b, 1, w, h).transpose(2, 3)


class PooledTwice(nn.Module):
    """The mean over all places is enlarged to the map: the same everywhere."""

    def __init__(self, channels: int, broken: bool) -> None:
        super().__init__()
        self.conv, self.broken = nn.Conv2d(channels, 1, 1), broken

    def forward(self, x: Tensor) -> Tensor:
        s = functional.adaptive_avg_pool2d(x, 1) if self.broken else x
        return functional.interpolate(torch.sigmoid(self.conv(s)), size=x.shape[2:])


class CornerOnly(nn.Module):
    """The mask is made of one quarter of the map and stretched over all of it."""

    def __init__(self, channels: int, broken: bool) -> None:
        super().__init__()
        self.conv, self.broken = nn.Conv2d(channels, 1, 3, padding=1), broken

    def forward(self, x: Tensor) -> Tensor:
        h, w = x.shape[2:]
        seen = x[:, :, : h // 2, : w // 2] if self.broken else x
        return torch.sigmoid(functional.interpolate(self.conv(seen), size=(h, w)))


class ViewForPermute(nn.Module):
    """(B, C, H, W) is viewed as (B, HW, C) where it should have been permuted."""

    def __init__(self, channels: int, broken: bool) -> None:
        super().__init__()
        self.fc, self.broken = nn.Linear(channels, 1), broken

    def forward(self, x: Tensor) -> Tensor:
        b, c, h, w = x.shape
        tokens = x.reshape(b, h * w, c) if self.broken else x.flatten(2).transpose(1, 2)
        return x * torch.sigmoid(self.fc(tokens)).view(b, 1, h, w)


class PaddedOnOneSide(nn.Module):
    """All padding above and to the left, as for sounds: the mask is four pixels late."""

    def __init__(self, channels: int, broken: bool) -> None:
        super().__init__()
        self.pad = (8, 0, 8, 0) if broken else (4, 4, 4, 4)
        self.conv = nn.Conv2d(2, 1, 9)

    def forward(self, x: Tensor) -> Tensor:
        s = torch.cat([x.mean(1, keepdim=True), x.amax(1, keepdim=True)], dim=1)
        return x * torch.sigmoid(self.conv(functional.pad(s, self.pad)))


class StripsExchanged(nn.Module):
    """Coordinate attention whose two strips have changed their names."""

    def __init__(self, channels: int, broken: bool) -> None:
        super().__init__()
        self.shared = nn.Sequential(nn.Conv2d(channels, 8, 1), nn.BatchNorm2d(8), nn.Hardswish())
        self.conv_h, self.conv_w = nn.Conv2d(8, channels, 1), nn.Conv2d(8, channels, 1)
        self.broken = broken

    def forward(self, x: Tensor) -> Tensor:
        h, w = x.shape[2:]
        x_h, x_w = x.mean(3, keepdim=True), x.mean(2, keepdim=True).transpose(2, 3)
        f = self.shared(torch.cat([x_h, x_w], dim=2))  # (B, 8, H + W, 1)
        f_h, f_w = f.split([h, w], dim=2)
        if self.broken:
            f_h, f_w = f_w, f_h
        return self.conv_h(f_h).sigmoid() * self.conv_w(f_w).transpose(2, 3).sigmoid()


class RowsTwice(nn.Module):
    """Both strips are means over the rows: a line copied and not changed."""

    def __init__(self, channels: int, broken: bool) -> None:
        super().__init__()
        self.conv_h, self.conv_w = (
            nn.Conv2d(channels, channels, 1),
            nn.Conv2d(channels, channels, 1),
        )
        self.broken = broken

    def forward(self, x: Tensor) -> Tensor:
        rows = x.mean(3, keepdim=True)  # (B, C, H, 1)
        columns = rows.transpose(2, 3) if self.broken else x.mean(2, keepdim=True)
        return x * torch.sigmoid(self.conv_h(rows)) * torch.sigmoid(self.conv_w(columns))


class ViewForShuffle(nn.Module):
    """Four numbers for each 2 x 2 square, laid out by view where pixel_shuffle was meant."""

    def __init__(self, channels: int, broken: bool) -> None:
        super().__init__()
        self.conv, self.broken = nn.Conv2d(channels, 4, 4, stride=2, padding=1), broken

    def forward(self, x: Tensor) -> Tensor:
        z = self.conv(x)  # (B, 4, H / 2, W / 2)
        b, _, h, w = z.shape
        z = z.view(b, 1, 2 * h, 2 * w) if self.broken else functional.pixel_shuffle(z, 2)
        return torch.sigmoid(z)


places = partial(Fault, "places-matter")
SQUARES = ((4, (3, 9, 9)), (16, (2, 12, 12)), (8, None))
EVEN = ((4, (3, 8, 12)), (16, (2, 12, 12)), (8, None))

SHAPES = (
    places("transposed", partial(Masked, Transposed), sizes=SQUARES),
    places("flipped", partial(Weighted, Flipped)),
    places("rolled", partial(Masked, Rolled)),
    places("turned", partial(Weighted, Turned), sizes=SQUARES),
    places("halves exchanged", partial(Wider, HalvesExchanged)),
    places("read in columns", partial(Masked, ReadInColumns)),
    places("pooled twice", partial(Weighted, PooledTwice)),
    places("corner only", partial(Masked, CornerOnly)),
    places("view for permute", partial(Reweighted, ViewForPermute)),
    places("padded on one side", partial(Last, PaddedOnOneSide)),
    places("strips exchanged", partial(Masked, StripsExchanged), sizes=SQUARES),
    places("rows twice", partial(Last, RowsTwice), sizes=SQUARES),
    places("view for shuffle", partial(Weighted, ViewForShuffle), sizes=EVEN),
)
