"""ResNets once more, as torchvision names and computes them: plain functions over a state dict.

Nothing here is taken from the package.
"""

from collections.abc import Callable
from functools import cache

import torch
import torch.nn.functional as F

Tensor = torch.Tensor
State = dict[str, Tensor]

BLOCKS = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 6, 3), 101: (3, 4, 23, 3)}


def norm_shapes(name: str, channels: int) -> dict[str, tuple[int, ...]]:
    entries = ("weight", "bias", "running_mean", "running_var")
    return {f"{name}.{entry}": (channels,) for entry in entries} | {
        f"{name}.num_batches_tracked": ()
    }


def shapes(depth: int, classes: int = 1000) -> dict[str, tuple[int, ...]]:
    """Return torchvision's names and shapes for this depth, in torchvision's order."""
    found = {"conv1.weight": (64, 3, 7, 7)} | norm_shapes("bn1", 64)
    before = 64
    for stage, blocks in enumerate(BLOCKS[depth], start=1):
        width = 32 * 2**stage
        after = width if depth < 50 else 4 * width
        for index in range(blocks):
            name = f"layer{stage}.{index}"
            if depth < 50:
                kernels = [(width, before, 3, 3), (width, width, 3, 3)]
            else:
                kernels = [(width, before, 1, 1), (width, width, 3, 3), (after, width, 1, 1)]
            for step, kernel in enumerate(kernels, start=1):
                found[f"{name}.conv{step}.weight"] = kernel
                found |= norm_shapes(f"{name}.bn{step}", kernel[0])
            if index == 0 and before != after:
                found[f"{name}.downsample.0.weight"] = (after, before, 1, 1)
                found |= norm_shapes(f"{name}.downsample.1", after)
            before = after
    return found | {"fc.weight": (classes, before), "fc.bias": (classes,)}


@cache
def random_state(depth: int, classes: int = 5) -> State:
    """Return a file's contents: torchvision's entries with random numbers of a sound size.

    It is made once and the same for every test: read it, do not write to it.
    """
    state, dice = {}, torch.Generator().manual_seed(depth)
    for name, shape in shapes(depth, classes).items():
        if name.endswith("num_batches_tracked"):
            state[name] = torch.tensor(7)
        elif len(shape) == 4:
            fan_in = shape[1] * shape[2] * shape[3]
            state[name] = torch.randn(shape, generator=dice) * (2 / fan_in) ** 0.5
        elif name.endswith(("running_var", "bn1.weight", "bn2.weight", "bn3.weight", "1.weight")):
            state[name] = torch.rand(shape, generator=dice) + 0.5
        else:
            state[name] = torch.randn(shape, generator=dice) * 0.1
    return state


def norm(state: State, name: str, x: Tensor, training: bool = False) -> Tensor:
    if training:
        mean, var = x.mean((0, 2, 3)), x.var((0, 2, 3), correction=0)
    else:
        mean, var = state[f"{name}.running_mean"], state[f"{name}.running_var"]
    scale = state[f"{name}.weight"] / (var + 1e-5) ** 0.5
    shift = state[f"{name}.bias"] - scale * mean
    return x * scale[:, None, None] + shift[:, None, None]


def branch(
    state: State, name: str, x: Tensor, strides: tuple[int, ...], training: bool = False
) -> Tensor:
    """Return F(x) of one block; ``strides`` has one number for each convolution."""
    for step, stride in enumerate(strides, start=1):
        kernel = state[f"{name}conv{step}.weight"]
        x = F.conv2d(x, kernel, stride=stride, padding=kernel.shape[-1] // 2)
        x = norm(state, f"{name}bn{step}", x, training)
        x = x.clamp(min=0) if step < len(strides) else x
    return x


def skip(state: State, name: str, x: Tensor, stride: int, training: bool = False) -> Tensor:
    if f"{name}downsample.0.weight" not in state:
        return x
    x = F.conv2d(x, state[f"{name}downsample.0.weight"], stride=stride)
    return norm(state, f"{name}downsample.1", x, training)


def strides_of(depth: int, stride: int, stride_on: str) -> tuple[int, ...]:
    if depth < 50:
        return stride, 1
    return {"3x3": (1, stride, 1), "1x1": (stride, 1, 1)}[stride_on]


def logits(
    state: State,
    depth: int,
    x: Tensor,
    attend: Callable[[str, Tensor], Tensor] = lambda name, f: f,
    stride_on: str = "3x3",
) -> Tensor:
    """Return the logits in evaluation mode; ``attend`` gets a block's name and its F(x)."""
    x = norm(state, "bn1", F.conv2d(x, state["conv1.weight"], stride=2, padding=3)).clamp(min=0)
    x = F.max_pool2d(x, 3, stride=2, padding=1)
    for stage, blocks in enumerate(BLOCKS[depth], start=1):
        for index in range(blocks):
            name = f"layer{stage}.{index}"
            stride = 2 if stage > 1 and index == 0 else 1
            f = branch(state, f"{name}.", x, strides_of(depth, stride, stride_on))
            x = (skip(state, f"{name}.", x, stride) + attend(name, f)).clamp(min=0)
    return x.mean((2, 3)) @ state["fc.weight"].T + state["fc.bias"]


def cbam(state: State, name: str, f: Tensor) -> Tensor:
    """Reweight f as the paper does, with the numbers that stand under ``name``."""
    first = state[f"{name}.channel.mask.mlp.0.weight"]
    second = state[f"{name}.channel.mask.mlp.2.weight"]
    kernel = state[f"{name}.spatial.mask.conv.weight"]
    summaries = (f.mean((2, 3)), f.amax((2, 3)))
    z = sum((s @ first.T).clamp(min=0) @ second.T for s in summaries)
    f = f * torch.sigmoid(z)[:, :, None, None]
    pair = torch.stack([f.mean(1), f.amax(1)], dim=1)
    return f * torch.sigmoid(F.conv2d(pair, kernel, padding=kernel.shape[-1] // 2))
