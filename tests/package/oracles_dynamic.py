"""The router and the dynamic spatial mask in plain loops, as in `oracles`."""

import oracles
import torch
from oracles import Tensor


def router(module: torch.nn.Module, inputs: list[Tensor]) -> list[Tensor]:
    """Return the shares of the branches, for inputs of any one shape."""
    first, _, second = module.mlp
    hidden = [torch.relu(z) for z in oracles.linear((first.weight, first.bias), inputs)]
    return oracles.softmax(oracles.linear((second.weight, second.bias), hidden))


def coordinates(height: int, width: int) -> Tensor:
    """Return (2, H, W): the column and the row, from -1 to 1; -1 where there is but one."""
    grid = torch.full((2, height, width), -1.0, dtype=torch.float64)
    for i in range(height):
        for j in range(width):
            if width > 1:
                grid[0, i, j] = 2 * j / (width - 1) - 1
            if height > 1:
                grid[1, i, j] = 2 * i / (height - 1) - 1
    return grid


def summaries(x: Tensor, with_coordinates: bool, rows_first: bool = False) -> Tensor:
    """Return s; ``rows_first`` is a mistake."""
    pair = torch.stack(oracles.over_channels(x), 1)  # (B, 2, H, W)
    if not with_coordinates:
        return pair
    grid = coordinates(*x.shape[2:])
    grid = grid.flip(0) if rows_first else grid
    return torch.cat([pair, grid.expand(len(x), -1, -1, -1)], 1)


def branch(module: torch.nn.Module, s: Tensor, dilation: int) -> Tensor:
    """Return the logits (B, H, W) of one window, plain or separable."""
    if isinstance(module, torch.nn.Conv2d):
        kernel = module.weight
        return oracles.conv(s, kernel, 1, dilation * (kernel.shape[-1] // 2), dilation)[:, 0]
    total = 0
    for c in range(s.shape[1]):
        kernel = module.depthwise.weight[c : c + 1]
        one = oracles.conv(s[:, c : c + 1], kernel, 1, dilation * (kernel.shape[-1] // 2), dilation)
        total = total + module.pointwise.weight[0, c, 0, 0] * one[:, 0]
    return total


def dynamic_mask(
    module: torch.nn.Module,
    x: Tensor,
    dilations: list[int],
    per: str = "sample",
    with_coordinates: bool = False,
    gate=oracles.sigmoid,
    temperature: Tensor | float = 1,
    rows_first: bool = False,
    even: bool = False,
) -> Tensor:
    """Weigh each position; ``rows_first`` and ``even`` (shares 1/K) are mistakes."""
    s = summaries(x, with_coordinates, rows_first)
    channels = list(s.unbind(1))  # (B, H, W) each
    if per == "sample":
        pixels = s.shape[2] * s.shape[3]
        channels = [sum(c[:, i, j] for i in range(s.shape[2]) for j in range(s.shape[3])) / pixels
                    for c in channels]  # fmt: skip
        channels = [c[:, None, None] for c in channels]  # (B, 1, 1) each
    shares = router(module.router, channels)
    if even:
        shares = [1 / len(shares)] * len(shares)
    z = 0
    for share, one, dilation in zip(shares, module.branches, dilations, strict=True):
        z = z + share * branch(one, s, dilation)
    return gate(z / temperature)[:, None]
