"""Weights that start at zero, moved a little, as the first steps of training would move them."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from cbam_teach.doctor.arguments import tensors
from cbam_teach.doctor.care import noise, reseed, same_state, set_mode

#: How many times weights of zero may wait for others of zero.
ROUNDS = 3


def gradients(block: nn.Module, x: Tensor) -> dict[str, Tensor | None]:
    """Return name -> gradient of a random sum of the block's output, for what can be trained.

    There is none where the block does not run; other checks tell of that.

    Raises:
        RuntimeError: when the gradients cannot be computed.
    """
    names = {n: p for n, p in block.named_parameters() if p.requires_grad}
    try:
        y = tensors(block(x.clone()))[0]
    except Exception:
        return dict.fromkeys(names)
    if not names or not y.requires_grad:
        return dict.fromkeys(names)
    total = (y * noise(y.shape, y, seed=7)).sum()
    found = torch.autograd.grad(total, list(names.values()), allow_unused=True)
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
        their names. One that no gradient reaches stays zero, and all do where gradients cannot be
        computed; `all_parameters_learn` tells of that.
    """
    before: dict[str, Tensor] = {}
    parameters = dict(block.named_parameters())
    try:
        for _ in range(ROUNDS):
            try:
                live = learning(block, [x])
            except RuntimeError:
                break
            zero = [name for name in live if not parameters[name].any()]
            if not zero:
                break
            with torch.no_grad():
                for name in sorted(zero):
                    p = parameters[name]
                    before[name] = p.clone()
                    p.copy_(noise(p.shape, p, seed=len(before), scale=0.5))
        yield list(before)
    finally:
        with torch.no_grad():
            for name, value in before.items():
                parameters[name].copy_(value)
