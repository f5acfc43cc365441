"""The steps of `cbam_teach.plain`, quicker on a CPU; the values are the same.

So are the gradients, but where several pixels hold a channel's maximum: there it goes to the first
of them, as in a max-pooling layer, while `amax` shares it out.

Five facts are used. Over the pixels a maximum hands its index over at little cost, and the index
is all that its gradient needs. Over the channels it does not, but there `amax` is quick, and only
its backward pass, written anew here, is slow. A convolution with one output channel keeps one lane
of the processor busy: here samples, channels and strips of rows become the channels of one
depthwise convolution. A large new tensor costs about as much as the arithmetic that fills it:
CBAM makes fewer. And what has just been written is read again soonest while it is in the cache:
one sample at a time. Exporters, tracers and `torch.func` get the plain steps, a compiler the pools.
"""

from contextvars import ContextVar
from typing import Any

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.modules.module import _global_forward_hooks, _global_forward_pre_hooks

from cbam_teach import plain
from cbam_teach.mask import Mask, Reweight, check_spread

#: Whether somebody looks at each operation, as the doctor does: then the plain steps are taken.
watched: ContextVar[bool] = ContextVar("watched", default=False)

LANES = 16  # channels that a depthwise convolution handles at once


def exported() -> bool:
    """Return whether an exporter or a tracer records the operations, or the doctor watches them."""
    if torch.compiler.is_exporting() or torch.jit.is_tracing():  # type: ignore[attr-defined]
        return True
    return not torch.compiler.is_compiling() and watched.get()


def transformed() -> bool:
    """Return whether `torch.func` transforms the operations; it knows the plain steps only."""
    return bool(torch._C._are_functorch_transforms_active())


def recorded() -> bool:
    """Return whether a compiler, an exporter, a tracer or a transform takes the operations."""
    return torch.compiler.is_compiling() or exported() or transformed()


def by_hand(x: Tensor) -> bool:
    """Return whether a gradient for x is wanted, and wanted here."""
    wanted = x.requires_grad and torch.is_grad_enabled() and not exported()
    return wanted and (torch.compiler.is_compiling() or not transformed())


def pool_pixels(x: Float[Tensor, "b c h w"]) -> tuple[Float[Tensor, "b c"], Float[Tensor, "b c"]]:
    """Return the mean and the maximum of each channel, (B, C) each.

    The maximum's gradient goes to the first pixel that holds it, as in a max-pooling layer.
    """
    return PoolPixels.apply(x) if by_hand(x) else plain.pool_pixels(x)


