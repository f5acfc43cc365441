"""The steps of `cbam_teach.plain`, quicker on a CPU; values and gradients are the same.

Three facts of PyTorch are used. A maximum that also returns its index costs several times what
`amax` does, and the backward pass of `amax` costs more than it saves: here the forward pass
takes `amax` and the backward pass is written by hand. A convolution with one output channel
keeps one lane of the processor busy: here samples, channels and strips of rows become the
channels of one depthwise convolution. Where a compiler or an exporter reads along, it gets the
plain steps and does its own work.
"""

from typing import Any

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from cbam_teach import plain

LANES = 16  # channels that a depthwise convolution handles at once
BYTE = 255  # the largest count that one byte holds


def pool_pixels(x: Float[Tensor, "b c h w"]) -> tuple[Float[Tensor, "b c"], Float[Tensor, "b c"]]:
    """Return the mean and the maximum of each channel, (B, C) each.

    The maximum's gradient goes to the first pixel that holds it, as in a max-pooling layer.
    """
    if torch.compiler.is_compiling() or not (x.requires_grad and torch.is_grad_enabled()):
        return plain.pool_pixels(x)
    return PoolPixels.apply(x)


def pool_channels(x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b 2 h w"]:
    """Return the mean and the maximum of each position over the channels, (B, 2, H, W).

    Channels that share a position's maximum share its gradient, as with `amax`.
    """
    if torch.compiler.is_compiling() or not (x.requires_grad and torch.is_grad_enabled()):
        return plain.pool_channels(x)
    return PoolChannels.apply(x)


class PoolPixels(torch.autograd.Function):
    """Mean and maximum over the pixels; kept for the backward pass: where the maximum sits."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> tuple[Tensor, Tensor]:
        rows = x.amax(dim=3)  # (B, C, H)
        top, row = rows.max(dim=2)  # (B, C)
        spread = row[..., None, None].expand(-1, -1, 1, x.shape[3])  # (B, C, 1, W)
        column = x.gather(2, spread).argmax(dim=3)[..., 0]  # (B, C)
        ctx.save_for_backward(row * x.shape[3] + column)
        ctx.size = x.shape
        return x.mean(dim=(2, 3)), top

    @staticmethod
    def backward(ctx: Any, to_mean: Tensor, to_top: Tensor) -> Tensor:
        (place,) = ctx.saved_tensors  # (B, C)
        b, c, h, w = ctx.size
        shared = (to_mean / (h * w))[..., None]  # (B, C, 1)
        grad = shared.expand(b, c, h * w).contiguous()  # (B, C, H·W)
        grad.scatter_add_(2, place[..., None], to_top[..., None])
        return grad.view(b, c, h, w)


class PoolChannels(torch.autograd.Function):
    """Mean and maximum over the channels; the backward pass counts who shares the maximum."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        pooled = plain.pool_channels(x)  # (B, 2, H, W)
        ctx.save_for_backward(x, pooled)
        return pooled

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tensor:
        x, pooled = ctx.saved_tensors
        hit = x == pooled[:, 1:]  # (B, C, H, W)
        bytes_ = hit.view(torch.uint8).split(BYTE, dim=1)
        count = sum(part.sum(1, keepdim=True, dtype=torch.uint8).to(x.dtype) for part in bytes_)
        to_all = grad[:, :1] / x.shape[1]  # (B, 1, H, W)
        return torch.where(hit, to_all + grad[:, 1:] / count, to_all)  # (B, C, H, W)


def slide(
    s: Float[Tensor, "b c h w"],
    kernel: Float[Tensor, "n c k k"],
    bias: Float[Tensor, "1"] | None = None,
) -> Float[Tensor, "b 1 h w"]:
    """Slide a window over a map of few channels; zeros stand beyond the border.

    The kernel is (1, C, k, k) with k odd, or (B, C, k, k), one for each sample.
    """
    if torch.compiler.is_compiling() or s.is_cuda:
        return plain.slide(s, kernel, bias)
    b, c, h, w = s.shape
    side = kernel.shape[-1]
    strips = max(1, min(LANES // (b * c), h // side))
    rows = -(-h // strips)  # of the output, in each strip
    reach, below = side // 2, strips * rows - h
    padded = F.pad(s, (reach, reach, reach, reach + below))
    cut = padded.unfold(2, rows + side - 1, rows).mT  # (B, C, strips, rows + k - 1, W + k - 1)
    lanes = cut.reshape(1, -1, rows + side - 1, w + side - 1)  # (1, B·C·strips, ·, ·)
    weight = kernel[:, :, None].expand(b, c, strips, side, side)
    weight = weight.reshape(-1, 1, side, side)  # (B·C·strips, 1, k, k)
    z = F.conv2d(lanes, weight, groups=len(weight))  # (1, B·C·strips, rows, W)
    z = z.view(b, c, strips * rows, w)[:, :, :h].sum(dim=1, keepdim=True)  # (B, 1, H, W)
    return z if bias is None else z + bias
