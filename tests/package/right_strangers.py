"""Right residual blocks with attention, each written as some stranger would write it."""

import math

import right_attention as ra
import stranger_parts as sp
import torch
from torch import Tensor, nn


class Built(nn.Module):
    """act(skip(x) + tail(attention(body(x)))), of any parts."""

    def __init__(self, body, attention, *, tail=None, skip=None, act=None) -> None:
        super().__init__()
        self.body, self.attention = body, attention
        self.tail, self.skip = tail or nn.Identity(), skip or nn.Identity()
        self.act = act or nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        out = self.tail(self.attention(self.body(x)))
        out += self.skip(x)
        return self.act(out)


class Popular(sp.Basic, ca=sp.ChannelMask, sa=sp.SpatialMask):
    """The form of most public copies: two modules that return masks."""

    def forward(self, x: Tensor) -> Tensor:
        out = self.F(x)
        out = self.ca(out) * out
        out = self.sa(out) * out
        out += self.downsample(x)
        return self.relu(out)


class PopularStep(Popular, wider=2, stride=2): ...


class Expanded(sp.Bottleneck, wider=4, stride=2, ca=sp.ChannelMask, sa=sp.SpatialMask):
    def forward(self, x: Tensor) -> Tensor:
        out = self.F(x)
        out = out.mul(self.ca(out))
        out = out.mul(self.sa(out))
        return self.relu(torch.add(out, self.downsample(x)))


class Late(sp.PreAct, se=sp.SE):
    """Pre-activation: nothing follows the sum."""

    def forward(self, x: Tensor) -> Tensor:
        return x + self.se(self.F(x))


class Released(sp.Basic, cbam=ra.Released):
    """The authors' block; ``scale`` is what their network sets the last norm's scale to."""

    def __init__(self, channels: int, scale: float = 1.0) -> None:
        super().__init__(channels)
        nn.init.constant_(self.cbam.SpatialGate.bn.weight, scale)

    def forward(self, x: Tensor) -> Tensor:
        residual = x
        out = self.F(x)
        if self.cbam is not None:
            out = self.cbam(out)
        out += self.downsample(residual)
        return self.relu(out)


class ReleasedBottleneck(sp.Bottleneck, wider=4, cbam=ra.Released):
    forward = Released.forward


class Weighed(nn.Module):
    """ConvNeXt's block, channels last on the way, with attention before the layer scale."""

    def __init__(self, channels: int, start: float) -> None:
        super().__init__()
        self.dwconv = nn.Conv2d(channels, channels, 7, padding=3, groups=channels)
        self.norm = nn.LayerNorm(channels, eps=1e-6)
        self.pwconv1, self.pwconv2 = nn.Linear(channels, 32), nn.Linear(32, channels)
        self.act, self.attn = nn.GELU(), sp.CBAM(channels)
        self.gamma = nn.Parameter(start * torch.ones(channels))

    def forward(self, x: Tensor) -> Tensor:
        out = self.dwconv(x).permute(0, 2, 3, 1)
        out = self.pwconv2(self.act(self.pwconv1(self.norm(out))))
        out = self.attn(out.permute(0, 3, 1, 2))
        return x + (self.gamma * out.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class Mobile(nn.Module):
    """MBConv: expand, depthwise, squeeze-excitation in the middle, project; no last ReLU."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        wide = 2 * channels
        self.expand = nn.Sequential(nn.Conv2d(channels, wide, 1), nn.BatchNorm2d(wide), nn.SiLU())
        self.depthwise = nn.Sequential(
            nn.Conv2d(wide, wide, 3, padding=1, groups=wide), nn.BatchNorm2d(wide), nn.SiLU()
        )
        self.se = sp.SE(wide)
        self.project = nn.Sequential(nn.Conv2d(wide, channels, 1), nn.BatchNorm2d(channels))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.project(self.se(self.depthwise(self.expand(x))))


class Mixed(sp.Basic, cbam=sp.CBAM):
    """F + m · (A(F) - F), with a number or a parameter m."""

    def __init__(self, channels: int, mix: float | nn.Parameter) -> None:
        super().__init__(channels)
        self.mix = mix

    def forward(self, x: Tensor) -> Tensor:
        f = self.F(x)
        return self.relu(x + f + self.mix * (self.cbam(f) - f))


class Started(sp.Basic, attn=sp.CBAM):
    """x + alpha · A(F(x)), with alpha a parameter."""

    def __init__(self, channels: int, start: float) -> None:
        super().__init__(channels)
        self.alpha = nn.Parameter(torch.tensor(start))

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(x + self.alpha * self.attn(self.F(x)))


class Halved(sp.Basic, attn=sp.SE):
    def forward(self, x: Tensor) -> Tensor:
        return (x + self.attn(self.F(x))) / math.sqrt(2)


class Plus(sp.Body, m1=sp.ChannelMask, m2=sp.SpatialMask):
    """x ⊙ (1 + mask), where the mask is multiplied."""

    def forward(self, x: Tensor) -> Tensor:
        out = self.body(x)
        out = out * (1 + self.m1(out))
        out = out * (1 + self.m2(out))
        return (out + x).relu()


class Normed(nn.Module):
    """Attention before the branch's last norm."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        *first, self.norm = sp.branch(channels)
        self.body, self.se = nn.Sequential(*first), sp.SE(channels)

    def forward(self, x: Tensor) -> Tensor:
        return (x + self.norm(self.se(self.body(x)))).relu()


class Inception(nn.Module):
    """Branches beside each other, joined by a convolution: all of it is F."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        half = channels // 2
        self.one = nn.Sequential(nn.Conv2d(channels, half, 1), nn.ReLU())
        self.two = nn.Sequential(nn.Conv2d(channels, half, 3, padding=1), nn.ReLU())
        self.pool = nn.Sequential(nn.MaxPool2d(3, 1, 1), nn.Conv2d(channels, half, 1), nn.ReLU())
        self.join, self.cbam = nn.Conv2d(3 * half, channels, 1), sp.CBAM(channels)

    def forward(self, x: Tensor) -> Tensor:
        out = torch.cat([self.one(x), self.two(x), self.pool(x)], dim=1)
        return (x + self.cbam(self.join(out))).relu()


def separable(channels: int) -> nn.Sequential:
    """Depthwise 3x3 and pointwise 1x1, twice."""
    layers: list[nn.Module] = []
    for _ in range(2):
        layers += [
            nn.Conv2d(channels, channels, 3, padding=1, groups=channels, bias=False),
            nn.Conv2d(channels, channels, 1, bias=False),
            nn.BatchNorm2d(channels),
            nn.ReLU(inplace=True),
        ]
    return nn.Sequential(*layers[:-1])


def two(channels: int, norm=nn.BatchNorm2d, act=nn.ReLU, conv=nn.Conv2d, **how) -> nn.Sequential:
    """conv 3x3, norm, act, conv 3x3, norm, of other parts."""
    how = {"padding": 1} | how
    first, second = (conv(channels, channels, 3, **how) for _ in range(2))
    return nn.Sequential(first, norm(channels), act(), second, norm(channels))


def seeded(module: nn.Module, fills: list[tuple[str, float]]) -> nn.Module:
    """Return the module with parameters filled, by name."""
    parameters = dict(module.named_parameters())
    for name, value in fills:
        nn.init.constant_(parameters[name], value)
    return module
