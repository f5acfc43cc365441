"""More right blocks: attention in other places, and forward passes in other styles."""

import right_attention as ra
import right_parts as rp
import stranger_parts as sp
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.checkpoint import checkpoint


class Tuple(sp.Basic, attn=ra.Both):
    def forward(self, x: Tensor) -> Tensor:
        out, _ = self.attn(self.F(x))
        return self.relu(out + x)


class Listed(sp.Basic):
    """Masks in a ModuleList, one after the other."""

    def __init__(self, channels: int) -> None:
        super().__init__(channels)
        self.extras = nn.ModuleList([sp.ChannelMask(channels), sp.SpatialMask()])

    def forward(self, x: Tensor) -> Tensor:
        out = self.F(x)
        for extra in self.extras:
            out = extra(out) * out
        return self.relu(out + x)


class Whole(nn.Sequential):
    """A block that is itself an nn.Sequential, and attention is a part of it."""

    def __init__(self, channels: int, attention: nn.Module, *after: nn.Module) -> None:
        super().__init__(*sp.branch(channels), attention, *after)

    def forward(self, x: Tensor) -> Tensor:
        return (super().forward(x) + x).relu()


class Inlined(nn.Module):
    """Squeeze-and-excitation in the block's own forward pass: there is no module of it."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.residual = sp.branch(channels)
        self.fc1, self.fc2 = nn.Conv2d(channels, 8, 1), nn.Conv2d(8, channels, 1)
        self.gate = nn.Sigmoid()

    def forward(self, x: Tensor) -> Tensor:
        out = self.residual(x)
        w = functional.adaptive_avg_pool2d(out, 1)
        w = self.gate(self.fc2(functional.relu(self.fc1(w))))
        return functional.relu(out * w + x)


class Reparametrised(nn.Module):
    """Three parallel branches as in RepVGG, one a norm alone; attention weighs their sum."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.wide = nn.Sequential(nn.Conv2d(channels, channels, 3, 1, 1), nn.BatchNorm2d(channels))
        self.narrow = nn.Sequential(nn.Conv2d(channels, channels, 1), nn.BatchNorm2d(channels))
        self.identity, self.se = nn.BatchNorm2d(channels), sp.SE(channels)

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.se(self.wide(x) + self.narrow(x) + self.identity(x)))


class Placed(sp.Body, att=sp.CBAM):
    """A stranger's block with attention before the branch, after the sum or on the skip path."""

    def __init__(self, channels: int, placement: str) -> None:
        super().__init__(channels)
        self.placement = placement

    def forward(self, x: Tensor) -> Tensor:
        if self.placement == "before":
            return (x + self.body(self.att(x))).relu()
        if self.placement == "after":
            return self.att(x + self.body(x)).relu()
        return (self.att(x) + self.body(x)).relu()


class PlacedStep(Placed, stride=2, wider=2):
    """The same at stride 2 with twice the channels."""

    def __init__(self, channels: int, placement: str) -> None:
        super().__init__(channels, placement)
        if placement == "before":
            self.att = sp.CBAM(channels)

    def forward(self, x: Tensor) -> Tensor:
        skip = self.downsample(x)
        if self.placement == "before":
            return (skip + self.body(self.att(x))).relu()
        if self.placement == "after":
            return self.att(skip + self.body(x)).relu()
        return (self.att(skip) + self.body(x)).relu()


class AfterLast(sp.Basic, bam=ra.Parallel):
    """SE-POST: attention after the last ReLU, on the block's output."""

    def forward(self, x: Tensor) -> Tensor:
        out = torch.relu(self.F(x) + x)
        return out * self.bam(out)


class Tossed(sp.Basic, cbam=sp.CBAM):
    """Stochastic depth by a coin: while training, the branch does not run at all."""

    def __init__(self, channels: int, p: float, own: bool) -> None:
        super().__init__(channels)
        self.p, self.own = p, own

    def forward(self, x: Tensor) -> Tensor:
        if self.training:
            lost = rp.fortune(self.p) if self.own else bool(torch.rand(()) < self.p)
            if lost:
                return x
            return self.relu(x + self.cbam(self.F(x)) / (1 - self.p))
        return self.relu(x + self.cbam(self.F(x)))


