"""A module and its oracle side by side: values, and gradients for the input and every parameter."""

import copy

import oracles
import torch
from torch import Tensor, nn

SIXTH = 1e-7  # PyTorch differentiates hardsigmoid and hardswish with 1/6 rounded to float32


def picture(size: tuple[int, ...]) -> Tensor:
    return torch.randn(size, dtype=torch.float64, requires_grad=True)


def shaken(module: nn.Module) -> nn.Module:
    """Return the module in float64 with every number drawn anew, so that a forgotten one shows."""
    module.double()
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.normal_()
        for norm in module.modules():
            if isinstance(norm, nn.BatchNorm2d):
                norm.running_mean.normal_()
                norm.running_var.uniform_(0.5, 2.0)
    return module


def agree(module: nn.Module, x: Tensor | tuple, expected: Tensor, rtol: float = 1e-9) -> None:
    """Compare values, with and without a graph, and gradients for inputs and parameters."""
    inputs = x if isinstance(x, tuple) else (x,)
    with torch.no_grad():
        quiet = copy.deepcopy(module)(*inputs)
    torch.testing.assert_close(quiet, expected, rtol=1e-9, atol=1e-11)
    got = module(*inputs)
    torch.testing.assert_close(got, expected, rtol=1e-9, atol=1e-11)
    same_gradients(got, expected, [*inputs, *module.parameters()], rtol)


def same_gradients(got: Tensor, expected: Tensor, to: list[Tensor], rtol: float = 1e-9) -> None:
    """Compare the gradients of a weighted sum of two outputs, for each of the tensors."""
    probe = torch.randn_like(expected)
    left = oracles.gradients(got, probe, *to)
    right = oracles.gradients(expected, probe, *to)
    for one, other in zip(left, right, strict=True):
        torch.testing.assert_close(one, other, rtol=rtol, atol=1e-10)


def differ(module: nn.Module, x: Tensor | tuple, other: Tensor) -> bool:
    """Say whether a mistake would show: the outputs are far apart."""
    inputs = x if isinstance(x, tuple) else (x,)
    return not torch.allclose(module(*inputs), other, rtol=0, atol=1e-4)
