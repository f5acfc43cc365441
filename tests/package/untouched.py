"""Everything about a block that an examination could change, taken down to be compared."""

import copy
import random
from collections import deque
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn


def bits(tensor: Tensor) -> bytes:
    """Return a tensor's memory, so that -0 is not 0 and a NaN is itself."""
    plain = tensor.detach().cpu().contiguous().reshape(-1)
    return plain.view(torch.uint8).numpy().tobytes()


def frozen(value: Any) -> Any:
    """Return a value as something that can be compared and does not change any more."""
    if isinstance(value, Tensor):
        return id(value), bits(value), value.requires_grad, tuple(value.shape), value.stride()
    if isinstance(value, torch.Generator):
        return id(value), bits(value.get_state())
    if isinstance(value, dict):
        return id(value), [(key, frozen(each)) for key, each in value.items()]
    if isinstance(value, list | tuple | deque):
        return id(value), type(value), [frozen(each) for each in value]
    if isinstance(value, np.ndarray):
        return id(value), value.tobytes()
    if isinstance(value, nn.Module) or callable(value):
        return id(value)
    if hasattr(value, "__dict__"):
        return id(value), frozen(vars(value))
    return copy.copy(value)


def of_module(module: nn.Module) -> dict[str, Any]:
    """Return all that one module holds, its hooks among it, and the names of its children."""
    return {name: frozen(value) for name, value in vars(module).items()} | {
        "non-persistent": sorted(module._non_persistent_buffers_set),
        "order": list(vars(module)),
    }


def of_parameter(parameter: nn.Parameter) -> tuple:
    """Return a parameter's gradient, its wish for one, its memory and its hooks."""
    grad = parameter.grad
    hooks = (parameter._backward_hooks, parameter._post_accumulate_grad_hooks)
    return (
        id(parameter), parameter.data_ptr(), parameter.requires_grad,
        None if grad is None else (id(grad), bits(grad)),
        [None if each is None else len(each) for each in hooks],
    )  # fmt: skip


def of_block(block: nn.Module) -> dict[str, Any]:
    """Return the block by parts, each under a name that a failing test can show."""
    found: dict[str, Any] = {"": [name for name, _ in block.named_modules()]}
    for name, module in block.named_modules():
        found |= {f"{name}.{part}": value for part, value in of_module(module).items()}
    found |= {f"parameter {name}": of_parameter(p) for name, p in block.named_parameters()}
    return found


def of_torch() -> dict[str, Any]:
    """Return the switches and the generators that all modules share."""
    kind, keys, *rest = np.random.get_state()  # noqa: NPY002 (strangers draw from it)
    return {
        "torch": bits(torch.get_rng_state()), "python": random.getstate(),
        "numpy": (kind, keys.tolist(), *rest),
        "grad": torch.is_grad_enabled(), "inference": torch.is_inference_mode_enabled(),
        "anomaly": torch.is_anomaly_enabled(), "dtype": torch.get_default_dtype(),
        "deterministic": torch.are_deterministic_algorithms_enabled(),
        "threads": torch.get_num_threads(), "module hooks": len(global_hooks()),
        "benchmark": torch.backends.cudnn.benchmark, "autocast": torch.is_autocast_enabled("cpu"),
    }  # fmt: skip


def global_hooks() -> list[Any]:
    """Return the hooks that are called for every module there is."""
    module = torch.nn.modules.module
    return [
        *module._global_forward_hooks, *module._global_forward_pre_hooks,
        *module._global_backward_hooks, *module._global_backward_pre_hooks,
    ]  # fmt: skip


def changed(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """Return the names of what is no longer the same."""
    return [name for name in before | after if before.get(name) != after.get(name)]


def compare(block: nn.Module, examine) -> None:
    """Examine, and compare the block and what all modules share with what was before."""
    before, around = of_block(block), of_torch()
    examine()
    moved = changed(before, of_block(block)) + changed(around, of_torch())
    assert not moved, moved


def used(block: nn.Module, x: torch.Tensor) -> nn.Module:
    """Train a step, so that there are gradients and attributes with a graph behind them."""
    block(x).sum().backward()
    return block


def image(channels: int = 16) -> torch.Tensor:
    return torch.randn(3, channels, 8, 9)
