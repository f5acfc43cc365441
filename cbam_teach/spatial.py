"""Which positions matter: the spatial mask of CBAM."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from cbam_teach import checks
from cbam_teach.gates import make_gate
from cbam_teach.mask import Mask


class SpatialAttention(Mask):
    """Weigh each position by its mean and its maximum: α_s = σ(conv[avg x; max x]).

    Args:
        kernel_size: side of the square kernel in pixels, odd, so that the map keeps its size.
        gate: what turns logits into weights, ``"sigmoid"`` or ``"hardsigmoid"``.

    Shape:
        (B, C, H, W) -> (B, 1, H, W), weights in [0, 1] without units, for any C.

    Raises:
        TypeError, ValueError: for an option that is not allowed, when the module is built;
            in ``forward`` for an input that is not a floating-point (B, C, H, W).

    Source:
        CBAM (Woo et al., 2018), section 3, "Spatial attention module", equation 3.

    Relative to the paper:
        - Pooling order: [mean; max], as in the equation. The authors' released code stacks
          [max, mean]; its weights fit here with the two input channels of ``conv`` swapped.
        - Batch norm: the equation has none after the convolution, and neither has this
          module. The released code has one.
        - Bias: none, in the equation and here alike.
        - Kernel: 7, the paper's best; ``kernel_size=3`` is its other one.
    """

    def __init__(self, *, kernel_size: int = 7, gate: str = "sigmoid") -> None:
        super().__init__()
        checks.odd("SpatialAttention", "kernel_size", kernel_size)
        self.conv = nn.Conv2d(2, 1, kernel_size, padding=kernel_size // 2, bias=False)
        self.gate = make_gate("SpatialAttention", gate)

    def forward(self, x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b 1 h w"]:
        checks.feature_map(self, x)
        avg = x.mean(dim=1, keepdim=True)  # (B, 1, H, W)
        top = x.amax(dim=1, keepdim=True)  # (B, 1, H, W)
        pooled = torch.cat([avg, top], dim=1)  # (B, 2, H, W)
        return self.gate(self.conv(pooled))  # (B, 1, H, W)
