"""What a recipe file for ImageNet says: the network, the pictures, the training."""

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from cbam_teach import checks
from cbam_teach.cbam import CBAM
from cbam_teach.channel import ChannelAttention
from cbam_teach.language import problem
from cbam_teach.placement import AttentionFactory
from cbam_teach.recipe import Recipe, from_table, read_toml
from cbam_teach.resnet import ResNet, check_depth
from cbam_teach.spatial import SpatialAttention
from cbam_teach.squeeze import SqueezeExcitation


def released_cbam(channels: int) -> CBAM:
    """Build CBAM as the authors released it, with their ResNet's first values."""
    channel = ChannelAttention(channels, bias=True, min_hidden=1)
    spatial = SpatialAttention(norm_momentum=0.01)
    biases = [p for name, p in channel.named_parameters() if name.endswith("bias")]
    # The norm's scale is 0 as well, so that the spatial mask starts at ½ everywhere.
    for parameter in (*biases, *spatial.norm.parameters()):
        nn.init.zeros_(parameter)
    nn.init.kaiming_normal_(spatial.conv.weight, mode="fan_out")  # deviation √(2 / 49)
    return CBAM(channels, channel=channel, spatial=spatial)


ATTENTIONS: dict[str, AttentionFactory | None] = {
    "cbam": released_cbam,
    "se": SqueezeExcitation,
    "none": None,
}


@dataclass(frozen=True)
class Network:
    """Which ResNet is trained: depth and stride_on as in `ResNet`, attention "cbam" (as the
    authors released it), "se" or "none"."""

    depth: int
    attention: str = "cbam"
    stride_on: str = "3x3"

    def __post_init__(self) -> None:
        check_depth(self.depth, self.stride_on)
        checks.choice("Network", "attention", self.attention, ATTENTIONS)

    def build(self, num_classes: int, seed: int) -> ResNet:
        torch.manual_seed(seed)
        return ResNet(
            self.depth,
            num_classes=num_classes,
            attention=ATTENTIONS[self.attention],
            placement="none" if self.attention == "none" else "inside",
            stride_on=self.stride_on,
        )


@dataclass(frozen=True)
class Squares:
    """What is cut out of a picture: the side of the square, and the short side before that
    at test, in pixels."""

    size: int = 224
    short_side: int = 256

    def __post_init__(self) -> None:
        checks.integer("Squares", "size", self.size)
        checks.integer("Squares", "short_side", self.short_side, least=self.size)


@dataclass(frozen=True)
class ImageNetRecipe:
    """The three tables of a recipe file."""

    network: Network
    pictures: Squares
    training: Recipe


TABLES: dict[str, type] = {"network": Network, "pictures": Squares, "training": Recipe}
SHIPPED = Path(__file__).parent / "recipes"


def read_recipe(name: str) -> ImageNetRecipe:
    """Read a recipe that comes with the package, or a file.

    Args:
        name: as ``"imagenet_cbam_resnet50"``, or a path that ends in ``.toml``.

    Raises:
        FileNotFoundError, TypeError, ValueError: when there is no such recipe, or it holds
            an unknown key, lacks one, or has a value that is not allowed.
    """
    known = sorted(path.stem for path in SHIPPED.glob("*.toml"))
    if not name.endswith(".toml") and name not in known:
        raise problem(ValueError, "error.recipe_name", given=repr(name), allowed=[*known, "….toml"])
    path = SHIPPED / f"{name}.toml" if name in known else Path(name)
    table = read_toml(path)
    parts: dict[str, object] = {
        key: from_table(kind, f"[{key}]", table[key])
        for key, kind in TABLES.items()
        if key in table
    }
    return from_table(ImageNetRecipe, path.name, table | parts)
