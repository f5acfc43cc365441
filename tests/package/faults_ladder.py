"""What goes wrong in the notes' ladder in silence (`LADDER`), and what raises (`UNRUNNABLE`)."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
from attended_blocks import Last, Masked, Reweighted, Weighted
from faults_notes import Cbam, Channels, PatternOne, Places
from stranger_parts import Fault
from torch import Tensor, nn


class Fused(nn.Module):
    """ChannelAttentionV2: fusion_logits are there under "sum" as well."""

    def __init__(self, channels: int, broken: bool) -> None:
        super().__init__()
        self.fc1, self.fc2 = nn.Conv2d(channels, 8, 1), nn.Conv2d(8, channels, 1)
        self.fusion_logits, self.fusion = nn.Parameter(torch.zeros(2)), broken

    def weigh(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor | None]:
        squeezed = x.mean((2, 3), keepdim=True), x.amax((2, 3), keepdim=True)
        a, m = (self.fc2(nn.functional.silu(self.fc1(s), inplace=True)) for s in squeezed)
        w = None if self.fusion else torch.softmax(self.fusion_logits, dim=0)
        mask = torch.sigmoid(a + m if w is None else w[0] * a + w[1] * m)
        return x * mask, mask, w

    def forward(self, x: Tensor) -> Tensor:
        return self.weigh(x)[0]


class FusedWithMaps(nn.Module):
    """The CBAM that joins the six steps: its parts return tuples, and α is learned."""

    def __init__(self, channels: int, broken: bool, return_maps: bool = False) -> None:
        super().__init__()
        self.ca, self.sa = Fused(channels, broken), Places(7)
        self.ca.forward = self.ca.weigh
        self.alpha, self.return_maps = nn.Parameter(torch.tensor(1.0)), return_maps

    def forward(self, x: Tensor) -> Tensor | tuple:
        y, ca, fusion = self.ca(x)
        sa = self.sa(y)
        out = x + self.alpha * (y * sa - x)
        return (out, ca, sa, fusion) if self.return_maps else out


class FixedAlpha(nn.Module):
    """CBAMV2 with residual=True and an alpha_init of 0 that is not learned."""

    def __init__(self, channels: int, broken: bool) -> None:
        super().__init__()
        self.inner = Cbam(channels)
        self.register_buffer("alpha", torch.tensor(0.0 if broken else 1.0))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.alpha * (self.inner(x) - x)


def by_adding(t: Tensor) -> Tensor:
    """The ladder's inverse of softplus: infinite from 89 on."""
    return torch.log(torch.exp(t) - 1 + 1e-6)


def by_clamping(t: Tensor) -> Tensor:
    """Step 2's: infinite from 89 on as well, and no smaller than 1e-6."""
    return torch.log(torch.clamp(torch.exp(t) - 1, min=1e-6))


class Tempered(Fused):
    """ChannelAttentionFusionT with a learned temperature."""

    def __init__(self, channels: int, broken: bool, inverse=by_adding, start=89.0) -> None:
        super().__init__(channels, False)
        self.t_raw = nn.Parameter(inverse(torch.tensor(start if broken else 1.0)))

    def forward(self, x: Tensor) -> Tensor:
        a = self.fc2(torch.relu(self.fc1(x.mean((2, 3), keepdim=True))))
        m = self.fc2(torch.relu(self.fc1(x.amax((2, 3), keepdim=True))))
        w = torch.softmax(self.fusion_logits, dim=0)
        t = nn.functional.softplus(self.t_raw) + 1e-6
        return x * torch.sigmoid((w[0] * a + w[1] * m) / t)


class Windows(nn.Module):
    """DynamicSpatialAttention: a router over as many windows as were asked for."""

    def __init__(self, sides: tuple[int, ...], channels: int, broken: bool = True) -> None:
        super().__init__()
        sides = sides if broken else (3, 7)
        self.branches = nn.ModuleList(nn.Conv2d(2, 1, k, padding=k // 2) for k in sides)
        self.router = nn.Sequential(
            nn.AdaptiveAvgPool2d(1), nn.Conv2d(2, 8, 1), nn.ReLU(), nn.Conv2d(8, len(sides), 1)
        )

    def forward(self, x: Tensor) -> Tensor:
        s = torch.cat([x.mean(1, keepdim=True), x.amax(1, keepdim=True)], dim=1)
        z = torch.stack([branch(s) for branch in self.branches], dim=1)  # (B, K, 1, H, W)
        shares = torch.softmax(self.router(s).flatten(1), dim=1)  # (B, K)
        return torch.sigmoid((shares[:, :, None, None, None] * z).sum(1))


class RouterForgotten(Channels):
    """Step 2 with fusion "sum": fusion_router is None, and the forward pass calls it."""

    fusion_router = None

    def forward(self, x: Tensor) -> Tensor:
        summaries = torch.cat([x.mean((2, 3), keepdim=True), x.amax((2, 3), keepdim=True)], dim=1)
        return self.fusion_router(summaries)


LADDER = (
    Fault("all-parameters-learn", "fusion_logits under sum", partial(Reweighted, Fused)),
    Fault("all-parameters-learn", "fusion_logits, with maps", partial(Last, FusedWithMaps)),
    Fault("all-parameters-learn", "alpha of 0", partial(Reweighted, FixedAlpha)),
    Fault("all-parameters-learn", "one window", partial(Masked, partial(Windows, (5,)))),
    Fault("mask-alive", "T = 89", partial(Reweighted, Tempered)),
    Fault("mask-alive", "T = 1000", partial(Last, partial(Tempered, inverse=by_clamping,
                                                          start=1000.0))),
    Fault("mask-alive", "T = 1e-7", partial(Last, partial(Tempered, inverse=by_clamping,
                                                          start=1e-7))),
)  # fmt: skip


@dataclass(frozen=True)
class Unrunnable:
    """A block that raises ``error`` with ``text``, when built or when run on (2, 4, 6, 8)."""

    name: str
    build: Callable[[], nn.Module]
    error: type[Exception]
    text: str

    def __str__(self) -> str:
        return self.name


UNBUILDABLE = (
    Unrunnable("pattern 1 as written", lambda: PatternOne(4, 4), TypeError, "multiple values"),
)
UNRUNNABLE = (
    Unrunnable("pattern 1 built, wider", lambda: PatternOne(4, 6, repaired=1),
               RuntimeError, "to have 6 channels"),
    Unrunnable("pattern 1 built, stride 2", lambda: PatternOne(4, 4, 2, repaired=1),
               RuntimeError, "must match the size"),
    Unrunnable("a pair in torch.cat", lambda: Weighted(lambda c, _: Places(pair=True), 4),
               TypeError, r"return_types.max|must be Tensor"),
    Unrunnable("CBAM_1", lambda: Reweighted(lambda c, _: Cbam(c, pair=True), 4),
               TypeError, r"return_types.max|must be Tensor"),
    Unrunnable("return_maps=True",
               lambda: Reweighted(partial(FusedWithMaps, return_maps=True), 4),
               TypeError, "unsupported operand|can only concatenate tuple"),
    Unrunnable("fusion_router of None", lambda: Masked(lambda c, _: RouterForgotten(c), 4),
               TypeError, "not callable"),
)  # fmt: skip
