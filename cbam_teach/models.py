"""Two small networks for pictures of 3 channels: one flat, one in stages."""

from functools import partial

from jaxtyping import Float
from torch import Tensor, nn

from cbam_teach import checks
from cbam_teach.blocks import ResidualBlock
from cbam_teach.cbam import CBAM
from cbam_teach.mixing import Amount
from cbam_teach.placement import AttentionFactory


class SimpleCNN(nn.Module):
    """Stem, block, two residual blocks, block, head: logits for pictures of any size.

    Args:
        num_classes: K, the number of logits.
        attention: as in `ResidualBlock`, for both blocks.
        placement: as in `ResidualBlock`, for both blocks.
        input_mix: as in `ResidualBlock`, for both blocks; each has its own.

    Shape:
        (B, 3, H, W) -> (B, K).

    Raises:
        TypeError, ValueError: for an option that is not allowed, when the module is built;
            in ``forward`` for an input that is not a floating-point (B, 3, H, W).

    Source:
        The notes' flat network with Pattern 1, and with Pattern 3: ``placement="before"`` and
        ``input_mix=Learnable(0.1)``.
    """

    def __init__(
        self,
        num_classes: int = 10,
        *,
        attention: AttentionFactory | None = CBAM,
        placement: str = "inside",
        input_mix: Amount | None = None,
    ) -> None:
        super().__init__()
        block = partial(
            ResidualBlock, attention=attention, placement=placement, input_mix=input_mix
        )
        checks.integer("SimpleCNN", "num_classes", num_classes)
        self.stem = conv_bn_relu(3, 32)
        self.block1 = conv_bn_relu(32, 64)
        self.res1 = block(64, 64)
        self.res2 = block(64, 128, stride=2)
        self.block2 = conv_bn_relu(128, 128)
        self.head = nn.Sequential(
            nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(128, num_classes)
        )

    def forward(self, x: Float[Tensor, "b 3 h w"]) -> Float[Tensor, "b k"]:
        checks.feature_map(self, x, 3)
        x = self.stem(x)  # (B, 32, H, W)
        x = self.block1(x)  # (B, 64, H, W)
        x = self.res1(x)  # (B, 64, H, W)
        x = self.res2(x)  # (B, 128, H / 2, W / 2)
        x = self.block2(x)  # (B, 128, H / 2, W / 2)
        return self.head(x)  # (B, K)


class MiniResNet(nn.Module):
    """Stem, three stages of residual blocks (64, 128, 256 channels), head.

    Every stage halves height and width in its first block.

    Args:
        num_classes: K, the number of logits.
        blocks: residual blocks in each stage.
        attention, placement, input_mix: as in `ResidualBlock`, for every block.

    Shape:
        (B, 3, H, W) -> (B, K).

    Raises:
        TypeError, ValueError: for an option that is not allowed, when the module is built;
            in ``forward`` for an input that is not a floating-point (B, 3, H, W).

    Source:
        The notes' Mini-ResNet, which they describe and do not write.
    """

    def __init__(
        self,
        num_classes: int = 10,
        *,
        blocks: int = 2,
        attention: AttentionFactory | None = CBAM,
        placement: str = "inside",
        input_mix: Amount | None = None,
    ) -> None:
        super().__init__()
        block = partial(
            ResidualBlock, attention=attention, placement=placement, input_mix=input_mix
        )
        checks.integer("MiniResNet", "num_classes", num_classes)
        checks.integer("MiniResNet", "blocks", blocks)

        def stage(before: int, width: int) -> nn.Sequential:
            first = block(before, width, stride=2)
            rest = (block(width, width) for _ in range(blocks - 1))
            return nn.Sequential(first, *rest)

        self.stem = conv_bn_relu(3, 64)
        self.stage1 = stage(64, 64)
        self.stage2 = stage(64, 128)
        self.stage3 = stage(128, 256)
        self.head = nn.Sequential(
            nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(256, num_classes)
        )

    def forward(self, x: Float[Tensor, "b 3 h w"]) -> Float[Tensor, "b k"]:
        checks.feature_map(self, x, 3)
        x = self.stem(x)  # (B, 64, H, W)
        x = self.stage1(x)  # (B, 64, H / 2, W / 2)
        x = self.stage2(x)  # (B, 128, H / 4, W / 4)
        x = self.stage3(x)  # (B, 256, H / 8, W / 8)
        return self.head(x)  # (B, K)


def conv_bn_relu(in_channels: int, out_channels: int) -> nn.Sequential:
    """Build conv 3x3, BN, ReLU; height and width stay."""
    return nn.Sequential(
        nn.Conv2d(in_channels, out_channels, 3, padding=1, bias=False),
        nn.BatchNorm2d(out_channels),
        nn.ReLU(),
    )
