"""The network of the opening chapter: `ProbeNet`'s plan with fewer channels."""

from jaxtyping import Float
from torch import Tensor, nn

from cbam_teach import checks
from cbam_teach.blocks import ResidualBlock
from cbam_teach.cbam import CBAM

#: The names of the two networks.
NETWORKS = ("plain", "cbam")
WIDTHS = (8, 16, 18)  # of the stem and of the two blocks: a page takes two such networks
CLASSES = 10


class OpeningNet(nn.Module):
    """Stem, two residual blocks, mean over positions, ten logits; the first three halve the map.

    Args:
        name: ``"plain"``, or ``"cbam"``: a CBAM before the branch of both blocks.

    Shape:
        (B, 3, H, W) -> (B, 10); the first block's channel mask is (B, 8, 1, 1).

    Raises:
        TypeError, ValueError: for another name, when built; in ``forward`` for an input that
            is not a floating-point (B, 3, H, W).
    """

    def __init__(self, name: str = "cbam") -> None:
        super().__init__()
        checks.choice("OpeningNet", "name", name, NETWORKS)
        attention, placement = (CBAM, "before") if name == "cbam" else (None, "none")
        first, second, third = WIDTHS
        self.stem = nn.Sequential(
            nn.Conv2d(3, first, 3, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(first),
            nn.ReLU(),
        )
        self.block1 = ResidualBlock(
            first, second, stride=2, attention=attention, placement=placement
        )
        self.block2 = ResidualBlock(
            second, third, stride=2, attention=attention, placement=placement
        )
        self.head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(third, CLASSES))

    def forward(self, x: Float[Tensor, "b 3 h w"]) -> Float[Tensor, "b 10"]:
        checks.feature_map(self, x, 3)
        x = self.stem(x)  # (B, 8, H / 2, W / 2)
        x = self.block1(x)  # (B, 16, H / 4, W / 4)
        x = self.block2(x)  # (B, 18, H / 8, W / 8)
        return self.head(x)  # (B, 10)
