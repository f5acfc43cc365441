"""ResNet-18, 34, 50 and 101 with attention in every block, under torchvision's names."""

from functools import partial

from jaxtyping import Float
from torch import Tensor, nn

from cbam_teach import checks
from cbam_teach.cbam import CBAM
from cbam_teach.language import problem
from cbam_teach.mixing import Amount
from cbam_teach.placement import AttentionFactory
from cbam_teach.resnet_blocks import STRIDE_ON, BasicBlock, Bottleneck, conv

# depth -> blocks in each of the four stages
STAGES = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 6, 3), 101: (3, 4, 23, 3)}


class ResNet(nn.Module):
    """ResNet for pictures of 3 channels, with attention in every residual block.

    Parameters and buffers have torchvision's names, so that its files load with only the
    attention's keys missing, ``layer1.0.attention. …`` and so on:

    >>> model = ResNet(50)
    >>> model.load_state_dict(torch.load("resnet50.pth"), strict=False)

    Fresh masks start near ½, so that such a model starts with every branch at about a quarter
    of what its weights were trained for; ``lambda channels: CBAM(channels, mix=Learnable(0.0))``
    starts as the pretrained network itself.

    Args:
        depth: 18 or 34, made of `BasicBlock`; 50 or 101, made of `Bottleneck`.
        num_classes: K, the number of logits.
        attention, placement, input_mix: as in `ResidualBlock`, for every block; with
            placement "none" it is the plain network.
        stride_on: which convolution of a `Bottleneck` halves the map. ``"3x3"`` is
            torchvision's and timm's, ``"1x1"`` (the first one) the papers'. **The shapes of
            the weights are the same: a file made for the other one loads in silence, and the
            network is worse for it.** A `BasicBlock` has no convolution 1x1 to step on.

    Shape:
        (B, 3, H, W) -> (B, K). The map is 1/4 of the picture after the stem, rounded up, and
        64, 128, 256, 512 channels (four times as many for 50 and 101) at 1/4, 1/8, 1/16, 1/32
        after the four stages.

    Raises:
        TypeError, ValueError: for an option that is not allowed, and for ``stride_on="1x1"``
            with a depth of 18 or 34, when the module is built; in ``forward`` for an input
            that is not a floating-point (B, 3, H, W).

    Source:
        Deep Residual Learning (He et al., 2016), table 1; CBAM (Woo et al., 2018), section 4.

    Relative to the paper:
        - The counts in CBAM's table are those of ``stride_on="1x1"`` and of masks as the
          authors released them, ``CBAM(channels, channel=ChannelAttention(channels, bias=True,
          min_hidden=1), spatial=SpatialAttention(norm_momentum=0.01))``.
        - Convolutions start as in torchvision and He et al. (2015), with the fan-out. The
          attention starts as its own modules do.
    """

    def __init__(
        self,
        depth: int = 18,
        *,
        num_classes: int = 1000,
        attention: AttentionFactory | None = CBAM,
        placement: str = "inside",
        input_mix: Amount | None = None,
        stride_on: str = "3x3",
    ) -> None:
        super().__init__()
        check_depth(depth, stride_on)
        checks.integer("ResNet", "num_classes", num_classes)
        small = depth in (18, 34)
        kind = BasicBlock if small else partial(Bottleneck, stride_on=stride_on)
        block = partial(kind, attention=attention, placement=placement, input_mix=input_mix)
        growth = BasicBlock.expansion if small else Bottleneck.expansion
        one, two, three, four = STAGES[depth]

        def stage(before: int, width: int, blocks: int, stride: int = 2) -> nn.Sequential:
            first = block(before, width, stride=stride)
            rest = (block(width * growth, width) for _ in range(blocks - 1))
            return nn.Sequential(first, *rest)

        self.conv1 = conv(3, 64, 7, 2)
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU()
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        self.layer1 = stage(64, 64, one, stride=1)
        self.layer2 = stage(64 * growth, 128, two)
        self.layer3 = stage(128 * growth, 256, three)
        self.layer4 = stage(256 * growth, 512, four)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(512 * growth, num_classes)

    def forward(self, x: Float[Tensor, "b 3 h w"]) -> Float[Tensor, "b k"]:
        checks.feature_map(self, x, 3)
        x = self.relu(self.bn1(self.conv1(x)))  # (B, 64, H / 2, W / 2)
        x = self.maxpool(x)  # (B, 64, H / 4, W / 4)
        x = self.layer1(x)  # (B, 64 or 256, H / 4, W / 4)
        x = self.layer2(x)  # (B, 128 or 512, H / 8, W / 8)
        x = self.layer3(x)  # (B, 256 or 1024, H / 16, W / 16)
        x = self.layer4(x)  # (B, 512 or 2048, H / 32, W / 32)
        x = self.avgpool(x).flatten(1)  # (B, 512 or 2048)
        return self.fc(x)  # (B, K)


def check_depth(depth: int, stride_on: str) -> None:
    """Refuse a depth without a table, and an option that the depth's blocks have no use for."""
    checks.integer("ResNet", "depth", depth)
    if depth not in STAGES:
        raise problem(
            ValueError, "error.choice", owner="ResNet", option="depth",
            given=depth, allowed=list(STAGES),
        )  # fmt: skip
    checks.choice("ResNet", "stride_on", stride_on, STRIDE_ON)
    if depth in (18, 34) and stride_on == "1x1":
        raise problem(
            ValueError, "error.stride_on", owner="ResNet", depth=depth,
            given="stride_on='1x1'", allowed="stride_on='3x3'",
        )  # fmt: skip
