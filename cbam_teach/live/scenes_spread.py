"""A mask whose shape is set axis by axis, and what it multiplies."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

STRENGTH = (1.0, 0.6, 0.3)  # of the windows, one channel after another, then again from the first


class Spread(nn.Module):
    """Multiply a map by a mask each of whose axes is 1 or full.

    The full mask holds a soft window for each channel, further right and down from channel to
    channel. An axis of size 1 keeps the mean along it, which then spreads over that axis.

    Shape:
        x (1, C, H, W) and three scalars, 1 where the axis is full and 0 where it is 1, ->
        ``x`` the map; ``spread`` the mask as it meets the map, (1, C, H, W); ``product`` of the
        two; ``sizes`` (1, 5, 1, 1), the mask's own four sizes and how many numbers it holds.
    """

    def forward(
        self, x: Float[Tensor, "1 c h w"], channels: Tensor, rows: Tensor, columns: Tensor
    ) -> dict[str, Tensor]:
        alpha = windows(*x.shape[1:]).to(x)  # (1, C, H, W)
        sizes = [torch.ones_like(rows)]
        for axis, full in ((1, channels), (2, rows), (3, columns)):
            mean = alpha.mean(axis, keepdim=True).expand_as(alpha)
            alpha = torch.where(full > 0.5, alpha, mean)
            sizes.append(torch.where(full > 0.5, x.shape[axis], 1).to(x))
        count = sizes[1] * sizes[2] * sizes[3]
        return {
            "x": 1 * x,
            "spread": alpha,
            "product": x * alpha,
            "sizes": torch.stack([*sizes, count]).view(1, 5, 1, 1),
        }


def windows(channels: int, rows: int, columns: int) -> Float[Tensor, "1 c h w"]:
    """Return the full mask, with values in (0, 1]."""
    number = torch.arange(channels).view(-1, 1, 1)  # (C, 1, 1)
    place = (number + 0.5) / channels  # from left to right, and down
    h = (torch.arange(rows).view(-1, 1) + 0.5) / rows - place  # (C, H, 1)
    w = (torch.arange(columns) + 0.5) / columns - place  # (C, 1, W)
    near = torch.exp(-8 * (h**2 + w**2))  # (C, H, W)
    strength = torch.tensor(STRENGTH)[number % len(STRENGTH)]  # (C, 1, 1)
    return (strength * (0.1 + 0.9 * near))[None]
