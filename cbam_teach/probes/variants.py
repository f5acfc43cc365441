"""What stands in the blocks of the network: a name for each variant of the experiments."""

from functools import partial
from types import MappingProxyType
from typing import Any

import torch
from torch import nn

from cbam_teach import checks
from cbam_teach.cbam import CBAM
from cbam_teach.channel import ChannelAttention
from cbam_teach.dynamic import DynamicSpatialAttention
from cbam_teach.ladder import LADDER
from cbam_teach.mixing import Learnable
from cbam_teach.probes import faults
from cbam_teach.probes.annealed import AnnealedRouter
from cbam_teach.probes.network import ProbeNet
from cbam_teach.spatial import SpatialAttention
from cbam_teach.squeeze import SqueezeExcitation

OPEN = 3.0  # the logit at which an open gate starts: sigmoid(3) = 0.95


def channel(channels: int) -> ChannelAttention:
    return ChannelAttention(channels)


def spatial(channels: int) -> SpatialAttention:
    return SpatialAttention()


def mean_only(channels: int) -> faults.OneSummary:
    return faults.OneSummary(channels, faults.mean)


def maximum_only(channels: int) -> faults.OneSummary:
    return faults.OneSummary(channels, faults.maximum)


def mixed(start: float, channels: int) -> CBAM:
    """CBAM with a learned mix and nothing else of the ladder."""
    return CBAM(channels, mix=Learnable(start))


def opened(channels: int) -> CBAM:
    """CBAM whose masks start near 1 instead of ½."""
    first, second = ChannelAttention(channels, bias=True), SpatialAttention(bias=True)
    last = first.mlp[-1]
    assert isinstance(last, nn.Linear)
    assert second.conv.bias is not None
    nn.init.constant_(last.bias, OPEN / 2)  # the MLP is used twice, and both logits are added
    nn.init.constant_(second.conv.bias, OPEN)
    return CBAM(channels, channel=first, spatial=second)


def wide(channels: int) -> CBAM:
    """CBAM whose channel mask has a hidden layer of 16 units instead of 4."""
    return CBAM(channels, channel=ChannelAttention(channels, min_hidden=16))


def dynamic(channels: int, *, annealed: bool = False, **options: Any) -> CBAM:
    """CBAM with a dynamic spatial mask, and nothing else of the ladder."""
    mask = DynamicSpatialAttention(**options)
    if annealed:
        mask.router = AnnealedRouter(2, len(mask.branches))
    return CBAM(channels, spatial=mask)


def added(channels: int) -> nn.Module:
    return faults.twice(faults.Added(ChannelAttention(channels)), faults.Added(SpatialAttention()))


def pooled(channels: int) -> CBAM:
    return CBAM(channels, channel=faults.Pooled(channels))


#: Name of what computes the masks -> its factory, which takes ``channels``.
ATTENTIONS: MappingProxyType[str, Any] = MappingProxyType(
    {
        **LADDER,
        "channel": channel,
        "spatial": spatial,
        "se": SqueezeExcitation,
        "mean": mean_only,
        "maximum": maximum_only,
        "mix_0": partial(mixed, 0.0),
        "mix_0.1": partial(mixed, 0.1),
        "mix_1": partial(mixed, 1.0),
        "open": opened,
        "wide": wide,
        "sample_router": dynamic,
        "pixel_router": partial(dynamic, router="pixel"),
        "annealed_router": partial(dynamic, annealed=True),
        "coordinates": partial(dynamic, coordinates=True),
        "pixel_coordinates": partial(dynamic, coordinates=True, router="pixel"),
        "added": added,
        "pooled": pooled,
    }
)

PLACES = ("inside", "before", "after", "beside")
LAMBDA = Learnable(0.1)

#: Name of a variant -> keywords of `ProbeNet`. "cbam-before" is ``ATTENTIONS["cbam"]`` before the
#: branch; "plain" has no attention; "…-circular" pads with the picture's other side.
VARIANTS: MappingProxyType[str, dict[str, Any]] = MappingProxyType(
    {
        "plain": {},
        "plain-unused": {"branch": faults.without_first},
        **{
            f"{name}-{place}": {"attention": attention, "placement": place}
            for name, attention in ATTENTIONS.items()
            for place in PLACES
        },
        "cbam-before-mixed": {
            "attention": LADDER["cbam"], "placement": "before", "input_mix": LAMBDA,
        },
        "cbam-inside-unused": {
            "attention": LADDER["cbam"], "placement": "inside", "branch": faults.without_first,
        },
        "cbam-before-unused": {
            "attention": LADDER["cbam"], "placement": "before", "branch": faults.without_first,
        },
    }
)  # fmt: skip


def build(variant: str, *, seed: int, padding: str = "zeros") -> ProbeNet:
    """Build a variant's network with weights from a seed.

    Args:
        variant: a name of `VARIANTS`.
        seed: of the weights. PyTorch's random numbers go on as if nothing had been drawn.
        padding: as in `ProbeNet`.

    Raises:
        TypeError, ValueError: for an option that is not allowed.
    """
    checks.choice("build", "variant", variant, VARIANTS)
    checks.integer("build", "seed", seed, least=0)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return ProbeNet(**VARIANTS[variant], padding=padding)
