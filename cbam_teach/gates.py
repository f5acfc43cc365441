"""The words for a gate and for an activation, and the modules that they name."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from cbam_teach import checks
from cbam_teach.temperature import Temperature, check_start

GATES: dict[str, type[nn.Module]] = {"sigmoid": nn.Sigmoid, "hardsigmoid": nn.Hardsigmoid}
ACTS: dict[str, type[nn.Module]] = {"relu": nn.ReLU, "silu": nn.SiLU}


class Gate(nn.Module):
    """Turn logits z into a mask: g(z / T), with values in [0, 1].

    It is computed as g(z · (1 / T)), in float32 at least. The gradient of a quotient holds
    z / T², which overflows in float16 at small T, and 0 · ∞ is not a number.

    Args:
        owner: the name of the class that asks, for the error.
        gate: ``"sigmoid"``, 1 / (1 + exp(-z)), as in the paper; or ``"hardsigmoid"``, its
            straight-line stand-in min(max(z + 3, 0), 6) / 6.
        temperature: T, from 1e-4 to 1e4.
        learnable_temperature: whether T is learned, from that value on.

    Shape:
        any shape -> the same shape.

    Raises:
        TypeError, ValueError: for any other word or number.
    """

    def __init__(
        self,
        owner: str,
        gate: str = "sigmoid",
        temperature: float = 1.0,
        learnable_temperature: bool = False,
    ) -> None:
        super().__init__()
        checks.choice(owner, "gate", gate, GATES)
        check_start(owner, "temperature", temperature)
        checks.flag(owner, "learnable_temperature", learnable_temperature)
        self.squash = GATES[gate]()
        self.temperature = Temperature(temperature, learnable=learnable_temperature)

    def forward(self, z: Float[Tensor, "*any"]) -> Float[Tensor, "*any"]:
        T = self.temperature
        if not T.learnable and T.start == 1:
            return self.squash(z)  # nothing to divide by
        wide = torch.promote_types(z.dtype, torch.float32)
        sharpness = 1 / T().to(wide) if T.learnable else 1 / T.start  # scalar
        return self.squash(z.to(wide) * sharpness).to(z.dtype)


def make_act(owner: str, act: str) -> nn.Module:
    """Build the activation between two layers; it never overwrites its input.

    Args:
        owner: the name of the class that asks, for the error.
        act: ``"relu"``, as in the paper, or ``"silu"``.

    Raises:
        ValueError: for any other word.
    """
    checks.choice(owner, "act", act, ACTS)
    return ACTS[act]()
