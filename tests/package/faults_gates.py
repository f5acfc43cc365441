"""Blocks whose mask is dead from the start (mask-alive)."""

from functools import partial

import torch
from attended_blocks import Last, Masked, Reweighted, Switched, Weighted, Wider
from stranger_parts import SE, Basic, ChannelMask, Fault, SEMask, SpatialMask
from torch import Tensor, nn

# --- a temperature that is not one ----------------------------------------------------------


class Divided(nn.Module):
    """σ(z / T) for a fixed T."""

    def __init__(self, temperature: float) -> None:
        super().__init__()
        self.temperature = temperature

    def forward(self, z: Tensor) -> Tensor:
        return torch.sigmoid(z / self.temperature)


def tempered(mask: type[nn.Module], temperature: float):
    """Return what builds ``mask`` with this temperature, or with 2 if not broken."""
    return lambda channels, broken: mask(channels, gate=Divided(temperature if broken else 2.0))


class LearnedTemperature(nn.Module):
    """σ(z / softplus(p)), p from the inverse of softplus, which has its limits in float32."""

    def __init__(self, start: float) -> None:
        super().__init__()
        self.p = nn.Parameter(torch.log(torch.exp(torch.tensor(start)) - 1))

    def forward(self, z: Tensor) -> Tensor:
        return torch.sigmoid(z / nn.functional.softplus(self.p))


def learned(mask: type[nn.Module], start: float):
    """Return what builds ``mask`` with a learned temperature from ``start``, or from 1."""
    return lambda channels, broken: mask(channels, gate=LearnedTemperature(start if broken else 1))


# --- a gate that says nothing ---------------------------------------------------------------


class GateInTheMlpToo(Switched, SEMask):
    """The MLP ends in a sigmoid, and so does the forward pass: never below 1/2."""

    def forward(self, x: Tensor) -> Tensor:
        mask = super().forward(x)
        return torch.sigmoid(mask) if self.broken else mask


class GateInTheBlockToo(Basic, sa=SpatialMask):
    """The attention returns a mask, and the block puts a sigmoid over it."""

    def forward(self, x: Tensor) -> Tensor:
        out = self.F(x)
        mask = self.sa(out)
        if self.broken:
            mask = torch.sigmoid(mask)
        return torch.relu(x + out * mask)


class ActivatedBeforeTheGate(nn.Module):
    """An activation after the last layer as well: σ(relu(z)) is never below 1/2."""

    last: type[nn.Module] = nn.ReLU

    def __init__(self, channels: int, broken: bool) -> None:
        super().__init__()
        layers = [nn.Linear(channels, 8), nn.ReLU(), nn.Linear(8, channels)]
        self.mlp = nn.Sequential(*layers, self.last() if broken else nn.Identity())

    def forward(self, x: Tensor) -> Tensor:
        b, c, h, w = x.shape
        y = self.mlp(x.view(b, c, h * w).mean(2)).sigmoid()
        return x * y.view(b, c, 1, 1).expand(b, c, h, w)


class SquashedBeforeTheGate(ActivatedBeforeTheGate):
    """σ(tanh(z)) stays between 0.27 and 0.73."""

    last = nn.Tanh


