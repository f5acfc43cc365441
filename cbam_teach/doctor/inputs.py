"""An input for a block that nobody gave one for."""

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from cbam_teach.checks import named
from cbam_teach.doctor.care import noise
from cbam_teach.doctor.seek import looks_like
from cbam_teach.language import problem

SIZE = (32, 32)
OTHER_SIZES = ((16, 16), (8, 8), (14, 14), (28, 28), (56, 56), (7, 7), (64, 64))


def widths(block: nn.Module) -> list[int]:
    """Return the channels that x may have: of the first convolution, then of other layers."""
    mine, theirs = [], []
    named = {n for n, m in block.named_modules() if n and looks_like(n, m)}
    for name, module in block.named_modules():
        foreign = any(name == other or name.startswith(f"{other}.") for other in named)
        width = getattr(module, "in_channels", None) or getattr(module, "num_features", None)
        width = width or getattr(module, "in_features", None)
        if isinstance(width, int) and not isinstance(module, nn.Linear) | foreign:
            mine.append((not isinstance(module, nn.Conv2d), width))
        elif isinstance(width, int):
            theirs.append(width)
    first = [w for late, w in sorted(mine, key=lambda pair: pair[0])]
    return list(dict.fromkeys([*first, *theirs]))


def shapes(block: nn.Module) -> Iterator[tuple[int, int, int, int]]:
    """Yield the shapes to try: the usual one first, then others on which a block may run.

    Raises:
        ValueError: when no layer says how many channels x has.
    """
    channels = widths(block)
    if not channels:
        raise problem(ValueError, "error.doctor_input", given=named(block),
                      allowed="x (B, C, H, W)")  # fmt: skip
    for width in channels[:4]:
        yield (4, width, *SIZE)
    for width in channels[:2]:
        for size in OTHER_SIZES:
            yield (4, width, *size)
        if width <= 64:
            yield (width, width, 6, 6)
            yield (4, width, 4, width)
        if width <= 16:
            yield (width, width, width, width)


def made(block: nn.Module, shape: tuple[int, ...]) -> Tensor:
    """Return a random input of a shape, of the block's number type and on its device."""
    like = next((p for p in block.parameters() if p.is_floating_point()), torch.empty(0))
    return noise(shape, like.detach(), seed=0)
