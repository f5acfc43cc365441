"""A block is examined and given back as it was, whatever happens on the way."""

import copy
import random
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from operator import is_
from types import FunctionType, ModuleType
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

SEED = 0
PLAIN = (type, FunctionType, ModuleType, str, int, float)  # these hold no tensor of a block
Holder = list[Any] | dict[Any, Any] | set[Any]


@contextmanager
def unharmed(block: nn.Module) -> Iterator[nn.Module]:
    """Give a patient to examine in the place of a block, and the block back as it was.

    The patient is a copy; where a block cannot be copied it is the block itself, which gets its
    numbers, modes, gradients and attributes back, after an error too. Everything random inside
    starts from `SEED`; the generators go on afterwards as if nothing had been drawn. Gradients
    can be computed inside, also where the caller has switched them off.
    """
    python, numbers = random.getstate(), np.random.get_state()  # noqa: NPY002 (strangers draw from it)
    devices = range(torch.cuda.device_count()) if torch.cuda.is_initialized() else ()
    try:
        with (
            torch.inference_mode(False),
            torch.enable_grad(),
            torch.random.fork_rng(devices=devices),
        ):
            patient = copied(block)
            if patient is not None:
                yield patient
            else:
                with restored(block):
                    yield block
    finally:
        random.setstate(python)
        np.random.set_state(numbers)  # noqa: NPY002


def copied(block: nn.Module) -> nn.Module | None:
    """Return a copy that shares nothing with a block, or None where there can be none."""
    if any(isinstance(vars(m).get("forward"), FunctionType) for m in block.modules()):
        return None  # such a function may hold on to the original
    if any(p._backward_hooks for p in block.parameters()):
        return None  # a copy would lose them
    try:
        memo = {id(t): t.detach().clone() for t in tensors_in(block) if not t.is_leaf}
        return copy.deepcopy(block, memo)
    except Exception:
        return None


def tensors_in(block: nn.Module) -> Iterator[Tensor]:
    """Yield the tensors that a module holds, in containers and attributes at any depth."""
    seen: set[int] = set()
    stack: list[Any] = [block]
    while stack:
        held = stack.pop()
        if id(held) in seen or isinstance(held, PLAIN):
            continue
        seen.add(id(held))
        if isinstance(held, Tensor):
            yield held
        elif isinstance(held, dict):
            stack += held.values()
        elif isinstance(held, list | tuple | set | frozenset | deque):
            stack += held
        else:
            stack += getattr(held, "__dict__", {}).values()


@contextmanager
def restored(block: nn.Module) -> Iterator[None]:
    """Give a block its numbers, modes, gradients and attributes back."""
    parts = attributes(block)
    tensors = {id(t): (t, t.detach().clone()) for t in tensors_in(block)}
    grads = [(p, p.grad, p.requires_grad) for p in block.parameters()]
    old_grads = {id(g): (g, g.detach().clone()) for _, g, _ in grads if g is not None}
    modes = [(module, module.training) for module in block.modules()]
    try:
        yield
    finally:
        put_back(parts)
        for module, training in modes:
            module.training = training
        for parameter, grad, wanted in grads:
            parameter.requires_grad_(wanted)
            parameter.grad = grad
        with torch.no_grad():
            for tensor, before in [*tensors.values(), *old_grads.values()]:
                if not same(tensor, before):
                    tensor.copy_(before)


def reseed(seed: int = SEED) -> None:
    """Start everything random from a seed again."""
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002
    torch.default_generator.manual_seed(seed)
    if torch.cuda.is_initialized():
        torch.cuda.manual_seed_all(seed)


def noise(shape: Sequence[int], like: Tensor, seed: int, scale: float = 1.0) -> Tensor:
    """Return standard normal numbers times a scale, the same on each device and in each type."""
    generator = torch.Generator().manual_seed(seed)
    return (scale * torch.randn(tuple(shape), generator=generator, dtype=torch.float64)).to(like)


@contextmanager
def same_state(block: nn.Module) -> Iterator[None]:
    """Give a block back its buffers and attributes after a pass, so that each starts alike."""
    before = [(buffer, buffer.clone()) for buffer in block.buffers()]
    parts = attributes(block)
    try:
        yield
    finally:
        put_back(parts)
        with torch.no_grad():
            for buffer, numbers in before:
                if not same(buffer, numbers):
                    buffer.copy_(numbers)


def set_mode(block: nn.Module, training: bool, norms_rest: bool = False) -> None:
    """Put a block into a mode; batch norms may keep to their running statistics."""
    block.train(training)
    if norms_rest:
        for module in block.modules():
            kind = getattr(module, "original_name", type(module).__name__)
            if "BatchNorm" in kind:
                module.eval()


def attributes(block: nn.Module) -> list[tuple[Holder, Holder]]:
    """Return what holds a module's attributes, and the lists and the like in them, with content."""
    own = [vars(m) for m in block.modules() if not isinstance(m, torch.jit.ScriptModule)]
    inner = [held for parts in own for held in parts.values()
             if isinstance(held, (list, dict, set))]  # fmt: skip
    return [(held, content(held)) for held in [*inner, *own]]


def put_back(parts: list[tuple[Holder, Holder]]) -> None:
    """Make each holder hold what it held."""
    for held, before in parts:
        if held or before:  # most are tables of hooks, and empty
            refill(held, before)


def same(one: Tensor, other: Tensor) -> bool:
    """Return whether two tensors hold the same bits, as far as numbers tell; NaN equals NaN."""
    both = torch.equal(one, other)
    return both or bool(torch.equal(torch.isnan(one), torch.isnan(other))
                        and torch.equal(one.nan_to_num(), other.nan_to_num()))  # fmt: skip


def content(held: Holder) -> Holder:
    """Return what a container holds."""
    return dict(held) if isinstance(held, dict) else type(held)(held)


def refill(held: Holder, before: Holder) -> None:
    """Make a container hold what it held before."""
    if isinstance(held, dict) and isinstance(before, dict):
        if not unchanged(held, before):
            held.clear()
            held.update(before)
    elif isinstance(held, list):
        held[:] = before
    elif isinstance(held, set):
        held.clear()
        held.update(before)


def unchanged(held: dict[Any, Any], before: dict[Any, Any]) -> bool:
    """Return whether two dictionaries hold the very same objects in the same order."""
    return list(held) == list(before) and all(map(is_, held.values(), before.values()))
