"""What stands here for each formula of the notes, with one case for each set of options."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

import notes_formulas as notes
import notes_states as states
from torch import nn

from cbam_teach import (
    CBAM,
    ChannelAttention,
    DynamicSpatialAttention,
    Learnable,
    ResidualBlock,
    Reweight,
    SimpleCNN,
    SpatialAttention,
    SqueezeExcitation,
)

MLP, FC = ("mlp.0", "mlp.2"), ("fc1", "fc2")
WIDTH = 5  # channels, fewer than the reduction


class Case(NamedTuple):
    """The state of a class, its formula, and the module of this package that stands for it."""

    state: states.Shapes
    formula: Callable
    ours: nn.Module
    channels: int
    rules: dict[str, str] = states.RULES


def said(options: dict) -> dict:
    """Return the options that a formula is told; the others it sees in the numbers it has."""
    silent = ("bias", "learnable_temperature", "kernels", "dilated", "separable", "router_hidden")
    return {name: value for name, value in options.items() if name not in silent}


def applied(mask: Callable) -> Callable:
    """Return the formula x ⊙ mask(x), for the classes that multiply by themselves."""
    return lambda n, x: x * mask(n, x)


def channel_mask() -> Iterator[Case]:
    for channels, reduction in ((WIDTH, 16), (20, 2)):
        state = states.channel(channels, {}, MLP, max(channels // reduction, 4))
        yield Case(state, notes.channel, ChannelAttention(channels, reduction=reduction), channels)


def spatial_mask() -> Iterator[Case]:
    for side in (3, 7):
        ours = SpatialAttention(kernel_size=side)
        yield Case(states.spatial(side, {}), notes.spatial, ours, WIDTH)


def mean_mask() -> Iterator[Case]:
    for channels, reduction in ((64, 16), (20, 5), (7, 16)):
        state = states.mlp(channels, 4, channels, ("net.0", "net.2"), bias=True)
        formula = partial(notes.channel, layers=("net.0", "net.2"), fusion="mean alone")
        ours = SqueezeExcitation(channels, reduction, min_hidden=4)
        yield Case(state, formula, ours, channels, states.RULES | {r"^net": "mlp"})


def channel_map(names: tuple[str, str], *variants: dict) -> Iterator[Case]:
    for options in variants:
        options = {"bias": True} | options
        formula = applied(partial(notes.channel, layers=names, **said(options)))
        ours = Reweight(ChannelAttention(WIDTH, **options))
        yield Case(states.channel(WIDTH, options, names), formula, ours, WIDTH, states.INSIDE)


def spatial_map(*variants: dict) -> Iterator[Case]:
    for side in (3, 5, 7):
        for options in variants:
            formula = applied(partial(notes.spatial, **said(options)))
            ours = Reweight(SpatialAttention(kernel_size=side, **options))
            yield Case(states.spatial(side, options), formula, ours, 4, states.INSIDE)


def dilations(options: dict) -> list[int]:
    dilated = options.get("dilated", (7, 2))
    return [1] * len(options.get("kernels", (3, 7))) + ([dilated[1]] if dilated else [])


def dynamic_map(*variants: dict) -> Iterator[Case]:
    for options in variants:
        mask = partial(notes.dynamic, dilations=dilations(options), **said(options))
        ours = Reweight(DynamicSpatialAttention(**options))
        yield Case(states.dynamic(options), applied(mask), ours, 4, states.INSIDE)


def cbam(
    names: tuple[str, str], ca: dict, sa: dict, alpha: float | Learnable | None, moving=False
) -> Case:
    """Return the case of a whole CBAM; ``moving`` for the dynamic spatial mask."""
    state = states.below("ca", states.channel(WIDTH, ca, names))
    state |= states.below("sa", states.dynamic(sa) if moving else states.spatial(7, sa))
    state |= {"alpha": ()} if isinstance(alpha, Learnable) else {}
    formula = partial(
        notes.cbam,
        ca={"layers": names} | said(ca),
        sa=said(sa) | ({"dilations": dilations(sa)} if moving else {}),
        alpha=None if isinstance(alpha, Learnable) else alpha,
        spatially=notes.dynamic if moving else notes.spatial,
    )
    spatial = DynamicSpatialAttention(**sa) if moving else SpatialAttention(**sa)
    channel = ChannelAttention(WIDTH, **ca)
    return Case(state, formula, CBAM(WIDTH, channel=channel, spatial=spatial, mix=alpha), WIDTH)


def whole_in_one() -> Iterator[Case]:
    """Yield the class that holds both masks' layers itself."""
    case = cbam(FC, {"bias": True}, {}, None)
    flat = {name.replace("ca.", "").replace("sa.", "sa_"): s for name, s in case.state.items()}
    rules = {r"^fc": "ca.fc", r"^sa_": "sa."}

    def formula(n: notes.Numbers, x):
        whole = {
            name.replace("fc", "ca.fc").replace("sa_", "sa."): v for name, v in n.values.items()
        }
        return case.formula(notes.Numbers(whole), x)

    yield case._replace(state=flat, formula=formula, rules=rules | states.RULES)


