"""The four places where attention can stand in a residual block, and the block without it."""

from collections.abc import Callable

from jaxtyping import Float
from torch import Tensor, nn

from cbam_teach import checks
from cbam_teach.cbam import CBAM
from cbam_teach.checks import named
from cbam_teach.language import problem
from cbam_teach.mask import Mask, Reweight
from cbam_teach.mixing import Amount, Mix

PLACEMENTS = ("inside", "before", "after", "beside", "none")

AttentionFactory = Callable[[int], nn.Module]


class Attended(nn.Module):
    """The forward pass of a residual block, whatever its branch F and its skip path are.

    A subclass gives itself ``branch`` and ``skip``, modules or methods, and then calls `place`.
    """

    branch: Callable[[Tensor], Tensor]
    skip: Callable[[Tensor], Tensor]

    def place(
        self,
        in_channels: int,
        out_channels: int,
        attention: AttentionFactory | None,
        placement: str,
        input_mix: Amount | None,
    ) -> None:
        """Build the attention for the channels that it will see; options as in `ResidualBlock`."""
        owner = type(self).__name__
        checks.choice(owner, "placement", placement, PLACEMENTS)
        self.in_channels, self.out_channels = in_channels, out_channels
        self.placement = placement
        seen = in_channels if placement == "before" else out_channels
        self.attention = make_attention(owner, attention, placement, seen)
        self.input_mix = make_input_mix(owner, input_mix, placement)
        self.relu = nn.ReLU()

    def forward(self, x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b d i j"]:
        checks.feature_map(self, x, self.in_channels)
        skip, F, A = self.skip, self.branch, self.attend
        match self.placement:
            case "inside":
                y = skip(x) + A(F(x))
            case "before":
                y = skip(x) + F(A(x))
            case "after":
                y = A(skip(x) + F(x))
            case "beside":
                y = A(skip(x)) + F(x)
            case "none":
                y = skip(x) + F(x)
        return self.relu(y)  # (B, out_channels, ⌈H / stride⌉, ⌈W / stride⌉)

    def attend(self, f: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c h w"]:
        """Apply the attention, and λ where there is one."""
        if self.attention is None:
            return f
        y = apply_attention(type(self).__name__, self.attention, f)  # (B, C, H, W)
        return y if self.input_mix is None else self.input_mix(f, y)


def apply_attention(
    owner: str, attention: nn.Module, f: Float[Tensor, "b c h w"]
) -> Float[Tensor, "b c h w"]:
    """Return attention(f), and refuse one that hands back a mask or another shape."""
    y = attention(f)  # (B, C, H, W)
    if y.shape != f.shape:
        raise problem(
            ValueError, "error.attention_shape", owner=owner,
            given=tuple(y.shape), allowed=tuple(f.shape),
        )  # fmt: skip
    return y


def make_attention(
    owner: str, attention: AttentionFactory | None, placement: str, channels: int
) -> nn.Module | None:
    """Build the attention for ``channels`` channels, or nothing where none has a place."""
    allowed = "CBAM, ChannelAttention, lambda channels: …"
    if placement == "none":
        if attention is None or attention is CBAM:
            return None
        raise problem(
            ValueError, "error.no_attention", owner=owner,
            given=named(attention), allowed="None",
        )  # fmt: skip
    if attention is None:
        raise problem(
            ValueError, "error.need_attention", owner=owner, placement=placement,
            given="None", allowed=allowed,
        )  # fmt: skip
    if isinstance(attention, nn.Module) or not callable(attention):
        raise problem(
            TypeError, "error.factory", owner=owner,
            given=type(attention).__name__, allowed=allowed,
        )  # fmt: skip
    made = attention(channels)
    if not isinstance(made, nn.Module):
        raise problem(
            TypeError, "error.factory", owner=owner,
            given=named(made), allowed=allowed,
        )  # fmt: skip
    return Reweight(made) if isinstance(made, Mask) else made


def make_input_mix(owner: str, input_mix: Amount | None, placement: str) -> Mix | None:
    """Build λ, or nothing where none is asked for; refuse it where no input is mixed."""
    if input_mix is None:
        return None
    if placement != "before":
        raise problem(
            ValueError, "error.input_mix", owner=owner,
            given=f"placement={placement!r}", allowed="placement='before'",
        )  # fmt: skip
    return Mix(owner, "input_mix", input_mix, bounded=True)
