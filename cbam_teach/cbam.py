"""CBAM: the channel mask first, the spatial mask second."""

from jaxtyping import Float
from torch import Tensor, nn

from cbam_teach import checks
from cbam_teach.channel import ChannelAttention
from cbam_teach.fast import reweight_twice
from cbam_teach.language import problem
from cbam_teach.mask import Mask, Reweight, require_mask
from cbam_teach.mixing import Amount, Mix
from cbam_teach.spatial import SpatialAttention


class CBAM(nn.Module):
    """Reweight a feature map twice: x' = α_c(x) ⊙ x, then y = α_s(x') ⊙ x'.

    With ``mix`` the output is x + mix · (y - x): the input at 0, the twice reweighted map at 1.

    Args:
        channels: C, the channels of the input.
        channel: the first mask; ``ChannelAttention(channels)`` unless given.
        spatial: the second mask; ``SpatialAttention()`` unless given.
        mix: how much of y is let in: a number that stays, ``Learnable(start)``, a
            ``WarmUp`` towards either, or None for all of it.

    Shape:
        (B, C, H, W) -> (B, C, H, W).

    Raises:
        TypeError: when a mask is not a `Mask`, ``channels`` not an integer or ``mix`` not one
            of the above; in ``forward`` for an input that is not a floating-point tensor.
        ValueError: when ``channels`` is less than 1 or is not what ``channel`` was built
            for, or ``mix`` is not finite; in ``forward`` for an input that is not
            (B, channels, H, W), or has no pixels.

    Source:
        CBAM (Woo et al., 2018), section 3, equation 1; ``mix`` is the notes' residual CBAM.

    Relative to the paper:
        - Order: channel, then spatial, as in the paper.
        - The masks differ from the paper's only in the hidden width's minimum; the paper's
          form is ``channel=ChannelAttention(channels, min_hidden=1)``.
        - Both masks start near ½, so that y starts near x/4. ``mix=Learnable(0.1)`` starts
          near x.
    """

    def __init__(
        self,
        channels: int,
        *,
        channel: Mask | None = None,
        spatial: Mask | None = None,
        mix: Amount | None = None,
    ) -> None:
        super().__init__()
        checks.integer("CBAM", "channels", channels)
        channel = ChannelAttention(channels) if channel is None else channel
        spatial = SpatialAttention() if spatial is None else spatial
        for option, mask in (("channel", channel), ("spatial", spatial)):
            require_mask("CBAM", option, mask)
            if getattr(mask, "channels", channels) != channels:
                raise problem(
                    ValueError, "error.mask_channels", owner="CBAM", option=option,
                    channels=channels, given=mask.channels, allowed=channels,
                )  # fmt: skip
        self.channels = channels
        self.channel = Reweight(channel)
        self.spatial = Reweight(spatial)
        self.mix = None if mix is None else Mix("CBAM", "mix", mix, bounded=False)

    def forward(self, x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c h w"]:
        checks.feature_map(self, x, self.channels)
        y = reweight_twice(self.channel, self.spatial, x)  # α_s ⊙ (α_c ⊙ x), (B, C, H, W)
        return y if self.mix is None else self.mix(x, y)  # (B, C, H, W)
