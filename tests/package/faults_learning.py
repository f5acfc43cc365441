"""Blocks with a parameter that can never learn (all-parameters-learn)."""

from functools import partial

import torch
from attended_blocks import Last, Masked, Reweighted, Switched, Weighted, Wider
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
)
from torch import Tensor, nn

# --- a layer that nothing reads -------------------------------------------------------------


class SecondConvolutionReadsTheInput(Basic, cbam=CBAM):
    """One letter: conv2 is given x, and all that conv1 made is thrown away."""

    def forward(self, x: Tensor) -> Tensor:
        f = self.relu(self.bn1(self.conv1(x)))
        f = self.bn2(self.conv2(x if self.broken else f))
        return self.relu(x + self.cbam(f))


class NeverCalled(Bottleneck, cbam=CBAM):
    """The attention is built, and the line that calls it is missing."""

    def forward(self, x: Tensor) -> Tensor:
        out = self.F(x)
        if not self.broken:
            out = self.cbam(out)
        out += x
        return self.relu(out)


class ChannelsTwice(Basic, wider=2, stride=2, ca=ChannelMask, sa=SpatialMask):
    """A line was copied: the channel mask multiplies twice, the spatial mask never."""

    def forward(self, x: Tensor) -> Tensor:
        out = self.F(x)
        out = self.ca(out) * out
        out = (self.ca if self.broken else self.sa)(out) * out
        return self.relu(out + self.downsample(x))


