"""Residual blocks with attention as strangers write them: right parts, right bases, a fault.

What stands here is right by itself. The broken blocks and the right ones are built of it.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

Size = tuple[int, tuple[int, int, int] | None]  # channels, (B, H, W) or None: no x is given
SIZES: tuple[Size, ...] = ((4, (3, 7, 10)), (16, (2, 12, 12)), (8, None))


@dataclass(frozen=True)
class Fault:
    """A broken block, the id of the check that names what is wrong, and its repaired twin.

    ``build(channels)`` makes the block and ``build(channels, broken=False)`` the same without the
    fault; ``repaired(channels)`` stands for the latter where it is given. Where only the declared
    place was wrong, the twin is the same block with ``repaired_placement``. ``runs`` is False
    for a block that raises.
    """

    id: str
    name: str
    build: Callable[..., nn.Module]
    placement: str = "inside"
    attention: str | tuple[str, ...] | None = None
    repaired: Callable[[int], nn.Module] | None = None
    repaired_placement: str | None = None
    sizes: tuple[Size, ...] = SIZES
    runs: bool = True

    def __str__(self) -> str:
        return f"{self.id}: {self.name}"

    def twin(self, channels: int) -> nn.Module:
        """Return the block without the fault."""
        if self.repaired is not None:
            return self.repaired(channels)
        if self.repaired_placement is not None:
            return self.build(channels)
        return self.build(channels, broken=False)


def example(size: Size) -> Tensor | None:
    """Return x for a size: (B, channels, H, W), or None where the doctor has to make it."""
    channels, shape = size
    if shape is None:
        return None
    batch, high, wide = shape
    return torch.randn(batch, channels, high, wide)


class SEMask(nn.Module):
    """Squeeze-and-excitation that returns its mask, (B, C, 1, 1)."""

    def __init__(self, channels: int, gate: nn.Module | None = None) -> None:
        super().__init__()
        hidden = max(channels // 4, 8)
        self.fc = nn.Sequential(
            nn.Linear(channels, hidden),
            nn.ReLU(inplace=True),
            nn.Linear(hidden, channels),
            nn.Sigmoid() if gate is None else gate,
        )

    def forward(self, x: Tensor) -> Tensor:
        b, c, _, _ = x.shape
        return self.fc(x.mean((2, 3))).view(b, c, 1, 1)


class SE(SEMask):
    """Squeeze-and-excitation that returns the reweighted features."""

    def forward(self, x: Tensor) -> Tensor:
        return x * super().forward(x).expand_as(x)


class ChannelMask(nn.Module):
    """The channel attention of most public copies of CBAM: it returns its mask."""

    def __init__(self, channels: int, gate: nn.Module | None = None) -> None:
        super().__init__()
        self.avg_pool = nn.AdaptiveAvgPool2d(1)
        self.max_pool = nn.AdaptiveMaxPool2d(1)
        hidden = max(channels // 4, 8)
        self.fc1 = nn.Conv2d(channels, hidden, 1, bias=False)
        self.relu1 = nn.ReLU()
        self.fc2 = nn.Conv2d(hidden, channels, 1, bias=False)
        self.sigmoid = nn.Sigmoid() if gate is None else gate

    def forward(self, x: Tensor) -> Tensor:
        avg_out = self.fc2(self.relu1(self.fc1(self.avg_pool(x))))
        max_out = self.fc2(self.relu1(self.fc1(self.max_pool(x))))
        return self.sigmoid(avg_out + max_out)


class SpatialMask(nn.Module):
    """The spatial attention of most public copies of CBAM: it returns its mask, (B, 1, H, W)."""

    def __init__(self, channels: int = 0, gate: nn.Module | None = None) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(2, 1, 7, padding=3, bias=False)
        self.sigmoid = nn.Sigmoid() if gate is None else gate

    def forward(self, x: Tensor) -> Tensor:
        avg_out = torch.mean(x, dim=1, keepdim=True)
        max_out, _ = torch.max(x, dim=1, keepdim=True)
        return self.sigmoid(self.conv1(torch.cat([avg_out, max_out], dim=1)))


class CBAM(nn.Module):
    """Both, one after the other; it returns the reweighted features."""

    def __init__(
        self,
        channels: int,
        channel_gate: nn.Module | None = None,
        spatial_gate: nn.Module | None = None,
    ) -> None:
        super().__init__()
        self.channel_attention = ChannelMask(channels, channel_gate)
        self.spatial_attention = SpatialMask(channels, spatial_gate)

    def forward(self, x: Tensor) -> Tensor:
        x = x * self.channel_attention(x)
        return x * self.spatial_attention(x)


class ECA(nn.Module):
    """Efficient channel attention; it returns the reweighted features and needs no channels."""

    def __init__(self, channels: int = 0) -> None:
        super().__init__()
        self.conv = nn.Conv1d(1, 1, 3, padding=1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv(x.mean((2, 3)).unsqueeze(1))  # (B, 1, C)
        return x * torch.sigmoid(y).transpose(1, 2).unsqueeze(-1)  # (B, C, 1, 1)


def branch(channels: int, out: int | None = None, stride: int = 1) -> nn.Sequential:
    """Return conv 3x3, BN, ReLU, conv 3x3, BN, unnamed."""
    out = channels if out is None else out
    return nn.Sequential(
        nn.Conv2d(channels, out, 3, stride, 1, bias=False),
        nn.BatchNorm2d(out),
        nn.ReLU(inplace=True),
        nn.Conv2d(out, out, 3, 1, 1, bias=False),
        nn.BatchNorm2d(out),
    )


def shortcut(channels: int, out: int, stride: int = 1) -> nn.Sequential:
    """Return the skip path: empty, or conv 1x1 and BN where the shape changes."""
    if stride == 1 and channels == out:
        return nn.Sequential()
    return nn.Sequential(nn.Conv2d(channels, out, 1, stride, bias=False), nn.BatchNorm2d(out))


class Stranger(nn.Module):
    """A residual block without its forward pass; subclasses say ``class X(Basic, se=SEMask)``.

    ``wider`` is what the output's channels are of the input's; every other keyword is the name
    of an attention and what builds it, called with the output's channels. ``broken`` is there
    for the forward pass, which is right where it is False.
    """

    wider: int = 1
    stride: int = 1
    parts: tuple[tuple[str, Callable[[int], nn.Module]], ...] = ()

    def __init_subclass__(cls, wider: int = 0, stride: int = 0, **parts) -> None:
        super().__init_subclass__()
        cls.wider, cls.stride = wider or cls.wider, stride or cls.stride
        cls.parts = tuple(parts.items()) or cls.parts

    def __init__(self, channels: int, broken: bool = True) -> None:
        super().__init__()
        out = self.wider * channels
        self.layers(channels, out)
        for name, part in self.parts:
            setattr(self, name, part(out))
        self.downsample = shortcut(channels, out, self.stride)
        self.broken = broken

    def layers(self, channels: int, out: int) -> None:
        """Build the branch."""
        raise NotImplementedError

    def F(self, x: Tensor) -> Tensor:
        """Return the branch's output."""
        raise NotImplementedError


