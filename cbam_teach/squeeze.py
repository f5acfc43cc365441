"""Two channel masks that read the mean alone: SE and ECA."""

import math

from jaxtyping import Float
from torch import Tensor, nn

from cbam_teach import checks
from cbam_teach.mask import Mask


class SqueezeExcitation(Mask):
    """Weigh each channel by the means of all: α_c = σ(W₂ relu(W₁ avg x + b₁) + b₂).

    Args:
        channels: C, the channels of the input.
        reduction: r, how many times narrower the hidden layer is than the input.
        min_hidden: the least hidden width; the width is max(C // r, min_hidden).

    Shape:
        (B, C, H, W) -> (B, C, 1, 1), weights in [0, 1] without units.

    Raises:
        TypeError, ValueError: for an option that is not allowed, when the module is built;
            in ``forward`` for an input that is not a floating-point (B, C, H, W).

    Source:
        Squeeze-and-Excitation Networks (Hu et al., 2018), section 3, equations 2 and 3.

    Relative to the paper:
        - Bias: the paper leaves it out of the equation; its released model has one, and so
          has this module.
        - Hidden width: the paper writes C/r and names no minimum. timm's ``SEModule`` rounds
          it to a multiple of 8; its ``rd_channels=max(C // r, min_hidden)`` is this module.
    """

    def __init__(self, channels: int, reduction: int = 16, *, min_hidden: int = 1) -> None:
        super().__init__()
        checks.integer("SqueezeExcitation", "channels", channels)
        checks.integer("SqueezeExcitation", "reduction", reduction)
        checks.integer("SqueezeExcitation", "min_hidden", min_hidden)
        hidden = max(channels // reduction, min_hidden)
        self.channels = channels
        self.mlp = nn.Sequential(
            nn.Linear(channels, hidden), nn.ReLU(), nn.Linear(hidden, channels)
        )
        self.gate = nn.Sigmoid()

    def forward(self, x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c 1 1"]:
        checks.feature_map(self, x, self.channels)
        avg = x.mean(dim=(2, 3))  # (B, C)
        return self.gate(self.mlp(avg))[..., None, None]  # (B, C, 1, 1)


class EfficientChannelAttention(Mask):
    """Weigh each channel by the means of its neighbours: α_c = σ(conv₁ avg x).

    Args:
        channels: C, the channels of the input.
        kernel_size: k, how many neighbouring channels are read, odd. Without it, k is the
            odd number at or just above the whole part of (log2(C) + 1) / 2.

    Shape:
        (B, C, H, W) -> (B, C, 1, 1), weights in [0, 1] without units.

    Raises:
        TypeError, ValueError: for an option that is not allowed, when the module is built;
            in ``forward`` for an input that is not a floating-point (B, C, H, W).

    Source:
        ECA-Net (Wang et al., 2020), section 3, equations 9 and 12 (γ = 2, b = 1).

    Relative to the paper:
        - k follows the authors' released code, which takes the whole part and then the next
          odd number; "nearest odd number" in the text is the same but for rounding.
        - timm's ``EcaModule`` never goes below k = 3: ``kernel_size=3`` where C < 8.
    """

    def __init__(self, channels: int, kernel_size: int | None = None) -> None:
        super().__init__()
        checks.integer("EfficientChannelAttention", "channels", channels)
        if kernel_size is None:
            kernel_size = int((math.log2(channels) + 1) / 2) // 2 * 2 + 1
        checks.odd("EfficientChannelAttention", "kernel_size", kernel_size)
        self.channels = channels
        self.conv = nn.Conv1d(1, 1, kernel_size, padding=kernel_size // 2, bias=False)
        self.gate = nn.Sigmoid()

    def forward(self, x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c 1 1"]:
        checks.feature_map(self, x, self.channels)
        avg = x.mean(dim=(2, 3))[:, None]  # (B, 1, C)
        return self.gate(self.conv(avg))[:, 0, :, None, None]  # (B, C, 1, 1)
