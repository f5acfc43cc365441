"""How sharp a gate is: a positive number that can be learned."""

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn

from cbam_teach import checks

LEAST, MOST = 1e-4, 1e4
FLOOR = 1e-6


class Temperature(nn.Module):
    """A positive temperature T, without units: T = 1e-6 + softplus(p).

    A gate divides its logits by T: above 1 the mask goes towards ½, below 1 towards 0 and 1.

    Args:
        start: the first value of T, from 1e-4 to 1e4.
        learnable: whether p is a parameter. If not, T stays, and is not stored in the
            state dict: it is a setting.

    Shape:
        () -> scalar tensor of no axes.

    Raises:
        TypeError, ValueError: for a start that is not a number in the range, when built.

    Relative to the notes:
        The ladder starts from p = log(exp(T) - 1 + 1e-6), which is infinite in float32 from
        T = 89 on and more than 1 % off at T = 1e-4; Step 2 from a logarithm with a clamp, which
        overflows alike. Here p = t + log(-expm1(-t)) with t = T - 1e-6, computed in double
        precision: T starts within 1e-6 of what was asked, relative to it. The floor, 1e-6 there
        and here, keeps T positive where softplus rounds to 0, below p = -104; the gradient is
        sigmoid(p), never larger than 1.
    """

    def __init__(self, start: float = 1.0, *, learnable: bool = True) -> None:
        super().__init__()
        check_start("Temperature", "start", start)
        checks.flag("Temperature", "learnable", learnable)
        self.start, self.learnable = float(start), learnable
        if learnable:
            above = float(start) - FLOOR
            self.p = nn.Parameter(torch.tensor(above + math.log(-math.expm1(-above))))

    def forward(self) -> Float[Tensor, ""]:
        if self.learnable:
            return FLOOR + nn.functional.softplus(self.p)
        return torch.tensor(self.start, dtype=torch.float64)  # as a number: on every device

    def extra_repr(self) -> str:
        now = self()
        return f"{'?' if now.is_meta else f'{now.item():.4g}'}, learnable={self.learnable}"


def check_start(owner: str, option: str, start: object) -> None:
    """Refuse what is not a number from 1e-4 to 1e4."""
    checks.number(owner, option, start, least=LEAST, most=MOST)