class Recomputed(sp.Basic, cbam=sp.CBAM):
    """Activation checkpointing: the branch is run once more in the backward pass."""

    def forward(self, x: Tensor) -> Tensor:
        out = checkpoint(lambda x: self.cbam(self.F(x)), x, use_reentrant=False)
        return torch.relu(out + x)


class Overwriting(sp.Basic, se=sp.SEMask):
    """In place wherever it is harmless: the mask, the sum and the activation."""

    def forward(self, x: Tensor) -> Tensor:
        out = self.F(x)
        out *= self.se(out)
        out.add_(x)
        return functional.relu_(out)


class Noted(sp.Basic, ca=sp.ChannelMask, sa=sp.SpatialMask):
    """Keeps what it computed, counts its calls and appends to a list."""

    def __init__(self, channels: int) -> None:
        super().__init__(channels)
        self.last_mask, self.calls, self.kept = None, 0, []
        self.register_buffer("seen", torch.zeros(()), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        f = self.F(x)
        self.channel = self.ca(f)
        f = f * self.channel
        self.last_mask = self.sa(f)
        self.calls += 1
        self.kept.append(self.last_mask.mean().item())
        self.seen += 1
        return self.relu(x + f * self.last_mask)


class Stacked(sp.Basic, se=sp.SE):
    """The sum as a sum over a stack."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.stack([self.se(self.F(x)), self.downsample(x)]).sum(dim=0).clamp(min=0)


class Wrapped(nn.Module):
    """A block deep inside another module."""

    def __init__(self, block: nn.Module) -> None:
        super().__init__()
        self.inner = nn.ModuleDict({"block": nn.Sequential(block)})

    def forward(self, x: Tensor) -> Tensor:
        return self.inner["block"](x)


class InOneStep(sp.Basic, se=sp.SEMask):
    """The product and the sum in one operation."""

    def forward(self, x: Tensor) -> Tensor:
        out = self.F(x)
        return torch.addcmul(x, out, self.se(out)).relu()


class Lerped(sp.Basic, cbam=sp.CBAM):
    """(1 - m) F + m A(F), in one operation."""

    def forward(self, x: Tensor) -> Tensor:
        out = self.F(x)
        return (x + torch.lerp(out, self.cbam(out), 0.3)).relu()


class Shares(sp.Basic, cbam=sp.CBAM):
    """(1 - m) F + m A(F), with m held in (0, 1)."""

    def __init__(self, channels: int) -> None:
        super().__init__(channels)
        self.m = nn.Parameter(torch.tensor(-0.5))

    def forward(self, x: Tensor) -> Tensor:
        out, m = self.F(x), torch.sigmoid(self.m)
        return ((1 - m) * out + m * self.cbam(out) + x).relu()


class IntoTheSkip(sp.Basic, wider=2, stride=2, cbam=sp.CBAM):
    """The branch is added into what the projection made, which is nobody else's."""

    def forward(self, x: Tensor) -> Tensor:
        identity = self.downsample(x)
        identity += self.cbam(self.F(x))
        return functional.relu(identity, inplace=True)


class IntoACopy(sp.Basic, cbam=sp.CBAM):
    """Everything is written into a copy of x."""

    def forward(self, x: Tensor) -> Tensor:
        out = x.clone()
        out += self.cbam(self.F(x))
        return self.relu(out)


class Twice(nn.Module):
    """Two branches, each with attention of its own."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.left, self.right = sp.branch(channels), sp.branch(channels)
        self.left_se, self.right_se = sp.SE(channels), sp.SE(channels)

    def forward(self, x: Tensor) -> Tensor:
        return (x + self.left_se(self.left(x)) + self.right_se(self.right(x))).relu()
