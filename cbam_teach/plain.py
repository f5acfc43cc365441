"""The steps that masks are made of, as the equations say them.

`cbam_teach.fast` has the same functions under the same names, quicker and tested equal; the
modules call those. Read these.
"""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from cbam_teach.mask import Reweight


def pool_pixels(x: Float[Tensor, "b c h w"]) -> tuple[Float[Tensor, "b c"], Float[Tensor, "b c"]]:
    """Return the mean and the maximum of each channel, (B, C) each."""
    return x.mean(dim=(2, 3)), x.amax(dim=(2, 3))


def pool_channels(x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b 2 h w"]:
    """Return the mean and the maximum of each position over the channels, (B, 2, H, W)."""
    avg = x.mean(dim=1, keepdim=True)  # (B, 1, H, W)
    top = x.amax(dim=1, keepdim=True)  # (B, 1, H, W)
    return torch.cat([avg, top], dim=1)  # (B, 2, H, W)


def slide(
    s: Float[Tensor, "b c h w"],
    kernel: Float[Tensor, "n c k k"],
    bias: Float[Tensor, "1"] | None = None,
) -> Float[Tensor, "b 1 h w"]:
    """Slide a window over a map of few channels; zeros stand beyond the border.

    The kernel is (1, C, k, k) with k odd, or (B, C, k, k), one for each sample.
    """
    reach = kernel.shape[-1] // 2
    if len(kernel) == 1:
        z = F.conv2d(s, kernel, padding=reach)  # (B, 1, H, W)
    elif len(s) == 0:
        z = s[:, :1]  # (0, 1, H, W): without a sample there is no kernel either
    else:
        joined = s.reshape(1, -1, *s.shape[2:])  # (1, B·C, H, W)
        z = F.conv2d(joined, kernel, padding=reach, groups=len(kernel))  # (1, B, H, W)
        z = z.transpose(0, 1)  # (B, 1, H, W)
    return z if bias is None else z + bias


def reweight_twice(
    first: Reweight, second: Reweight, x: Float[Tensor, "b c h w"]
) -> Float[Tensor, "b c h w"]:
    """Return second(first(x)): the second mask is made from what the first has left."""
    y = first(x)  # α₁(x) ⊙ x, (B, C, H, W)
    return second(y)  # α₂(y) ⊙ y, (B, C, H, W)
