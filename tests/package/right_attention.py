"""Right attention in the forms that strangers publish, beyond those of `stranger_parts`."""

import right_parts as rp
import torch
from stranger_parts import SEMask, SpatialMask
from torch import Tensor, nn
from torch.nn import functional


class ReleasedChannel(nn.Module):
    """The authors' channel gate: linear layers with bias, hidden width C // 16, no minimum."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        hidden = channels // 16
        self.mlp = nn.Sequential(
            nn.Flatten(), nn.Linear(channels, hidden), nn.ReLU(), nn.Linear(hidden, channels)
        )

    def forward(self, x: Tensor) -> Tensor:
        whole = (x.size(2), x.size(3))
        total = None
        for pool in (functional.avg_pool2d, functional.max_pool2d):
            logits = self.mlp(pool(x, whole, stride=whole))
            total = logits if total is None else total + logits
        return x * torch.sigmoid(total).unsqueeze(2).unsqueeze(3).expand_as(x)


class Compress(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return torch.cat((x.max(1)[0].unsqueeze(1), x.mean(1).unsqueeze(1)), dim=1)


class ReleasedSpatial(nn.Module):
    """The authors' spatial gate: conv 7x7, then a batch norm, whose scale may start at 0."""

    def __init__(self, scale: float) -> None:
        super().__init__()
        self.compress = Compress()
        self.conv = nn.Conv2d(2, 1, 7, padding=3, bias=False)
        self.bn = nn.BatchNorm2d(1, momentum=0.01)
        nn.init.constant_(self.bn.weight, scale)

    def forward(self, x: Tensor) -> Tensor:
        return x * torch.sigmoid(self.bn(self.conv(self.compress(x))))


class Released(nn.Module):
    """Both, as the authors stack them."""

    def __init__(self, channels: int, scale: float = 1.0) -> None:
        super().__init__()
        self.ChannelGate, self.SpatialGate = ReleasedChannel(channels), ReleasedSpatial(scale)

    def forward(self, x: Tensor) -> Tensor:
        return self.SpatialGate(self.ChannelGate(x))


class Parallel(nn.Module):
    """A channel part and a spatial part, one sigmoid of their sum: a mask (B, C, H, W)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(channels, 8), nn.Linear(8, channels)
        self.reduce = nn.Conv2d(channels, 4, 1)
        self.wide = nn.Conv2d(4, 4, 3, padding=4, dilation=4)
        self.last = nn.Conv2d(4, 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        channel = self.fc2(torch.relu(self.fc1(x.mean((2, 3)))))[:, :, None, None]
        spatial = self.last(torch.relu(self.wide(torch.relu(self.reduce(x)))))
        return torch.sigmoid(channel + spatial)


class Times(nn.Module):
    """x ⊙ mask, of any mask."""

    def __init__(self, mask: nn.Module) -> None:
        super().__init__()
        self.mask = mask

    def forward(self, x: Tensor) -> Tensor:
        return x * self.mask(x)


class OnePlus(Times):
    """x ⊙ (1 + mask), as BAM and residual attention write it."""

    def forward(self, x: Tensor) -> Tensor:
        return x * (1 + self.mask(x))


class AndItself(Times):
    """x + x ⊙ mask: the same in two steps."""

    def forward(self, x: Tensor) -> Tensor:
        return x + x * self.mask(x)


class Choice(nn.Module):
    """A spatial mask that is the first of two shares."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, 2, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return x * torch.softmax(self.conv(x), dim=1)[:, :1]


class Product(nn.Module):
    """Both masks from the same features, and their product as one mask."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.ca, self.sa = SEMask(channels), SpatialMask()

    def forward(self, x: Tensor) -> Tensor:
        return (self.ca(x) * self.sa(x)) * x


class Cached(nn.Module):
    """A spatial mask that knows where it is, from a grid made once for each size."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.grid = nn.Conv2d(4, 1, 5, padding=2), None

    def forward(self, x: Tensor) -> Tensor:
        h, w = x.shape[2:]
        if self.grid is None or self.grid.shape[2:] != x.shape[2:]:
            rows, columns = torch.linspace(-1, 1, h), torch.linspace(-1, 1, w)
            grid = torch.stack(torch.meshgrid(rows, columns, indexing="ij"))
            self.grid = grid[None].to(x)
        s = [x.mean(1, True), x.amax(1, True), self.grid.expand(x.shape[0], 2, h, w)]
        return x * torch.sigmoid(self.conv(torch.cat(s, dim=1)))


