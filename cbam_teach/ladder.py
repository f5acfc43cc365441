"""The steps from CBAM to the dynamic one, each with one idea more than the step before it."""

from collections.abc import Callable
from functools import partial
from types import MappingProxyType
from typing import Any

from cbam_teach.cbam import CBAM
from cbam_teach.channel import ChannelAttention
from cbam_teach.dynamic import DynamicSpatialAttention
from cbam_teach.mixing import Learnable
from cbam_teach.spatial import SpatialAttention

CHANNEL, SPATIAL, DYNAMIC, WHOLE = "channel", "spatial", "dynamic", "whole"

# name of the step -> the options that it adds, by the part of CBAM that takes them
STEPS: dict[str, dict[str, dict[str, Any]]] = {
    "cbam": {},
    "gated": {
        CHANNEL: {"act": "silu", "gate": "hardsigmoid"},
        SPATIAL: {"gate": "hardsigmoid"},
        DYNAMIC: {"gate": "hardsigmoid"},
    },
    "fused": {CHANNEL: {"fusion": "softmax"}},
    "mixed": {WHOLE: {"mix": Learnable(0.1)}},
    "tempered": {
        CHANNEL: {"learnable_temperature": True},
        SPATIAL: {"learnable_temperature": True},
        DYNAMIC: {"learnable_temperature": True},
    },
    "dynamic": {DYNAMIC: {"kernels": (3, 7), "dilated": (7, 2)}},
    "routed_fusion": {CHANNEL: {"fusion": "router"}},
    "coordinate": {DYNAMIC: {"coordinates": True}},
    "separable": {DYNAMIC: {"separable": True}},
    "pixel_routed": {DYNAMIC: {"router": "pixel"}},
}


def options_of(step: str) -> dict[str, dict[str, Any]]:
    """Return the options of a step and of all below it, by the part that takes them."""
    gathered: dict[str, dict[str, Any]] = {CHANNEL: {}, SPATIAL: {}, DYNAMIC: {}, WHOLE: {}}
    for name, added in STEPS.items():
        for part, options in added.items():
            gathered[part] |= options
        if name == step:
            break
    return gathered


def build(step: str, channels: int) -> CBAM:
    """Build the CBAM of a step for this many channels."""
    options = options_of(step)
    steps = list(STEPS)
    if steps.index(step) >= steps.index("dynamic"):
        spatial: SpatialAttention | DynamicSpatialAttention = DynamicSpatialAttention(
            **options[DYNAMIC]
        )
    else:
        spatial = SpatialAttention(**options[SPATIAL])
    channel = ChannelAttention(channels, **options[CHANNEL])
    return CBAM(channels, channel=channel, spatial=spatial, **options[WHOLE])


# The channel mask's layers have no bias term, as in the paper; those of the notes' ladder have.
#: Name of a step -> factory that takes ``channels`` and returns its CBAM, in chapter order.
#: Each step keeps what the steps before it brought; ``pixel_routed`` goes beyond the notes.
LADDER: MappingProxyType[str, Callable[[int], CBAM]] = MappingProxyType(
    {step: partial(build, step) for step in STEPS}
)