class LearnedConstant(nn.Module):
    """One learned weight for each channel, the same for every input."""

    def __init__(self, channels: int, broken: bool) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(1, channels, 1, 1))
        self.read = None if broken else nn.Conv2d(channels, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        z = self.weight
        if self.read is not None:
            z = z + self.read(nn.functional.adaptive_avg_pool2d(x, 1))
        return x * torch.sigmoid(z)


class BornDead(nn.Module):
    """The squeeze is never negative, all first weights are: the hidden layer stays shut."""

    def __init__(self, channels: int, broken: bool) -> None:
        super().__init__()
        self.down = nn.Conv2d(channels, 8, 1, bias=False)
        self.up = nn.Conv2d(8, channels, 1)
        nn.init.uniform_(self.down.weight, -1.0 if broken else -0.1, 0.0 if broken else 0.9)

    def forward(self, x: Tensor) -> Tensor:
        s = x.abs().mean((2, 3), keepdim=True)
        return torch.sigmoid(self.up(torch.relu(self.down(s))))


class SharesOfAllPlaces(nn.Module):
    """Softmax over all places as the mask: a thousand places share one."""

    def __init__(self, channels: int, broken: bool) -> None:
        super().__init__()
        self.conv, self.broken = nn.Conv2d(channels, 1, 1), broken

    def forward(self, x: Tensor) -> Tensor:
        z = self.conv(x)
        return z.flatten(2).softmax(-1).view_as(z) if self.broken else z.sigmoid()


class SharesOfOneChannel(SpatialMask):
    """Softmax over the channels of a map that has one: 1 everywhere."""

    def __init__(self, channels: int, broken: bool) -> None:
        super().__init__(channels, gate=nn.Softmax(dim=1) if broken else nn.Sigmoid())


class ClampedFromBelow(ChannelMask):
    """A clamp as the gate, of a number that is 1 or more."""

    def __init__(self, channels: int, broken: bool) -> None:
        super().__init__(channels, gate=nn.Identity())
        self.broken = broken

    def forward(self, x: Tensor) -> Tensor:
        z = super().forward(x)
        return (1 + z.abs() if self.broken else 0.5 + z / 4).clamp(0, 1)


class OpenedWide(SEMask):
    """The last bias starts at 40 "so that the mask starts open"; it also stays open."""

    def __init__(self, channels: int, broken: bool) -> None:
        super().__init__(channels)
        nn.init.constant_(self.fc[2].bias, 40.0 if broken else 1.0)


class ShutAtTheStart(SpatialMask):
    """A norm before the gate starts at -30: shut everywhere."""

    def __init__(self, channels: int, broken: bool) -> None:
        norm = nn.BatchNorm2d(1)
        nn.init.constant_(norm.bias, -30.0 if broken else -1.0)
        super().__init__(channels, gate=nn.Sequential(norm, nn.Sigmoid()))

    def forward(self, x: Tensor) -> Tensor:
        return x * super().forward(x)


class SummedNotAveraged(nn.Module):
    """The squeeze is a sum over all pixels, and the gate saturates on large maps."""

    def __init__(self, channels: int, broken: bool) -> None:
        super().__init__()
        self.fc = nn.Linear(channels, channels)
        self.broken = broken

    def forward(self, x: Tensor) -> Tensor:
        s = torch.relu(x)
        s = s.sum((2, 3)) if self.broken else s.mean((2, 3))
        return x * torch.sigmoid(self.fc(s))[..., None, None]


class MeanOfANormedMap(nn.Module):
    """The branch ends in an instance norm, whose means are 0: the squeeze is blind."""

    def __init__(self, channels: int, broken: bool = True) -> None:
        super().__init__()
        norm = nn.InstanceNorm2d if broken else nn.BatchNorm2d
        self.body = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1),
            norm(channels, affine=True),
            nn.LeakyReLU(0.2),
            nn.Conv2d(channels, channels, 3, padding=1),
            norm(channels, affine=True),
        )
        self.se = SE(channels)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.se(self.body(x))


alive = partial(Fault, "mask-alive")
LARGE = ((16, (2, 40, 56)), (32, (2, 48, 48)), (16, None))
GIVEN = ((4, (3, 7, 10)), (16, (2, 12, 12)))

GATES = (
    alive("temperature 1e9", partial(Masked, tempered(SpatialMask, 1e9))),
    alive("temperature 1e-6", partial(Weighted, tempered(ChannelMask, 1e-6))),
    alive("temperature infinite", partial(Reweighted, tempered(SE, float("inf")))),
    alive("learned temperature of 100", partial(Masked, learned(ChannelMask, 100.0))),
    alive("learned temperature of 1e-9", partial(Wider, learned(SpatialMask, 1e-9))),
    alive("learned temperature of -1", partial(Last, learned(SE, -1.0)), sizes=GIVEN),
    alive("gate in the MLP too", partial(Masked, GateInTheMlpToo)),
    alive("gate in the block too", GateInTheBlockToo),
    alive("relu before the gate", partial(Reweighted, ActivatedBeforeTheGate)),
    alive("tanh before the gate", partial(Last, SquashedBeforeTheGate)),
    alive("learned constant", partial(Last, LearnedConstant), attention="residual.5"),
    alive("born dead", partial(Wider, BornDead)),
    alive("shares of all places", partial(Weighted, SharesOfAllPlaces)),
    alive("shares of one channel", partial(Masked, SharesOfOneChannel)),
    alive("clamped from below", partial(Weighted, ClampedFromBelow)),
    alive("opened wide", partial(Wider, OpenedWide)),
    alive("shut at the start", partial(Last, ShutAtTheStart)),
    alive("summed, not averaged", partial(Reweighted, SummedNotAveraged), sizes=LARGE),
    alive("mean of a normed map", MeanOfANormedMap),
)
