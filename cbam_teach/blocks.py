"""The residual block, and the five places where attention can stand in it."""

from collections import OrderedDict
from collections.abc import Callable

from jaxtyping import Float
from torch import Tensor, nn

from cbam_teach import checks
from cbam_teach.cbam import CBAM
from cbam_teach.checks import named
from cbam_teach.language import problem
from cbam_teach.mask import Mask, Reweight

PLACEMENTS = ("inside", "before", "after", "beside", "none")

AttentionFactory = Callable[[int], nn.Module]


class ResidualBlock(nn.Module):
    """Add a branch to a skip path, with attention A in one of five places.

    ========== ============================ =============================
    placement  equation                     what A sees
    ========== ============================ =============================
    inside     relu(skip(x) + A(F(x)))      the residual branch's output
    before     relu(skip(x) + F(A(x)))      the branch's input
    after      relu(A(skip(x) + F(x)))      the sum
    beside     relu(A(skip(x)) + F(x))      the skip path
    none       relu(skip(x) + F(x))         nothing: the plain block
    ========== ============================ =============================

    F is conv 3x3, BN, ReLU, conv 3x3, BN. The skip path is the identity, or a projection
    (conv 1x1, BN) where the stride or the number of channels changes.

    Args:
        in_channels: channels of x.
        out_channels: channels of the output.
        stride: step of the first convolution and of the projection, in pixels.
        attention: called with the number of channels it will see (``in_channels`` for
            "before", else ``out_channels``), returns a module that keeps its input's shape;
            a `Mask` is wrapped in `Reweight`. With placement "none" it is None or left alone.
        placement: one of the words above.

    Shape:
        (B, in_channels, H, W) -> (B, out_channels, ceil(H / stride), ceil(W / stride)).

    Raises:
        TypeError, ValueError: for an option that is not allowed, when the module is built;
            in ``forward`` for an input that is not a floating-point (B, in_channels, H, W),
            or when the attention changes the shape of what it is given.

    Source:
        Block: He et al. (2016), section 3, figure 2. Inside: CBAM (Woo et al., 2018),
        figure 3. Before, after, beside: Squeeze-and-Excitation Networks (Hu et al., 2018),
        "Integration strategy" in the ablations (SE-PRE, SE-POST, SE-Identity).

    Relative to the paper:
        - As in the papers the convolutions have no bias term and the last step is a ReLU.
        - Where the shape changes, He et al. also try padding the skip path with zeros; here it
          is always a projection (their option B).
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        *,
        stride: int = 1,
        attention: AttentionFactory | None = CBAM,
        placement: str = "inside",
    ) -> None:
        super().__init__()
        checks.integer("ResidualBlock", "in_channels", in_channels)
        checks.integer("ResidualBlock", "out_channels", out_channels)
        checks.integer("ResidualBlock", "stride", stride)
        checks.choice("ResidualBlock", "placement", placement, PLACEMENTS)
        self.in_channels = in_channels
        self.placement = placement
        self.branch = residual_branch(in_channels, out_channels, stride)
        self.skip = skip_path(in_channels, out_channels, stride)
        seen = in_channels if placement == "before" else out_channels
        self.attention = make_attention(attention, placement, seen)
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
        """Apply the attention, and refuse one that hands back a mask or another shape."""
        if self.attention is None:
            return f
        y = self.attention(f)  # (B, C, H, W)
        if y.shape != f.shape:
            raise problem(
                ValueError, "error.attention_shape", owner="ResidualBlock",
                given=tuple(y.shape), allowed=tuple(f.shape),
            )  # fmt: skip
        return y


def residual_branch(in_channels: int, out_channels: int, stride: int) -> nn.Sequential:
    """Build F: conv 3x3, BN, ReLU, conv 3x3, BN."""
    return nn.Sequential(
        OrderedDict(
            conv1=nn.Conv2d(in_channels, out_channels, 3, stride, padding=1, bias=False),
            bn1=nn.BatchNorm2d(out_channels),
            relu=nn.ReLU(),
            conv2=nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False),
            bn2=nn.BatchNorm2d(out_channels),
        )
    )


def skip_path(in_channels: int, out_channels: int, stride: int) -> nn.Module:
    """Build the skip path: the identity, or a projection where the shape changes."""
    if stride == 1 and in_channels == out_channels:
        return nn.Identity()
    return nn.Sequential(
        OrderedDict(
            conv=nn.Conv2d(in_channels, out_channels, 1, stride, bias=False),
            bn=nn.BatchNorm2d(out_channels),
        )
    )


def make_attention(
    attention: AttentionFactory | None, placement: str, channels: int
) -> nn.Module | None:
    """Build the attention for ``channels`` channels, or nothing where none has a place."""
    allowed = "CBAM, ChannelAttention, lambda channels: …"
    if placement == "none":
        if attention is None or attention is CBAM:
            return None
        raise problem(
            ValueError, "error.no_attention", owner="ResidualBlock",
            given=named(attention), allowed="None",
        )  # fmt: skip
    if attention is None:
        raise problem(
            ValueError, "error.need_attention", owner="ResidualBlock", placement=placement,
            given="None", allowed=allowed,
        )  # fmt: skip
    if isinstance(attention, nn.Module) or not callable(attention):
        raise problem(
            TypeError, "error.factory", owner="ResidualBlock",
            given=type(attention).__name__, allowed=allowed,
        )  # fmt: skip
    made = attention(channels)
    if not isinstance(made, nn.Module):
        raise problem(
            TypeError, "error.factory", owner="ResidualBlock",
            given=named(made), allowed=allowed,
        )  # fmt: skip
    return Reweight(made) if isinstance(made, Mask) else made
