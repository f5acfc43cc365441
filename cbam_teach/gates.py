"""The words for a gate and for an activation, and the modules that they name."""

from torch import nn

from cbam_teach import checks

GATES: dict[str, type[nn.Module]] = {"sigmoid": nn.Sigmoid, "hardsigmoid": nn.Hardsigmoid}
ACTS: dict[str, type[nn.Module]] = {"relu": nn.ReLU, "silu": nn.SiLU}


def make_gate(owner: str, gate: str) -> nn.Module:
    """Build the gate that turns logits into a mask with values in [0, 1].

    Args:
        owner: the name of the class that asks, for the error.
        gate: ``"sigmoid"``, 1 / (1 + exp(-z)), as in the paper; or ``"hardsigmoid"``, its
            straight-line stand-in min(max(z + 3, 0), 6) / 6.

    Raises:
        ValueError: for any other word.
    """
    checks.choice(owner, "gate", gate, GATES)
    return GATES[gate]()


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
