"""The two residual blocks that ResNets are made of, under torchvision's names."""

from jaxtyping import Float
from torch import Tensor, nn

from cbam_teach import checks
from cbam_teach.cbam import CBAM
from cbam_teach.mixing import Amount
from cbam_teach.placement import Attended, AttentionFactory

STRIDE_ON = ("3x3", "1x1")


class BasicBlock(Attended):
    """The residual block of ResNet-18 and 34: two convolutions 3x3.

    F is conv 3x3, BN, ReLU, conv 3x3, BN; the skip path is the identity, or a projection
    (conv 1x1, BN) where the stride or the number of channels changes.

    Args:
        in_channels: channels of x.
        width: channels of both convolutions, and of the output.
        stride: step of the first convolution and of the projection, in pixels.
        attention, placement, input_mix: as in `ResidualBlock`.

    Shape:
        (B, in_channels, H, W) -> (B, width, ceil(H / stride), ceil(W / stride)).

    Raises:
        TypeError, ValueError: as `ResidualBlock` does.

    Source:
        Deep Residual Learning (He et al., 2016), figure 5, left.
    """

    expansion = 1

    def __init__(
        self,
        in_channels: int,
        width: int,
        *,
        stride: int = 1,
        attention: AttentionFactory | None = CBAM,
        placement: str = "inside",
        input_mix: Amount | None = None,
    ) -> None:
        check_sizes("BasicBlock", in_channels, width, stride)
        super().__init__()
        self.conv1 = conv(in_channels, width, 3, stride)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = conv(width, width, 3)
        self.bn2 = nn.BatchNorm2d(width)
        self.downsample = projection(in_channels, width, stride)
        self.place(in_channels, width, attention, placement, input_mix)

    def branch(self, x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b d i j"]:
        x = self.relu(self.bn1(self.conv1(x)))  # (B, width, ⌈H / stride⌉, ⌈W / stride⌉)
        return self.bn2(self.conv2(x))  # (B, width, ⌈H / stride⌉, ⌈W / stride⌉)

    def skip(self, x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b d i j"]:
        return x if self.downsample is None else self.downsample(x)


class Bottleneck(Attended):
    """The residual block of ResNet-50 and 101: a convolution 3x3 between two of 1x1.

    F is conv 1x1, BN, ReLU, conv 3x3, BN, ReLU, conv 1x1, BN; the skip path is the identity,
    or a projection (conv 1x1, BN) where the stride or the number of channels changes.

    Args:
        in_channels: channels of x.
        width: channels between the convolutions; the output has four times as many.
        stride: step of one of the convolutions and of the projection, in pixels.
        stride_on: which convolution takes the step, ``"3x3"`` or ``"1x1"`` (the first one).
        attention, placement, input_mix: as in `ResidualBlock`.

    Shape:
        (B, in_channels, H, W) -> (B, 4 width, ceil(H / stride), ceil(W / stride)).

    Raises:
        TypeError, ValueError: as `ResidualBlock` does, and for another ``stride_on``.

    Source:
        Deep Residual Learning (He et al., 2016), figure 5, right.

    Relative to the paper:
        - The counts in He et al.'s table are those of a step on the first 1x1; torchvision
          steps on the 3x3. See `ResNet`.
    """

    expansion = 4

    def __init__(
        self,
        in_channels: int,
        width: int,
        *,
        stride: int = 1,
        stride_on: str = "3x3",
        attention: AttentionFactory | None = CBAM,
        placement: str = "inside",
        input_mix: Amount | None = None,
    ) -> None:
        check_sizes("Bottleneck", in_channels, width, stride)
        checks.choice("Bottleneck", "stride_on", stride_on, STRIDE_ON)
        super().__init__()
        first, second = (1, stride) if stride_on == "3x3" else (stride, 1)
        out_channels = width * self.expansion
        self.conv1 = conv(in_channels, width, 1, first)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = conv(width, width, 3, second)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = conv(width, out_channels, 1)
        self.bn3 = nn.BatchNorm2d(out_channels)
        self.downsample = projection(in_channels, out_channels, stride)
        self.place(in_channels, out_channels, attention, placement, input_mix)

    def branch(self, x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b d i j"]:
        x = self.relu(self.bn1(self.conv1(x)))  # (B, width, ·, ·): the first step is here
        x = self.relu(self.bn2(self.conv2(x)))  # (B, width, ⌈H / stride⌉, ⌈W / stride⌉): or here
        return self.bn3(self.conv3(x))  # (B, 4 width, ⌈H / stride⌉, ⌈W / stride⌉)

    def skip(self, x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b d i j"]:
        return x if self.downsample is None else self.downsample(x)


def conv(in_channels: int, out_channels: int, side: int, stride: int = 1) -> nn.Conv2d:
    """Build a convolution without bias that keeps height and width at stride 1."""
    made = nn.Conv2d(in_channels, out_channels, side, stride, padding=side // 2, bias=False)
    nn.init.kaiming_normal_(made.weight, mode="fan_out", nonlinearity="relu")
    return made


def projection(in_channels: int, out_channels: int, stride: int) -> nn.Sequential | None:
    """Build the skip path where the shape changes; where it does not, x itself is added."""
    if stride == 1 and in_channels == out_channels:
        return None
    return nn.Sequential(conv(in_channels, out_channels, 1, stride), nn.BatchNorm2d(out_channels))


def check_sizes(owner: str, in_channels: int, width: int, stride: int) -> None:
    checks.integer(owner, "in_channels", in_channels)
    checks.integer(owner, "width", width)
    checks.integer(owner, "stride", stride)
