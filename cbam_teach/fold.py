"""One convolution in place of many: the inference form of a dynamic spatial mask."""

import copy
from typing import Any

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from cbam_teach import checks
from cbam_teach.checks import named
from cbam_teach.dynamic import DynamicSpatialAttention, with_coordinates
from cbam_teach.fast import pool_channels, recorded, slide
from cbam_teach.language import problem
from cbam_teach.mask import Mask
from cbam_teach.spatial import SpatialAttention


def fold(module: nn.Module) -> nn.Module:
    """Return a copy for inference in which the linear steps of each spatial mask are one.

    Every `DynamicSpatialAttention` at any depth becomes a `FoldedSpatialAttention`: its
    branches, dilated and separable ones too, become one kernel for each sample, or K kernels
    of one convolution where the router decides for each pixel. The batch norm of every
    `SpatialAttention` goes into its convolution. Subclasses, which may compute something else,
    and every other module stay as they are. Forward hooks on what is replaced are not taken over.

    Args:
        module: any module; it is left as it is.

    Returns:
        The copy, in evaluation mode, equal to ``module.eval()`` within 1e-5 in float32.

    Raises:
        TypeError: when ``module`` is not an nn.Module.
    """
    if not isinstance(module, nn.Module):
        raise problem(
            TypeError, "error.module", owner="fold", given=named(module), allowed="nn.Module"
        )
    whole = copy.deepcopy(module)
    forms = {child: folded_form(child) for child in whole.modules()}
    for parent in whole.modules():
        for name, child in parent._modules.items():  # named_children() names a shared one once
            if child is not None:
                parent._modules[name] = forms[child]
    return forms[whole].eval()


def folded_form(module: nn.Module) -> nn.Module:
    """Return the folded form of this module itself, or the module where it has none."""
    if type(module) is DynamicSpatialAttention:
        return FoldedSpatialAttention(module)
    if type(module) is SpatialAttention:
        fold_norm(module)
    return module


class FoldedSpatialAttention(Mask):
    """The mask of a `DynamicSpatialAttention`, computed with one convolution.

    With one set of shares for a sample, Σ_k w_k conv(s, K_k) = conv(s, Σ_k w_k K_k).

    Args:
        dynamic: the module to fold; its router and gate are used as they are.

    Shape:
        (B, C, H, W) -> (B, 1, H, W), weights in [0, 1] without units, for any C.
    """

    kernels: Float[Tensor, "k i side side"]

    def __init__(self, dynamic: DynamicSpatialAttention) -> None:
        super().__init__()
        self.coordinates = dynamic.coordinates
        self.router, self.gate = dynamic.router, dynamic.gate
        dense = [dense_kernel(branch) for branch in dynamic.branches]  # (1, I, side, side) each
        most = max(kernel.shape[-1] for kernel in dense)
        grown = [F.pad(kernel, [(most - kernel.shape[-1]) // 2] * 4) for kernel in dense]
        self.register_buffer("kernels", torch.cat(grown).detach())  # (K, I, most, most)

    def forward(self, x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b 1 h w"]:
        checks.feature_map(self, x)
        return self.weigh(pool_channels(x))  # (B, 1, H, W)

    def weigh(self, pooled: Float[Tensor, "b 2 h w"]) -> Float[Tensor, "b 1 h w"]:
        """Return the mask for the mean and the maximum over the channels."""
        s = with_coordinates(pooled) if self.coordinates else pooled  # (B, I, H, W)
        w = self.router(s)  # (B, K, 1, 1) or (B, K, H, W)
        if self.router.per == "sample" and not recorded():
            kernel = w[..., 0, 0] @ self.kernels.flatten(1)  # (B, I·side·side)
            kernel = kernel.unflatten(1, self.kernels.shape[1:])  # (B, I, side, side)
            return self.gate(slide(s, kernel))  # (B, 1, H, W)
        # An exported program must take any batch, which kernels for each sample would fix.
        z = F.conv2d(s, self.kernels, padding=self.kernels.shape[-1] // 2)  # (B, K, H, W)
        return self.gate((w * z).sum(dim=1, keepdim=True))  # (B, 1, H, W)


def dense_kernel(branch: Any) -> Float[Tensor, "1 i side side"]:
    """Return the kernel without gaps, (1, I, side, side), that does what a branch does."""
    if hasattr(branch, "depthwise"):
        depthwise, pointwise = branch.depthwise, branch.pointwise
        kernel = depthwise.weight.transpose(0, 1) * pointwise.weight  # (1, I, k, k)
        gap = depthwise.dilation[0]
    else:
        kernel, gap = branch.weight, branch.dilation[0]  # (1, I, k, k)
    side = gap * (kernel.shape[-1] - 1) + 1
    dense = kernel.new_zeros(1, kernel.shape[1], side, side)
    dense[:, :, ::gap, ::gap] = kernel
    return dense


def fold_norm(attention: SpatialAttention) -> None:
    """Write the batch norm of a spatial mask into its convolution, in place."""
    norm = attention.norm
    if not isinstance(norm, nn.BatchNorm2d) or norm.running_mean is None:
        return
    assert norm.running_var is not None  # kept together with the mean
    with torch.no_grad():
        scale = norm.weight / (norm.running_var + norm.eps).sqrt()  # (1,)
        attention.conv.weight.mul_(scale)
        attention.conv.bias = nn.Parameter(norm.bias - scale * norm.running_mean)
    attention.norm = nn.Identity()
