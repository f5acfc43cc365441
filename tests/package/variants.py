"""Every option of every attention, as Hypothesis draws it.

A variant is a `functools.partial`: printed, it says the class and the options; called, it
builds the module anew. All of them take feature maps of `CHANNELS` channels.
"""

from functools import partial

from hypothesis import settings
from hypothesis import strategies as st

from cbam_teach import (
    CBAM,
    LADDER,
    ChannelAttention,
    CoordinateAttention,
    DynamicSpatialAttention,
    EfficientChannelAttention,
    Learnable,
    ResidualBlock,
    Reweight,
    SpatialAttention,
    SqueezeExcitation,
    WarmUp,
)

CHANNELS = 6
SIZES = [(1, CHANNELS, 3, 5), (2, CHANNELS, 7, 4), (3, CHANNELS, 1, 6), (2, CHANNELS, 9, 1)]


def examples(count: int) -> settings:
    """Draw the same ``count`` examples in every run, however long each takes."""
    return settings(max_examples=count, deadline=None, derandomize=True)


def variant(made, *arguments, **options):
    """Return the strategy of the partials of ``made`` with these arguments and drawn options."""
    return st.builds(partial, st.just(made), *(st.just(each) for each in arguments), **options)


def reweighted(mask):
    """Build the mask that a variant describes, ready to multiply."""
    return Reweight(mask())


def cbam(channel, spatial, mix):
    """Build a CBAM from the variants of its two masks."""
    return CBAM(CHANNELS, channel=channel(), spatial=spatial(), mix=mix)


def block(outputs, stride, attention, placement, input_mix):
    """Build a residual block; a step of the ladder is its attention, or a channel mask."""
    return ResidualBlock(
        CHANNELS,
        outputs,
        stride=stride,
        attention=attention,
        placement=placement,
        input_mix=input_mix,
    )


FLAGS = st.booleans()
ODD = st.sampled_from([1, 3, 5, 7])
GATE = {
    "gate": st.sampled_from(["sigmoid", "hardsigmoid"]),
    "temperature": st.sampled_from([0.5, 1.0, 5.0]),
    "learnable_temperature": FLAGS,
}

CHANNEL_MASKS = variant(
    ChannelAttention,
    CHANNELS,
    reduction=st.sampled_from([1, 2, 16]),
    min_hidden=st.sampled_from([1, 4]),
    act=st.sampled_from(["relu", "silu"]),
    bias=FLAGS,
    fusion=st.sampled_from(["sum", "softmax", "router"]),
    **GATE,
)
SPATIAL_MASKS = variant(SpatialAttention, kernel_size=ODD, bias=FLAGS, **GATE) | variant(
    SpatialAttention, kernel_size=ODD, norm_momentum=st.sampled_from([0.01, 1.0]), **GATE
)
DYNAMIC_OPTIONS = {
    "coordinates": FLAGS,
    "separable": FLAGS,
    "router": st.sampled_from(["sample", "pixel"]),
    "router_hidden": st.sampled_from([1, 8]),
    **GATE,
}
DYNAMIC_MASKS = variant(
    DynamicSpatialAttention,
    kernels=st.lists(ODD, min_size=1, max_size=3).map(tuple),
    dilated=st.sampled_from([(3, 2), (3, 3), (7, 2)]),
    **DYNAMIC_OPTIONS,
) | variant(
    DynamicSpatialAttention,
    kernels=st.lists(ODD, min_size=2, max_size=3).map(tuple),
    dilated=st.none(),
    **DYNAMIC_OPTIONS,
)
OTHER_MASKS = (
    variant(SqueezeExcitation, CHANNELS, reduction=st.sampled_from([1, 2, 16]))
    | variant(EfficientChannelAttention, CHANNELS, kernel_size=st.none() | ODD)
    | variant(CoordinateAttention, CHANNELS, reduction=st.sampled_from([1, 32]), bias=FLAGS)
)
MASKS = CHANNEL_MASKS | SPATIAL_MASKS | DYNAMIC_MASKS | OTHER_MASKS

NUMBERS = st.sampled_from([-0.5, 0.0, 0.1, 1.0, 2])
MIXES = NUMBERS | st.builds(Learnable, NUMBERS)
MIXES |= st.builds(WarmUp, MIXES, st.sampled_from([1, 3]))
SHARES = st.sampled_from([0, 0.25, 1.0]) | st.builds(Learnable, st.sampled_from([0.01, 0.9]))
SHARES |= st.builds(WarmUp, SHARES, st.sampled_from([1, 3]))

CBAMS = variant(
    cbam,
    channel=CHANNEL_MASKS | OTHER_MASKS,
    spatial=SPATIAL_MASKS | DYNAMIC_MASKS,
    mix=st.none() | MIXES,
)
STEPS = st.sampled_from([partial(factory, CHANNELS) for factory in LADDER.values()])
REWEIGHTED = CBAMS | STEPS | variant(reweighted, mask=MASKS)

SHAPED = {"outputs": st.sampled_from([CHANNELS, 4]), "stride": st.sampled_from([1, 2, 3])}
ATTENTIONS = st.sampled_from([*LADDER.values(), CBAM, ChannelAttention, CoordinateAttention])
BLOCKS = (
    variant(
        block,
        attention=ATTENTIONS,
        placement=st.sampled_from(["inside", "after", "beside"]),
        input_mix=st.none(),
        **SHAPED,
    )
    | variant(
        block,
        attention=ATTENTIONS,
        placement=st.just("before"),
        input_mix=st.none() | SHARES,
        **SHAPED,
    )
    | variant(block, attention=st.none(), placement=st.just("none"), input_mix=st.none(), **SHAPED)
)
MODULES = MASKS | REWEIGHTED | BLOCKS
