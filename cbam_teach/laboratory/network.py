"""The small network of the mask laboratory: one residual block with attention, and little else."""

from itertools import pairwise

from jaxtyping import Float
from torch import Tensor, nn

from cbam_teach import checks
from cbam_teach.blocks import ResidualBlock
from cbam_teach.ladder import LADDER

CHANNELS = 16  # of the map that the masks weigh
WIDTHS = (CHANNELS, 16, 24, 32)  # of the head, layer by layer
DIGITS = 10


class LaboratoryNet(nn.Module):
    """Stem, one residual block with a rung's attention inside, head: logits for ten digits.

    The block is the book's Pattern 1, relu(x + A(F(x))), so that both masks can be shut and the
    picture still gets through; its map is half as large as the picture on each side, the
    largest on which a page computes the whole network in a few milliseconds. The stem reads
    the mean of the three channels: it was shown grey pictures only, and nothing that it could
    do with colour would have been learned. The head halves the map three times with separable
    convolutions, which keep the file small.

    Args:
        rung: a name of `LADDER`, or None for the same block without attention.

    Shape:
        (B, 3, H, W) -> (B, 10); the masks are (B, 16, 1, 1) and (B, 1, H / 2, W / 2).

    Raises:
        TypeError, ValueError: for another name, when built; in ``forward`` for an input that
            is not a floating-point (B, 3, H, W).
    """

    def __init__(self, rung: str | None = "cbam") -> None:
        super().__init__()
        if rung is not None:
            checks.choice("LaboratoryNet", "rung", rung, LADDER)
        self.stem = nn.Sequential(
            nn.Conv2d(1, CHANNELS, 3, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(CHANNELS),
            nn.ReLU(),
        )
        attention, placement = (None, "none") if rung is None else (LADDER[rung], "inside")
        self.block = ResidualBlock(CHANNELS, CHANNELS, attention=attention, placement=placement)
        self.head = nn.Sequential(
            *(halve(*pair) for pair in pairwise(WIDTHS)),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(WIDTHS[-1], DIGITS),
        )

    def forward(self, x: Float[Tensor, "b 3 h w"]) -> Float[Tensor, "b 10"]:
        checks.feature_map(self, x, 3)
        x = self.stem(x.mean(dim=1, keepdim=True))  # (B, 16, H / 2, W / 2)
        x = self.block(x)  # (B, 16, H / 2, W / 2)
        return self.head(x)  # (B, 10)


def halve(before: int, after: int) -> nn.Sequential:
    """Build a depthwise conv 3x3 of stride 2, a pointwise one, BN, ReLU."""
    return nn.Sequential(
        nn.Conv2d(before, before, 3, stride=2, padding=1, groups=before, bias=False),
        nn.Conv2d(before, after, 1, bias=False),
        nn.BatchNorm2d(after),
        nn.ReLU(),
    )