SHAPES = ((4, 4, 1), (4, 6, 2), (3, 5, 1))


def block_inside(mean_only: bool = False) -> Iterator[Case]:
    for inputs, outputs, stride in ((20, 20, 1),) if mean_only else SHAPES:
        state = states.branch(inputs, outputs) | states.skip(inputs, outputs, stride)
        if mean_only:
            net = ("net.0", "net.2")
            state |= states.below("attn", states.mlp(outputs, 4, outputs, net, bias=True))
            mask = partial(notes.channel, layers=net, fusion="mean alone")
            attend, attention = applied(mask), partial(SqueezeExcitation, min_hidden=4)
        else:
            state |= states.below("cbam", states.cbam(outputs))
            attend, attention = notes.cbam, CBAM
        part = "attn" if mean_only else "cbam"
        ours = ResidualBlock(inputs, outputs, stride=stride, attention=attention)
        formula = partial(notes.inside, stride=stride, part=part, attend=attend)
        yield Case(state, formula, ours, inputs)


def before_state(inputs: int, outputs: int, stride: int, learned: bool) -> states.Shapes:
    state = states.below("attn", states.cbam(inputs)) | states.skip(inputs, outputs, stride)
    state |= states.below("F", states.branch(inputs, outputs))
    return state | ({"lam_logit": ()} if learned else {})


def block_before(*amounts: float | Learnable | None) -> Iterator[Case]:
    for amount in amounts:
        learned = isinstance(amount, Learnable)
        for inputs, outputs, stride in SHAPES:
            ours = ResidualBlock(
                inputs, outputs, stride=stride, placement="before", input_mix=amount
            )
            lam = None if learned else amount
            formula = partial(notes.before, stride=stride, lam=lam)
            yield Case(before_state(inputs, outputs, stride, learned), formula, ours, inputs)


def plain_branch() -> Iterator[Case]:
    for inputs, outputs, stride in SHAPES:
        ours = ResidualBlock(inputs, outputs, stride=stride).branch
        formula = partial(notes.branch, stride=stride)
        yield Case(states.branch(inputs, outputs), formula, ours, inputs, {})


def network_inside() -> Iterator[Case]:
    parts = ("stem", "block1", "rescbam1", "rescbam2", "block2")

    def block(i, o, stride):
        return (
            states.branch(i, o) | states.skip(i, o, stride) | states.below("cbam", states.cbam(o))
        )

    stage = partial(notes.inside, part="cbam", attend=notes.cbam)
    formula = partial(notes.network, parts=parts, block=stage)
    yield Case(states.network(parts, block), formula, SimpleCNN(), 3)


def network_before() -> Iterator[Case]:
    parts = ("stem", "conv1", "p3_1", "p3_2", "conv2")  # two of them are `block1`, `block2` here
    rules = {r"^conv([12])\.(\d)": r"block\1.\2"} | states.RULES
    state = states.network(parts, partial(before_state, learned=True))
    formula = partial(notes.network, parts=parts, block=notes.before)
    ours = SimpleCNN(placement="before", input_mix=Learnable(0.1))
    yield Case(state, formula, ours, 3, rules)


def window() -> Iterator[Case]:
    for side, dilation in ((3, 1), (5, 1), (7, 2)):
        windows = {"kernels": (1, side), "dilated": None}
        if dilation > 1:
            windows = {"kernels": (1,), "dilated": (side, dilation)}
        ours = DynamicSpatialAttention(coordinates=True, separable=True, **windows).branches[1]
        state = {"dw.weight": (4, 1, side, side), "pw.weight": (1, 4, 1, 1)}
        formula = partial(notes.window, dilation=dilation)
        yield Case(state, formula, ours, 4, {r"^dw": "depthwise", r"^pw": "pointwise"})