class Basic(Stranger):
    """As in torchvision: conv1, bn1, relu in place, conv2, bn2."""

    def layers(self, channels: int, out: int) -> None:
        self.conv1 = nn.Conv2d(channels, out, 3, self.stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(out)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(out, out, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(out)

    def F(self, x: Tensor) -> Tensor:
        return self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))


class Bottleneck(Stranger):
    """1x1, 3x3, 1x1, half as wide between."""

    def layers(self, channels: int, out: int) -> None:
        mid = out // 2
        self.conv1 = nn.Conv2d(channels, mid, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(mid)
        self.conv2 = nn.Conv2d(mid, mid, 3, self.stride, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(mid)
        self.conv3 = nn.Conv2d(mid, out, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(out)
        self.relu = nn.ReLU(inplace=True)

    def F(self, x: Tensor) -> Tensor:
        out = self.relu(self.bn1(self.conv1(x)))
        return self.bn3(self.conv3(self.relu(self.bn2(self.conv2(out)))))


class PreAct(Stranger):
    """Norms first, so that the last layer is a convolution."""

    def layers(self, channels: int, out: int) -> None:
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv1 = nn.Conv2d(channels, out, 3, self.stride, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(out)
        self.conv2 = nn.Conv2d(out, out, 3, 1, 1, bias=False)

    def F(self, x: Tensor) -> Tensor:
        out = self.conv1(torch.relu(self.bn1(x)))
        return self.conv2(torch.relu(self.bn2(out)))


class Body(Stranger):
    """The branch is one ``nn.Sequential`` without names."""

    def layers(self, channels: int, out: int) -> None:
        self.body = branch(channels, out, self.stride)

    def F(self, x: Tensor) -> Tensor:
        return self.body(x)
