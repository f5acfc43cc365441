"""Right blocks: the doctor may remark on them, and must not fail them."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import foreign
import peers
import right_strangers as rs
import torch
from torch import nn

from cbam_teach import (
    LADDER,
    ChannelAttention,
    CoordinateAttention,
    DynamicSpatialAttention,
    EfficientChannelAttention,
    Learnable,
    ResidualBlock,
    SimpleCNN,
    SpatialAttention,
    SqueezeExcitation,
    WarmUp,
    insert_attention,
)
from cbam_teach.resnet_blocks import BasicBlock, Bottleneck

SHAPES = ((4, 12, 12), (3, 7, 10))  # (B, H, W)


@dataclass(frozen=True)
class Right:
    """A right block, what it takes, where its attention stands, and what is remarked."""

    name: str
    make: Callable[[], nn.Module]
    channels: int = 16
    placement: str = "inside"
    attention: str | tuple[str, ...] | None = None
    remarks: tuple[str, ...] = ()
    dtype: torch.dtype = torch.float32
    seed: int = 0

    def build(self) -> nn.Module:
        """Build the block, the same in every run."""
        with torch.random.fork_rng():
            torch.manual_seed(self.seed)
            return self.make().to(self.dtype)

    def x(self, shape: tuple[int, int, int], seed: int = 0) -> torch.Tensor:
        """Return an input (B, channels, H, W)."""
        generator = torch.Generator().manual_seed(seed)
        batch, high, wide = shape
        x = torch.randn(batch, self.channels, high, wide, generator=generator)
        return x.to(self.dtype)

    def __str__(self) -> str:
        return self.name


def own(factory, out: int = 16, block=ResidualBlock, **options):
    """Return what builds one of our blocks."""
    return lambda: block(16, out, attention=factory, **options)


def ladder() -> list[Right]:
    """Every step of the ladder in each of the four places."""
    steps = list(LADDER)
    rights = []
    for number, step in enumerate(steps):
        for placement in ("inside", "before", "after", "beside"):
            remarks = ("skip-untouched",) if placement == "inside" and number >= 3 else ()
            if number >= steps.index("coordinate"):
                remarks += ("places-matter",)
            make = own(LADDER[step], placement=placement)
            rights.append(Right(f"{step} {placement}", make, 16, placement, None, remarks))
    return rights


def ours() -> list[Right]:
    """Our other masks, mixtures, strides and blocks."""
    masks = {
        "se": partial(SqueezeExcitation, reduction=4),
        "eca": EfficientChannelAttention,
        "coordinate mask": CoordinateAttention,
        "channel": ChannelAttention,
        "spatial": lambda channels: SpatialAttention(),
        "dynamic mask": lambda channels: DynamicSpatialAttention(),
        "spatial with norm": lambda channels: SpatialAttention(norm_momentum=0.1),
    }
    warm = own(LADDER["cbam"], placement="before", input_mix=WarmUp(0.8, 10))
    cbam = LADDER["cbam"]
    return [
        *(Right(name, own(mask)) for name, mask in masks.items()),
        *(
            Right(f"input_mix {name}", own(cbam, placement="before", input_mix=mix), 16, "before")
            for name, mix in {"0.5": 0.5, "learnable": Learnable(0.3)}.items()
        ),
        *(
            Right(f"step {where}", own(cbam, 24, stride=2, placement=where), 16, where)
            for where in ("inside", "before", "after", "beside")
        ),
        Right("input_mix warm-up", warm, 16, "before", None, ("all-parameters-learn",)),
        Right("our BasicBlock", own(cbam, 24, BasicBlock, stride=2)),
        Right("our Bottleneck", own(cbam, 8, Bottleneck, stride=2)),
        Right("evaluating", lambda: own(LADDER["dynamic"])().eval(), remarks=("skip-untouched",)),
        Right("double", own(LADDER["dynamic"]), remarks=("skip-untouched",), dtype=torch.float64),
        Right("last norm at zero", lambda: rs.seeded(own(cbam)(), [("branch.bn2.weight", 0)]),
              remarks=("all-parameters-learn",)),
        Right("foreign basic", lambda: inserted(foreign.BasicBlock).layer1[0], 8),
        Right("foreign step", lambda: inserted(foreign.BasicBlock).layer2[0], 8),
        Right("foreign bottleneck", lambda: inserted(foreign.Bottleneck).layer2[0], 32),
        Right("foreign shortcut", lambda: inserted(foreign.ShortcutBlock, 16)),
        Right("of a network", lambda: SimpleCNN(attention=cbam).res2, 64),
    ]  # fmt: skip


def inserted(block: type[nn.Module], *channels: int) -> nn.Module:
    model = block(*channels) if channels else foreign.Net(block)
    return insert_attention(model, LADDER["cbam"])


def timm_block(kind: str, attention: str, channels: int, **options) -> nn.Module:
    resnet = peers.timm().resnet
    layer = {"cbam": "CbamModule", "se": "SEModule", "eca": "EcaModule", "coord": "CoordAttn"}
    options["attn_layer"] = getattr(peers.timm(), layer[attention])
    block = getattr(resnet, kind)
    planes = channels // block.expansion
    if options.get("stride", 1) > 1:
        options["downsample"] = resnet.downsample_avg(channels, channels, 1, 2)
    if "drop_path" in options:
        options["drop_path"] = resnet.DropPath(options["drop_path"])
    return block(channels, planes, **options)


def of_timm() -> list[Right]:
    """timm's two blocks with its attention; its CBAM has no bias, hence the channels."""
    ways = {"": {}, " step": {"stride": 2}, " drop": {"drop_path": 0.5}}
    return [
        Right(f"timm {kind} {layer}{name}", partial(timm_block, kind, layer, 64, **options), 64)
        for kind in ("BasicBlock", "Bottleneck")
        for layer in ("cbam", "se", "eca", "coord")
        for name, options in ways.items()
    ]