class ProjectionForgotten(PreAct, se=SE):
    """A projection is built for every block, and the forward pass adds x itself."""

    def __init__(self, channels: int, broken: bool = True) -> None:
        super().__init__(channels, broken)
        self.shortcut = nn.Conv2d(channels, channels, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        identity = x if self.broken else self.shortcut(x)
        return identity + self.se(self.F(x))


class LogitsUnderSum(ChannelMask):
    """Two shares are there to be learned, but the summaries are simply added."""

    def __init__(self, channels: int, broken: bool) -> None:
        super().__init__(channels)
        self.fusion = "sum" if broken else "softmax"
        self.fusion_logits = nn.Parameter(torch.zeros(2))

    def forward(self, x: Tensor) -> Tensor:
        a = self.fc2(self.relu1(self.fc1(self.avg_pool(x))))
        m = self.fc2(self.relu1(self.fc1(self.max_pool(x))))
        if self.fusion == "sum":
            return self.sigmoid(a + m)
        w = torch.softmax(self.fusion_logits, dim=0)
        return self.sigmoid(w[0] * a + w[1] * m)


class OneMlpForBoth(nn.Module):
    """Each summary has its own MLP, but both are read by the first."""

    def __init__(self, channels: int, broken: bool) -> None:
        super().__init__()
        self.broken = broken
        self.mlp_avg = nn.Sequential(nn.Linear(channels, 12), nn.SiLU(), nn.Linear(12, channels))
        self.mlp_max = nn.Sequential(nn.Linear(channels, 12), nn.SiLU(), nn.Linear(12, channels))

    def forward(self, x: Tensor) -> Tensor:
        top = (self.mlp_avg if self.broken else self.mlp_max)(x.amax((2, 3)))
        weights = torch.sigmoid(self.mlp_avg(x.mean((2, 3))) + top)
        return x * weights[:, :, None, None]


class WrittenInTheBlock(Basic):
    """No module of its own: two layers and a formula, and the second reads past the first."""

    def __init__(self, channels: int, broken: bool = True) -> None:
        super().__init__(channels, broken)
        self.squeeze, self.excite = nn.Linear(channels, channels), nn.Linear(channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        out = self.F(x)
        s = out.mean((2, 3))
        w = torch.relu(self.squeeze(s))
        w = torch.sigmoid(self.excite(s if self.broken else w))
        return torch.relu(out * w[:, :, None, None] + x)


# --- a gradient that is cut -------------------------------------------------------------------


class DetachedMask(Switched, SEMask):
    """The mask is detached "to save memory"; features are returned."""

    def forward(self, x: Tensor) -> Tensor:
        mask = super().forward(x)
        return x * (mask.detach() if self.broken else mask)


class WithoutGradient(Switched, SpatialMask):
    """The mask is made without gradient, as a copy of an evaluation script makes it."""

    def forward(self, x: Tensor) -> Tensor:
        with torch.set_grad_enabled(not self.broken and torch.is_grad_enabled()):
            return super().forward(x)


class HardMask(Switched, SpatialMask):
    """The mask is rounded to 0 and 1; a step has no slope."""

    def forward(self, x: Tensor) -> Tensor:
        mask = super().forward(x)
        return (mask > 0.5).to(mask.dtype) if self.broken else mask


class ScaleReadAsNumber(ChannelMask):
    """A learned sharpness that is read with ``.item()``, which no gradient passes."""

    def __init__(self, channels: int, broken: bool) -> None:
        super().__init__(channels)
        self.broken, self.sharpness = broken, nn.Parameter(torch.ones(1))

    def forward(self, x: Tensor) -> Tensor:
        z = self.fc2(self.relu1(self.fc1(self.avg_pool(x))))
        return torch.sigmoid(z * (self.sharpness.item() if self.broken else self.sharpness))


# --- a gradient that is always zero -------------------------------------------------------------


class DeadBottleneck(SEMask):
    """The hidden layer starts so far below zero that its ReLU never opens."""

    def __init__(self, channels: int, broken: bool) -> None:
        super().__init__(channels)
        nn.init.constant_(self.fc[0].bias, -100.0 if broken else 0.5)


class MixOfZero(Body, cbam=CBAM):
    """x + α (y - x) with an α that is 0 and stays 0."""

    def __init__(self, channels: int, broken: bool = True) -> None:
        super().__init__(channels, broken)
        self.register_buffer("alpha", torch.tensor(0.0 if broken else 0.5))

    def forward(self, x: Tensor) -> Tensor:
        out = self.F(x)
        out = out + self.alpha * (self.cbam(out) - out)
        return torch.relu(x + out)


class TwoZeros(Basic, se=SE):
    """A scale that starts at 0 behind a norm that starts at 0: each waits for the other."""

    def __init__(self, channels: int, broken: bool = True) -> None:
        super().__init__(channels, broken)
        nn.init.zeros_(self.bn2.weight)
        self.scale = nn.Parameter(torch.full((1,), 0.0 if broken else 0.1))

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(x + self.scale * self.se(self.F(x)))


class RouterOverOneWindow(nn.Module):
    """Softmax over one branch is 1, whatever the router says."""

    def __init__(self, channels: int, broken: bool) -> None:
        super().__init__()
        sides = (5,) if broken else (3, 5)
        self.windows = nn.ModuleList(nn.Conv2d(2, 1, k, padding=k // 2) for k in sides)
        self.router = nn.Linear(2, len(sides))

    def forward(self, x: Tensor) -> Tensor:
        s = torch.stack([x.mean(1), x.amax(1)], dim=1)  # (B, 2, H, W)
        shares = self.router(s.mean((2, 3))).softmax(1)  # (B, K)
        z = torch.cat([window(s) for window in self.windows], dim=1)  # (B, K, H, W)
        return torch.sigmoid((shares[:, :, None, None] * z).sum(1, keepdim=True))


class NormOfOneUnit(nn.Module):
    """C // 16 has left one hidden unit, and a norm over one number gives its bias."""

    def __init__(self, channels: int, broken: bool) -> None:
        super().__init__()
        hidden = max(channels // 16, 1) if broken else 8
        self.down = nn.Linear(channels, hidden)
        self.norm = nn.LayerNorm(hidden)
        self.up = nn.Linear(hidden, channels)

    def forward(self, x: Tensor) -> Tensor:
        s = nn.functional.gelu(self.norm(self.down(x.mean((2, 3)))))
        return x * torch.sigmoid(self.up(s))[:, :, None, None]


learn = partial(Fault, "all-parameters-learn")

LEARNING = (
    learn("conv2 reads the input", SecondConvolutionReadsTheInput),
    learn("attention never called", NeverCalled),
    learn("channel mask twice", ChannelsTwice, attention=("ca", "sa")),
    learn("projection forgotten", ProjectionForgotten),
    learn("logits under sum", partial(Masked, LogitsUnderSum)),
    learn("one MLP for both summaries", partial(Last, OneMlpForBoth)),
    learn("written in the block", WrittenInTheBlock),
    learn("detached mask", partial(Reweighted, DetachedMask)),
    learn("mask without gradient", partial(Masked, WithoutGradient)),
    learn("hard mask", partial(Weighted, HardMask)),
    learn("sharpness read as a number", partial(Wider, ScaleReadAsNumber)),
    learn("dead bottleneck", partial(Masked, DeadBottleneck)),
    learn("mix of zero", MixOfZero),
    learn("two zeros", TwoZeros),
    learn("router over one window", partial(Weighted, RouterOverOneWindow)),
    learn("norm of one unit", partial(Last, NormOfOneUnit)),
)
