"""A mask for each channel and position, made of one strip per axis: Coordinate Attention."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from cbam_teach import checks
from cbam_teach.mask import Mask

LEAST_HIDDEN = 8


class CoordinateAttention(Mask):
    """Weigh rows and columns of each channel: α = σ(W_h f_h) ⊙ σ(W_w f_w).

    The means over each row and over each column share a 1x1 convolution, BN and hard swish;
    f_h (B, hidden, H, 1) and f_w (B, hidden, 1, W) are its two parts.

    Args:
        channels: C, the channels of the input.
        reduction: r; the shared layer has max(C // r, 8) channels.
        bias: whether the three convolutions have a bias term.

    Shape:
        (B, C, H, W) -> (B, C, H, W), weights in [0, 1] without units.

    Raises:
        TypeError, ValueError: for an option that is not allowed, when the module is built;
            in ``forward`` for an input that is not a floating-point (B, C, H, W).

    Source:
        Coordinate Attention (Hou et al., 2021), section 3.2, equations 4 to 8.

    Relative to the paper:
        - Bias: the authors' released code has one in every convolution, and so has this
          module. timm's ``CoordAttn`` has none: ``bias=False``, with its
          ``rd_channels=max(C // r, 8)``.
    """

    def __init__(self, channels: int, reduction: int = 32, *, bias: bool = True) -> None:
        super().__init__()
        checks.integer("CoordinateAttention", "channels", channels)
        checks.integer("CoordinateAttention", "reduction", reduction)
        checks.flag("CoordinateAttention", "bias", bias)
        hidden = max(channels // reduction, LEAST_HIDDEN)
        self.channels = channels
        self.shared = nn.Sequential(
            nn.Conv2d(channels, hidden, kernel_size=1, bias=bias),
            nn.BatchNorm2d(hidden),
            nn.Hardswish(),
        )
        self.to_rows = nn.Conv2d(hidden, channels, kernel_size=1, bias=bias)
        self.to_columns = nn.Conv2d(hidden, channels, kernel_size=1, bias=bias)
        self.gate = nn.Sigmoid()

    def forward(self, x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c h w"]:
        checks.feature_map(self, x, self.channels)
        rows = x.mean(dim=3, keepdim=True)  # (B, C, H, 1)
        columns = x.mean(dim=2, keepdim=True)  # (B, C, 1, W)
        strips = torch.cat([rows, columns.mT], dim=2)  # (B, C, H + W, 1)
        f = self.shared(strips)  # (B, hidden, H + W, 1)
        f_h, f_w = f.split([x.shape[2], x.shape[3]], dim=2)
        alpha_h = self.gate(self.to_rows(f_h))  # (B, C, H, 1)
        alpha_w = self.gate(self.to_columns(f_w.mT))  # (B, C, 1, W)
        return alpha_h * alpha_w  # (B, C, H, W)
