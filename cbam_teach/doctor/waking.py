"""Weights that start at zero, moved a little, as the first steps of training would move them."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.utils._pytree import tree_leaves

from cbam_teach.doctor.care import reseed, same_state, set_mode

#: How many times weights of zero may wait for others of zero.
ROUNDS = 3


def gradients(block: nn.Module, x: Tensor) -> dict[str, Tensor | None]:
    """Return name -> gradient of a random sum of the block's output, for what can be trained."""
    names = {n: p for n, p in block.named_parameters() if p.requires_grad}
    outs = [t for t in tree_leaves(block(x.clone())) if isinstance(t, Tensor)]
    y = outs[0]
    if not names or not y.requires_grad:
        return dict.fromkeys(names)
    generator = torch.Generator().manual_seed(7)
    weights = torch.randn(y.shape, generator=generator, dtype=torch.float64).to(y)
    found = torch.autograd.grad((y * weights).sum(), list(names.values()), allow_unused=True)
    return dict(zip(names, found, strict=True))


def learning(block: nn.Module, xs: list[Tensor]) -> set[str]:
    """Return the names of the parameters that learn from one of the inputs.

    A parameter learns when its gradient is not zero throughout, in either mode, and when it takes
    part in the output in training mode.
    """
    moved: set[str] = set()
    part: set[str] = set()
    for training in (True, False):
        set_mode(block, training)
        for number, x in enumerate(xs):
            reseed(number)
            with same_state(block):
                for name, grad in gradients(block, x).items():
                    if grad is not None:
                        moved |= {name} if bool((grad != 0).any()) else set()
                        part |= {name} if training else set()
    return moved & part


@contextmanager
def awake(block: nn.Module, x: Tensor) -> Iterator[list[str]]:
    """Give small random values to parameters of zero that training would move; undo it after.

    Yields:
        their names. One that no gradient reaches stays zero.
    """
    before: dict[str, Tensor] = {}
    parameters = dict(block.named_parameters())
    try:
        for _ in range(ROUNDS):
            live = learning(block, [x])
            zero = [name for name in live if not parameters[name].any()]
            if not zero:
                break
            generator = torch.Generator().manual_seed(len(before))
            with torch.no_grad():
                for name in sorted(zero):
                    p = parameters[name]
                    before[name] = p.clone()
                    fresh = torch.randn(p.shape, generator=generator, dtype=torch.float64)
                    p.copy_(0.5 * fresh.to(p))
        yield list(before)
    finally:
        with torch.no_grad():
            for name, value in before.items():
                parameters[name].copy_(value)
