"""Carry somebody else's numbers into a module of the package, every one of them or none."""

import re

import torch
from torch import Tensor, nn

Rules = dict[str, str]


def renamed(name: str, rules: Rules) -> str:
    """Apply each rule, a regular expression and its replacement, in order."""
    for pattern, replacement in rules.items():
        name = re.sub(pattern, replacement, name)
    return name


def carry(state: dict[str, Tensor], module: nn.Module, rules: Rules) -> nn.Module:
    """Load a state under this package's names; 1x1 kernels become matrices where those stand.

    Loading is strict: a number left over on either side is an error.
    """
    wanted = module.state_dict()
    loaded = {}
    for name, value in state.items():
        ours = renamed(name, rules)
        assert ours not in loaded, ours
        loaded[ours] = value.detach().reshape_as(wanted[ours]) if ours in wanted else value
    module.load_state_dict(loaded)
    return module


def compare(
    got: Tensor,
    module: nn.Module,
    x: Tensor,
    other: Tensor,
    parameters: dict[str, Tensor],
    rules: Rules,
    rtol: float = 1e-9,
) -> None:
    """Compare two outputs, and the gradients for x and for each pair of parameters."""
    torch.testing.assert_close(got, other, rtol=rtol, atol=1e-11)
    ours = dict(module.named_parameters())
    partners = [ours.pop(renamed(name, rules)) for name in parameters]
    assert not ours, sorted(ours)
    probe = torch.randn_like(got)
    left = torch.autograd.grad((got * probe).sum(), [x, *partners])
    right = torch.autograd.grad((other * probe).sum(), [x, *parameters.values()])
    for one, another in zip(left, right, strict=True):
        torch.testing.assert_close(one, another.reshape_as(one), rtol=rtol, atol=rtol / 10)
