"""Which channels matter: the channel mask of CBAM."""

from jaxtyping import Float
from torch import Tensor, nn

from cbam_teach import checks
from cbam_teach.gates import make_act, make_gate
from cbam_teach.mask import Mask


class ChannelAttention(Mask):
    """Weigh each channel by its mean and its maximum: α_c = σ(MLP(avg x) + MLP(max x)).

    One MLP of two 1x1 convolutions reads both summaries.

    Args:
        channels: C, the channels of the input.
        reduction: r, how many times narrower the hidden layer is than the input.
        min_hidden: the least hidden width; the width is max(C // r, min_hidden).
        act: activation of the hidden layer, ``"relu"`` or ``"silu"``.
        bias: whether the two layers have a bias term.
        gate: what turns logits into weights, ``"sigmoid"`` or ``"hardsigmoid"``.

    Shape:
        (B, C, H, W) -> (B, C, 1, 1), weights in [0, 1] without units.

    Raises:
        TypeError, ValueError: for an option that is not allowed, when the module is built;
            in ``forward`` for an input that is not a floating-point (B, C, H, W).

    Source:
        CBAM (Woo et al., 2018), section 3, "Channel attention module", equation 2.

    Relative to the paper:
        - Hidden width: the paper writes C/r and names no minimum. ``min_hidden=1`` gives
          that width wherever C >= r.
        - Bias: the equation has none, and neither has this module. The authors' released
          code has one in both layers: ``bias=True``, with ``min_hidden=1``.
        - Where several pixels share a channel's maximum, `amax` shares the gradient among
          them, while a max-pooling layer gives it to one. The values are the same.
    """

    def __init__(
        self,
        channels: int,
        *,
        reduction: int = 16,
        min_hidden: int = 4,
        act: str = "relu",
        bias: bool = False,
        gate: str = "sigmoid",
    ) -> None:
        super().__init__()
        checks.integer("ChannelAttention", "channels", channels)
        checks.integer("ChannelAttention", "reduction", reduction)
        checks.integer("ChannelAttention", "min_hidden", min_hidden)
        checks.flag("ChannelAttention", "bias", bias)
        hidden = max(channels // reduction, min_hidden)
        self.channels = channels
        self.mlp = nn.Sequential(
            nn.Conv2d(channels, hidden, kernel_size=1, bias=bias),
            make_act("ChannelAttention", act),
            nn.Conv2d(hidden, channels, kernel_size=1, bias=bias),
        )
        self.gate = make_gate("ChannelAttention", gate)

    def forward(self, x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c 1 1"]:
        checks.feature_map(self, x, self.channels)
        avg = x.mean(dim=(2, 3), keepdim=True)  # (B, C, 1, 1)
        top = x.amax(dim=(2, 3), keepdim=True)  # (B, C, 1, 1)
        return self.gate(self.mlp(avg) + self.mlp(top))  # (B, C, 1, 1)
