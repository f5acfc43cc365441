"""The network that all variants of the experiments share: a stem, two residual blocks, a head."""

from collections.abc import Callable

from jaxtyping import Float
from torch import Tensor, nn

from cbam_teach import checks
from cbam_teach.blocks import ResidualBlock
from cbam_teach.mixing import Amount
from cbam_teach.placement import AttentionFactory
from cbam_teach.spatial import SpatialAttention

WIDTHS = (16, 32, 64)
CLASSES = 10
PADDINGS = ("zeros", "circular")


class ProbeNet(nn.Module):
    """Stem, two residual blocks, mean over all pixels, ten logits; the first three halve the map.

    Small enough for a training run to take a quarter of a minute on one thread, and the same in
    every experiment: variants differ in what stands in the two blocks, and in nothing else.

    Args:
        attention, placement, input_mix: as in `ResidualBlock`, for both blocks.
        padding: ``"zeros"``, or ``"circular"``: every convolution sees the picture as a ring, so
            that none can tell where its border is.
        branch: called with each block's residual branch, returns what stands in its place; for
            planted bugs.

    Shape:
        (B, 3, H, W) -> (B, 10); the blocks' outputs are (B, 32, H / 4, W / 4) and
        (B, 64, H / 8, W / 8).

    Raises:
        TypeError, ValueError: for an option that is not allowed, when built, a
            `SpatialAttention` in a circular network among them: its window always finds zeros
            beyond the border; in ``forward`` for an input that is not a floating-point
            (B, 3, H, W).
    """

    def __init__(
        self,
        attention: AttentionFactory | None = None,
        *,
        placement: str = "none",
        input_mix: Amount | None = None,
        padding: str = "zeros",
        branch: Callable[[nn.Sequential], nn.Module] | None = None,
    ) -> None:
        super().__init__()
        checks.choice("ProbeNet", "padding", padding, PADDINGS)

        def block(before: int, width: int) -> ResidualBlock:
            return ResidualBlock(
                before, width, stride=2,
                attention=attention, placement=placement, input_mix=input_mix,
            )  # fmt: skip

        self.stem = nn.Sequential(
            nn.Conv2d(3, WIDTHS[0], 3, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(WIDTHS[0]),
            nn.ReLU(),
        )
        self.block1 = block(WIDTHS[0], WIDTHS[1])
        self.block2 = block(WIDTHS[1], WIDTHS[2])
        self.head = nn.Sequential(
            nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(WIDTHS[2], CLASSES)
        )
        if branch is not None:
            for part in (self.block1, self.block2):
                assert isinstance(part.branch, nn.Sequential)
                part.branch = branch(part.branch)
        if padding == "circular":
            make_circular(self)

    def forward(self, x: Float[Tensor, "b 3 h w"]) -> Float[Tensor, "b 10"]:
        checks.feature_map(self, x, 3)
        x = self.stem(x)  # (B, 16, H / 2, W / 2)
        x = self.block1(x)  # (B, 32, H / 4, W / 4)
        x = self.block2(x)  # (B, 64, H / 8, W / 8)
        return self.head(x)  # (B, 10)


def make_circular(net: nn.Module) -> None:
    """Let every convolution of a network wrap around the border."""
    for name, part in net.named_modules():
        if isinstance(part, SpatialAttention):
            checks.choice("ProbeNet", f"padding ({name})", "circular", ("zeros",))
        if isinstance(part, nn.Conv2d):
            part.padding_mode = "circular"