class Coordinates(nn.Module):
    """Coordinate attention as released: two strips, multiplied one after the other."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(channels, 8, 1), nn.BatchNorm2d(8)
        self.sigmoid = rp.HandHardSigmoid()
        self.conv_h, self.conv_w = nn.Conv2d(8, channels, 1), nn.Conv2d(8, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        h, w = x.shape[2:]
        x_h, x_w = x.mean(3, keepdim=True), x.mean(2, keepdim=True).permute(0, 1, 3, 2)
        y = self.bn1(self.conv1(torch.cat([x_h, x_w], dim=2)))
        y = y * self.sigmoid(y)
        y_h, y_w = torch.split(y, [h, w], dim=2)
        a_h, a_w = self.conv_h(y_h).sigmoid(), self.conv_w(y_w.permute(0, 1, 3, 2)).sigmoid()
        return x * a_w * a_h


class Energy(nn.Module):
    """A mask without parameters: how far each value is from its map's mean (SimAM)."""

    def forward(self, x: Tensor) -> Tensor:
        squares = (x - x.mean((2, 3), keepdim=True)).pow(2)
        spread = squares.sum((2, 3), keepdim=True) / max(x.shape[2] * x.shape[3] - 1, 1)
        return x * torch.sigmoid(squares / (4 * (spread + 1e-4)) + 0.5)


class Coarse(nn.Module):
    """A spatial mask made at half the size and then enlarged."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, 1, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        small = self.conv(functional.avg_pool2d(x, 2, ceil_mode=True))
        return functional.interpolate(small, size=x.shape[2:], mode="nearest").sigmoid()


class Concurrent(nn.Module):
    """Channel and spatial squeeze at once (scSE): the sum of two reweightings, or the larger."""

    def __init__(self, channels: int, larger: bool = False) -> None:
        super().__init__()
        self.cse, self.larger = SEMask(channels), larger
        self.sse = nn.Sequential(nn.Conv2d(channels, 1, 1), nn.Sigmoid())

    def forward(self, x: Tensor) -> Tensor:
        if self.larger:
            return torch.max(x * self.cse(x), x * self.sse(x))
        return x * self.cse(x) + x * self.sse(x)


class Triplet(nn.Module):
    """Three spatial masks, two of them over turned axes; the mean of three reweightings."""

    def __init__(self, channels: int = 0) -> None:
        super().__init__()
        self.cw, self.hc, self.hw = SpatialMask(), SpatialMask(), SpatialMask()

    def forward(self, x: Tensor) -> Tensor:
        by_rows = x.permute(0, 2, 1, 3).contiguous()  # (B, H, C, W)
        by_columns = x.permute(0, 3, 2, 1).contiguous()  # (B, W, H, C)
        one = (by_rows * self.cw(by_rows)).permute(0, 2, 1, 3)
        two = (by_columns * self.hc(by_columns)).permute(0, 3, 2, 1)
        return (one + two + x * self.hw(x)) / 3


class Groups(nn.Module):
    """A spatial mask for each group of channels, on a view (SGE)."""

    def __init__(self, channels: int, groups: int = 4) -> None:
        super().__init__()
        self.groups = groups
        self.weight = nn.Parameter(torch.full((1, groups, 1, 1), 0.5))
        self.bias = nn.Parameter(torch.ones(1, groups, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        b, c, h, w = x.shape
        x = x.view(b * self.groups, -1, h, w)
        like = (x * x.mean((2, 3), keepdim=True)).sum(dim=1, keepdim=True)
        t = like.view(b * self.groups, -1)
        t = (t - t.mean(dim=1, keepdim=True)) / (
            t.var(dim=1, keepdim=True, correction=0) + 1
        ).sqrt()
        t = t.view(b, self.groups, h, w) * self.weight + self.bias
        return (x * torch.sigmoid(t.view(b * self.groups, 1, h, w))).view(b, c, h, w)


class Both(nn.Module):
    """Attention that returns its mask as well: (features, mask)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.mask = SEMask(channels)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        alpha = self.mask(x)
        return x * alpha, alpha


class Written(nn.Module):
    """Squeeze-and-excitation with nothing but parameters and formulas."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.down = nn.Parameter(torch.randn(8, channels) / channels**0.5)
        self.up = nn.Parameter(torch.randn(channels, 8) / 8**0.5)

    def forward(self, x: Tensor) -> Tensor:
        s = torch.einsum("bchw->bc", x) / x[0, 0].numel()
        z = functional.leaky_relu(s @ self.down.T, 0.1) @ self.up.T
        return torch.einsum("bchw,bc->bchw", x, 1 / (1 + torch.exp(-z)))
