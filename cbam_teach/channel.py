"""Which channels matter: the channel mask of CBAM."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from cbam_teach import checks
from cbam_teach.fast import pool_pixels
from cbam_teach.fusion import make_fusion
from cbam_teach.gates import Gate, make_act
from cbam_teach.mask import Mask


class ChannelAttention(Mask):
    """Weigh each channel by its mean and its maximum: α_c = σ(MLP(avg x) + MLP(max x)).

    One MLP of two linear layers reads both summaries. With other options it is
    α_c = g((w₁ MLP(avg x) + w₂ MLP(max x)) / T).

    Args:
        channels: C, the channels of the input.
        reduction: r, how many times narrower the hidden layer is than the input.
        min_hidden: the least hidden width; the width is max(C // r, min_hidden).
        act: activation of the hidden layer, ``"relu"`` or ``"silu"``.
        bias: whether the two layers have a bias term.
        fusion: where w comes from: ``"sum"``, w = (1, 1); ``"softmax"``, two learned shares
            that sum to 1; ``"router"``, shares made for each sample from both summaries.
        gate: g, what turns logits into weights, ``"sigmoid"`` or ``"hardsigmoid"``.
        temperature: T, from 1e-4 to 1e4.
        learnable_temperature: whether T is learned, from that value on.

    Shape:
        (B, C, H, W) -> (B, C, 1, 1), weights in [0, 1] without units.

    Raises:
        TypeError, ValueError: for an option that is not allowed, when the module is built;
            in ``forward`` for an input that is not a floating-point (B, C, H, W).

    Source:
        CBAM (Woo et al., 2018), section 3, "Channel attention module", equation 2.

    Relative to the paper:
        - Hidden width: the paper writes C/r and names no minimum. ``min_hidden=1`` gives
          that width wherever C >= r. timm rounds C/r where this module cuts it off:
          ``min_hidden=`` its ``rd_channels``.
        - Bias: the equation has none, and neither has this module or timm's. The authors'
          released code has one in both layers: ``bias=True``, with ``min_hidden=1``.
        - Fusion, temperature and the other activation and gate are not in the paper.

    Relative to the notes:
        - From the ladder on, their layers have a bias term: ``bias=True``.
    """

    def __init__(
        self,
        channels: int,
        *,
        reduction: int = 16,
        min_hidden: int = 4,
        act: str = "relu",
        bias: bool = False,
        fusion: str = "sum",
        gate: str = "sigmoid",
        temperature: float = 1.0,
        learnable_temperature: bool = False,
    ) -> None:
        super().__init__()
        checks.integer("ChannelAttention", "channels", channels)
        checks.integer("ChannelAttention", "reduction", reduction)
        checks.integer("ChannelAttention", "min_hidden", min_hidden)
        checks.flag("ChannelAttention", "bias", bias)
        hidden = max(channels // reduction, min_hidden)
        self.channels = channels
        self.mlp = nn.Sequential(
            nn.Linear(channels, hidden, bias=bias),
            make_act("ChannelAttention", act),
            nn.Linear(hidden, channels, bias=bias),
        )
        self.fusion = make_fusion("ChannelAttention", fusion, channels)
        self.gate = Gate("ChannelAttention", gate, temperature, learnable_temperature)

    def forward(self, x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c 1 1"]:
        checks.feature_map(self, x, self.channels)
        avg, top = pool_pixels(x)  # (B, C), (B, C)
        w = self.fusion(avg, top)[..., 0]  # (B, 2, 1), or (1, 2, 1) where all samples share it
        logits = self.mlp(torch.stack([avg, top], dim=1))  # (B, 2, C)
        z = (w * logits).sum(dim=1)  # (B, C): w₁ MLP(avg x) + w₂ MLP(max x)
        return self.gate(z)[..., None, None]  # (B, C, 1, 1)