def pool_channels(x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b 2 h w"]:
    """Return the mean and the maximum of each position over the channels, (B, 2, H, W).

    Channels that share a position's maximum share its gradient, as with `amax`.
    """
    return PoolChannels.apply(x) if by_hand(x) else plain.pool_channels(x)


class PoolPixels(torch.autograd.Function):
    """Mean and maximum over the pixels; kept for the backward pass: where the maximum sits."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> tuple[Tensor, Tensor]:
        top, place = x.flatten(2).max(dim=2)  # (B, C), (B, C)
        ctx.save_for_backward(place)
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
        held = torch.eq(x, pooled[:, 1:], out=torch.empty_like(x))  # (B, C, H, W): 1 or 0
        to_all = grad[:, :1] / x.shape[1]  # (B, 1, H, W)
        if torch.is_grad_enabled():  # somebody will differentiate once more
            return to_all + held * (grad[:, 1:] / held.sum(dim=1, keepdim=True))
        to_each = held.sum(dim=1, keepdim=True).reciprocal_().mul_(grad[:, 1:])  # (B, 1, H, W)
        return torch.addcmul(to_all, held, to_each, out=held)  # (B, C, H, W)


def slide(
    s: Float[Tensor, "b c h w"],
    kernel: Float[Tensor, "n c k k"],
    bias: Float[Tensor, "1"] | None = None,
) -> Float[Tensor, "b 1 h w"]:
    """Slide a window over a map of few channels; zeros stand beyond the border.

    The kernel is (1, C, k, k) with k odd, or (B, C, k, k), one for each sample.
    """
    if recorded() or s.device.type != "cpu" or len(s) == 0:
        return plain.slide(s, kernel, bias)
    b, c, h, w = s.shape
    side, reach = kernel.shape[-1], kernel.shape[-1] // 2
    strips = max(1, min(LANES // (b * c), h // side))
    weight = kernel[:, :, None].expand(b, c, strips, side, side).reshape(-1, 1, side, side)
    if strips == 1:
        z = F.conv2d(s.reshape(1, b * c, h, w), weight, padding=reach, groups=b * c)
    else:
        rows = -(-h // strips)  # of the output, in each strip
        padded = F.pad(s, (reach, reach, reach, reach + strips * rows - h))
        cut = padded.unfold(2, rows + side - 1, rows).mT  # (B, C, strips, rows + k - 1, W + k - 1)
        lanes = cut.reshape(1, -1, rows + side - 1, w + side - 1)  # (1, B·C·strips, ·, ·)
        z = F.conv2d(lanes, weight, groups=len(weight))  # (1, B·C·strips, rows, W)
    z = z.view(b, c, -1, w)[:, :, :h].sum(dim=1, keepdim=True)  # (B, 1, H, W)
    return z if bias is None else z + bias


def reweight_twice(
    first: Reweight, second: Reweight, x: Float[Tensor, "b c h w"]
) -> Float[Tensor, "b c h w"]:
    """Return second(first(x)), where nobody would miss that the two are not called themselves.

    Without gradients, and with a mask of the pooled channels second, the first product is
    pooled sample by sample as it is made, and becomes the second product in place.
    """
    ours = type(first) is type(second) is Reweight and not recorded() and x.device.type == "cpu"
    if not ours or listened_to(first) or listened_to(second):
        return plain.reweight_twice(first, second, x)
    alpha = first.mask(x)  # (B, C, 1, 1), or another that spreads
    pooled = weighs_pooled(second.mask) and not listened_to(second.mask)
    if torch.is_grad_enabled() or not pooled or not of_channels(alpha, x):
        y = multiply(x, alpha)  # (B, C, H, W)
        return multiply(y, second.mask(y))  # (B, C, H, W)
    y = torch.empty_like(x)
    s = x.new_empty(x.shape[0], 2, *x.shape[2:])
    for x_b, alpha_b, y_b, avg_b, top_b in zip(x, alpha, y, s[:, 0], s[:, 1], strict=True):
        torch.mul(x_b, alpha_b, out=y_b)  # (C, H, W)
        torch.mean(y_b, dim=0, out=avg_b)  # (H, W)
        torch.amax(y_b, dim=0, out=top_b)  # (H, W)
    alpha = second.mask.weigh(s)  # type: ignore[operator] # (B, 1, H, W)
    check_spread(alpha, y)
    return y.mul_(alpha)  # (B, C, H, W)


def multiply(x: Float[Tensor, "b c h w"], alpha: Tensor) -> Float[Tensor, "b c h w"]:
    """Return x ⊙ α for a mask that spreads over x."""
    check_spread(alpha, x)
    each = len(alpha) == len(x) and alpha.dtype == x.dtype and alpha.shape != x.shape
    return Multiply.apply(x, alpha) if each and torch.is_grad_enabled() else x * alpha


class Multiply(torch.autograd.Function):
    """x ⊙ α, whose backward pass takes one sample after the other while it is in the cache."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, alpha: Tensor) -> Tensor:
        ctx.save_for_backward(x, alpha)
        return x * alpha

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor]:
        x, alpha = ctx.saved_tensors
        if torch.is_grad_enabled():  # somebody will differentiate once more
            return grad * alpha, (grad * x).sum_to_size(alpha.shape)
        to_x, to_alpha = torch.empty_like(x), torch.empty_like(alpha)
        spread = [axis - 1 for axis in (1, 2, 3) if alpha.shape[axis] == 1]
        for grad_b, x_b, alpha_b, to_x_b, to_alpha_b in zip(
            grad, x, alpha, to_x, to_alpha, strict=True
        ):
            torch.mul(grad_b, x_b, out=to_x_b)  # (C, H, W), for the sum only
            torch.sum(to_x_b, spread, keepdim=True, out=to_alpha_b)
            torch.mul(grad_b, alpha_b, out=to_x_b)  # (C, H, W)
        return to_x, to_alpha


def of_channels(alpha: Tensor, x: Tensor) -> bool:
    """Return whether a mask has one number, of x's type, for each sample and channel."""
    return alpha.shape == (*x.shape[:2], 1, 1) and alpha.dtype == x.dtype


def listened_to(part: nn.Module) -> bool:
    """Return whether anybody would miss that a module is not called itself."""
    heard = part._forward_hooks or part._forward_pre_hooks or "forward" in vars(part)
    return bool(heard or _global_forward_hooks or _global_forward_pre_hooks)


def weighs_pooled(mask: Mask) -> bool:
    """Return whether ``mask.weigh(pool_channels(x))`` is the mask of x.

    A class that defines ``forward`` together with ``weigh`` says so; one that inherits either
    and writes the other anew does not.
    """
    written = (vars(kind).keys() & {"forward", "weigh"} for kind in type(mask).__mro__)
    return next(filter(None, written), None) == {"forward", "weigh"}
