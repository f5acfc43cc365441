"""How much of an attention is let in: x + m · (y - x), and the ways to choose m."""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn

from cbam_teach import checks


@dataclass(frozen=True)
class Learnable:
    """A number that is learned. This only says so: the module that takes it holds the parameter.

    Args:
        start: its first value.

    Raises:
        TypeError, ValueError: by the module that takes it, if the start does not suit it.
    """

    start: float


@dataclass(frozen=True)
class WarmUp:
    """A number that grows from 0 to its target, evenly over the first training batches.

    Args:
        target: the number reached, one that stays or a `Learnable`.
        steps: how many forward passes in training mode it takes; they are counted in the
            state dict, so that a resumed run goes on where it stopped. Activation
            checkpointing runs a forward pass twice and counts it twice.

    Raises:
        TypeError, ValueError: by the module that takes it, for a target or steps that do
            not suit it.
    """

    target: float | Learnable
    steps: int


Amount = float | Learnable | WarmUp


class Mix(nn.Module):
    """Go from x towards y: (1 - m) · x + m · y, computed as x + m · (y - x).

    Args:
        owner, option: the names for an error.
        amount: m, a number that stays, a `Learnable` start, or a `WarmUp` towards either.
        bounded: whether m is held in [0, 1]: a number must lie there, and a learned m is
            sigmoid(p), whose start must lie strictly between 0 and 1. Otherwise m is any
            finite number, and a learned m is the parameter itself.

    Shape:
        two of (B, C, H, W) -> (B, C, H, W).

    Raises:
        TypeError, ValueError: for an amount that is not allowed, when the module is built.
    """

    step: Tensor

    def __init__(self, owner: str, option: str, amount: Amount, *, bounded: bool) -> None:
        super().__init__()
        self.warm_up = 0
        if isinstance(amount, WarmUp):
            checks.integer(owner, f"{option}.steps", amount.steps)
            self.warm_up = amount.steps
            self.register_buffer("step", torch.tensor(0))
            amount = amount.target
        self.learnable = isinstance(amount, Learnable)
        self.bounded = bounded
        start = amount.start if isinstance(amount, Learnable) else amount
        if not bounded:
            checks.number(owner, option, start)
        elif self.learnable:
            checks.number(owner, option, start, above=0, below=1)
        else:
            checks.number(owner, option, start, least=0, most=1)
        self.start = float(start)
        if not self.learnable:
            return
        if bounded:
            self.p = nn.Parameter(torch.tensor(math.log(start) - math.log1p(-start)))
        else:
            self.p = nn.Parameter(torch.tensor(float(start)))

    def amount(self) -> Float[Tensor, ""]:
        """Return m as it is now, a tensor of no axes."""
        if not self.learnable:
            m = torch.tensor(self.start, dtype=torch.float64)  # as a number: on every device
        else:
            m = self.p.sigmoid() if self.bounded else self.p
        return m * (self.step / self.warm_up).clamp(max=1) if self.warm_up else m

    def forward(
        self, x: Float[Tensor, "b c h w"], y: Float[Tensor, "b c h w"]
    ) -> Float[Tensor, "b c h w"]:
        mixed = x + self.amount() * (y - x)  # (B, C, H, W)
        if self.warm_up and self.training:
            if torch.compiler.is_exporting():
                self.step += 1  # an exported program keeps only what is changed in place
            else:
                self.step = self.step + 1  # a compiled backward pass still reads the old one
        return mixed

    def extra_repr(self) -> str:
        now = self.amount()
        shown = "?" if now.is_meta else f"{now.item():.4g}"
        return f"{shown}, learnable={self.learnable}, warm_up={self.warm_up}"
