"""The residual block, with attention in one of four places or in none."""

from collections import OrderedDict

from torch import nn

from cbam_teach import checks
from cbam_teach.cbam import CBAM
from cbam_teach.mixing import Amount
from cbam_teach.placement import Attended, AttentionFactory


class ResidualBlock(Attended):
    """Add a branch to a skip path, with attention A in one of four places, or in none.

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
            a `Mask` is wrapped in `Reweight`. A class that takes no channels needs
            ``lambda channels: SpatialAttention()``. With placement "none" it is None or left
            alone.
        placement: one of the words above.
        input_mix: λ, with placement "before" only: F then sees (1 - λ) x + λ A(x). A number in
            [0, 1] that stays, ``Learnable(start)``, which is held in (0, 1) by a sigmoid, a
            ``WarmUp`` towards either, or None for A(x) alone.

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
        - SE-POST stands after the last ReLU, A(relu(skip(x) + F(x))); "after" stands before it.
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
        input_mix: Amount | None = None,
    ) -> None:
        checks.integer("ResidualBlock", "in_channels", in_channels)
        checks.integer("ResidualBlock", "out_channels", out_channels)
        checks.integer("ResidualBlock", "stride", stride)
        super().__init__()
        self.branch = residual_branch(in_channels, out_channels, stride)
        self.skip = skip_path(in_channels, out_channels, stride)
        self.place(in_channels, out_channels, attention, placement, input_mix)


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
