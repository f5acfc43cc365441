"""A small network with two residual blocks, for pictures of 3 channels."""

from jaxtyping import Float
from torch import Tensor, nn

from cbam_teach import checks
from cbam_teach.blocks import AttentionFactory, ResidualBlock
from cbam_teach.cbam import CBAM


class SimpleCNN(nn.Module):
    """Stem, block, two residual blocks, block, head: logits for pictures of any size.

    Args:
        num_classes: K, the number of logits.
        attention: as in `ResidualBlock`, for both blocks.
        placement: as in `ResidualBlock`, for both blocks.

    Shape:
        (B, 3, H, W) -> (B, K).

    Raises:
        TypeError, ValueError: for an option that is not allowed, when the module is built;
            in ``forward`` for an input that is not a floating-point (B, 3, H, W).
    """

    def __init__(
        self,
        num_classes: int = 10,
        *,
        attention: AttentionFactory | None = CBAM,
        placement: str = "inside",
    ) -> None:
        super().__init__()
        checks.integer("SimpleCNN", "num_classes", num_classes)
        self.stem = conv_bn_relu(3, 32)
        self.block1 = conv_bn_relu(32, 64)
        self.res1 = ResidualBlock(64, 64, attention=attention, placement=placement)
        self.res2 = ResidualBlock(64, 128, stride=2, attention=attention, placement=placement)
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


def conv_bn_relu(in_channels: int, out_channels: int) -> nn.Sequential:
    """Build conv 3x3, BN, ReLU; height and width stay."""
    return nn.Sequential(
        nn.Conv2d(in_channels, out_channels, 3, padding=1, bias=False),
        nn.BatchNorm2d(out_channels),
        nn.ReLU(),
    )
