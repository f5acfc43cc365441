"""The other masks in plain loops, as in `oracles`: SE, ECA, Coordinate Attention."""

import oracles
import torch
from oracles import Tensor


def squeeze_excitation(x: Tensor, first: tuple, second: tuple, use: str = "mean") -> Tensor:
    """Weigh each channel; ``first`` and ``second`` are (weight, bias) of the two layers."""
    summary = oracles.over_pixels(x)[("mean", "max").index(use)]
    hidden = [torch.relu(one) for one in oracles.linear(first, summary)]
    logits = oracles.linear(second, hidden)
    return oracles.sigmoid(torch.stack(logits, 1))[:, :, None, None]


def efficient_channel(
    x: Tensor, kernel: Tensor, turned: bool = False, ring: bool = False
) -> Tensor:
    """Weigh each channel by its neighbours; ``turned`` and ``ring`` are mistakes."""
    taps = list(kernel.flatten())
    taps = taps[::-1] if turned else taps
    means, _ = oracles.over_pixels(x)
    logits = []
    for c in range(len(means)):
        total = 0 * means[0]
        for k, tap in enumerate(taps):
            neighbour = c + k - len(taps) // 2
            if ring or 0 <= neighbour < len(means):
                total = total + tap * means[neighbour % len(means)]
        logits.append(total)
    return oracles.sigmoid(torch.stack(logits, 1))[:, :, None, None]


def neighbours_read(channels: int) -> int:
    """Return ECA's k in whole numbers: the largest t with 4^t ≤ 2C, or t + 1 where t is even."""
    t = 0
    while 4 ** (t + 1) <= 2 * channels:
        t += 1
    return t if t % 2 else t + 1


def coordinate(x: Tensor, shared: tuple, norm, rows: tuple, columns: tuple, apart=False) -> Tensor:
    """Weigh rows and columns; each layer is (weight, bias) or (weight,) of a 1x1 convolution.

    ``apart`` is a mistake: each strip is normalised by itself.
    """
    _, channels, height, width = x.shape
    across = [sum(x[:, :, i, j] for j in range(width)) / width for i in range(height)]
    down = [sum(x[:, :, i, j] for i in range(height)) / height for j in range(width)]

    def hidden(places: list[Tensor]) -> Tensor:
        at = [torch.stack(oracles.linear(shared, list(one.unbind(1))), 1) for one in places]
        return oracles.hardswish(oracles.batch_norm(torch.stack(at, 2)[..., None], norm))

    if apart:
        f = torch.cat([hidden(across), hidden(down)], 2)
    else:
        f = hidden(across + down)  # (B, hidden, H + W, 1)
    mask = []
    for i in range(height):
        row = oracles.linear(rows, list(f[:, :, i, 0].unbind(1)))
        for j in range(width):
            column = oracles.linear(columns, list(f[:, :, height + j, 0].unbind(1)))
            pairs = zip(row, column, strict=True)
            mask += [oracles.sigmoid(a) * oracles.sigmoid(b) for a, b in pairs]
    return torch.stack(mask, 1).reshape(-1, height, width, channels).permute(0, 3, 1, 2)
