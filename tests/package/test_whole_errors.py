"""Errors to the last letter: the class that was asked, its option, and all three parts.

The sentences come from the catalogue, so that they may be reworded; what fills them is here.
"""

import re

import pytest
import torch
from torch import nn

from cbam_teach import (
    CBAM,
    ChannelAttention,
    CoordinateAttention,
    DynamicSpatialAttention,
    EfficientChannelAttention,
    Learnable,
    Mask,
    ResidualBlock,
    Reweight,
    SpatialAttention,
    SqueezeExcitation,
    Temperature,
    WarmUp,
    fold,
)
from cbam_teach.checks import number
from cbam_teach.language import say
from cbam_teach.router import Router

pytestmark = pytest.mark.usefixtures("as_released")

DYNAMIC = "DynamicSpatialAttention"
BLOCK = {"in_channels": 4, "out_channels": 6}
MAKE = {
    "ChannelAttention": lambda **options: ChannelAttention(**{"channels": 8} | options),
    "CoordinateAttention": lambda **options: CoordinateAttention(**{"channels": 8} | options),
    "EfficientChannelAttention": lambda **o: EfficientChannelAttention(**{"channels": 8} | o),
    "SqueezeExcitation": lambda **options: SqueezeExcitation(**{"channels": 8} | options),
    "SpatialAttention": SpatialAttention,
    DYNAMIC: DynamicSpatialAttention,
    "CBAM": lambda **options: CBAM(**{"channels": 8} | options),
    "ResidualBlock": lambda **options: ResidualBlock(**BLOCK | options),
    "Temperature": Temperature,
    "Router": lambda **options: Router(2, 3, **options),
}


def whole(key: str, given: object, allowed: object, **values: object) -> str:
    """Return the pattern of the whole text: the sentence of `key`, what was given, is allowed."""
    asked = say(f"error.{key}", **values)
    return f"^{re.escape(say('error.parts', asked=asked, given=given, allowed=allowed))}$"


INTEGERS = [
    ("ChannelAttention", "channels"),
    ("ChannelAttention", "reduction"),
    ("ChannelAttention", "min_hidden"),
    ("CoordinateAttention", "channels"),
    ("CoordinateAttention", "reduction"),
    ("EfficientChannelAttention", "channels"),
    ("EfficientChannelAttention", "kernel_size"),
    ("SqueezeExcitation", "channels"),
    ("SqueezeExcitation", "reduction"),
    ("SqueezeExcitation", "min_hidden"),
    ("SpatialAttention", "kernel_size"),
    ("CBAM", "channels"),
    (DYNAMIC, "router_hidden"),
    ("Router", "hidden"),
    ("ResidualBlock", "in_channels"),
    ("ResidualBlock", "out_channels"),
    ("ResidualBlock", "stride"),
]


@pytest.mark.parametrize(("owner", "option"), INTEGERS)
def test_an_integer_from_one_on(owner, option):
    names, allowed = {"owner": owner, "option": option}, "1, 2, 3, …"
    with pytest.raises(ValueError, match=whole("least", 0, allowed, **names, least=1)):
        MAKE[owner](**{option: 0})
    with pytest.raises(TypeError, match=whole("integer", "'2'", allowed, **names)):
        MAKE[owner](**{option: "2"})


@pytest.mark.parametrize(
    ("given", "option", "least"),
    [((0, 2), "inputs", 1), ((2, 1), "branches", 2)],
)
def test_the_routers_integers(given, option, least):
    allowed = f"{least}, {least + 1}, {least + 2}, …"
    text = whole("least", least - 1, allowed, owner="Router", option=option, least=least)
    with pytest.raises(ValueError, match=text):
        Router(*given)


@pytest.mark.parametrize(
    ("owner", "option", "given"),
    [
        ("SpatialAttention", "kernel_size", 4),
        ("EfficientChannelAttention", "kernel_size", 2),
        (DYNAMIC, "kernels", (3, 4)),
        (DYNAMIC, "dilated", (4, 2)),
    ],
)
def test_an_odd_number(owner, option, given):
    number = given if isinstance(given, int) else 4
    with pytest.raises(
        ValueError, match=whole("odd", number, "1, 3, 5, 7, …", owner=owner, option=option)
    ):
        MAKE[owner](**{option: given})


@pytest.mark.parametrize(
    ("owner", "option"),
    [
        ("ChannelAttention", "bias"),
        ("CoordinateAttention", "bias"),
        ("SpatialAttention", "bias"),
        (DYNAMIC, "coordinates"),
        (DYNAMIC, "separable"),
        ("ChannelAttention", "learnable_temperature"),
        ("SpatialAttention", "learnable_temperature"),
        (DYNAMIC, "learnable_temperature"),
        ("Temperature", "learnable"),
    ],
)
def test_true_or_false(owner, option):
    text = whole("flag", 1, "True, False", owner=owner, option=option)
    with pytest.raises(TypeError, match=text):
        MAKE[owner](**{option: 1})


@pytest.mark.parametrize(
    ("owner", "option", "allowed"),
    [
        ("ChannelAttention", "act", "relu, silu"),
        ("ChannelAttention", "fusion", "sum, softmax, router"),
        ("ChannelAttention", "gate", "sigmoid, hardsigmoid"),
        ("SpatialAttention", "gate", "sigmoid, hardsigmoid"),
        (DYNAMIC, "gate", "sigmoid, hardsigmoid"),
        (DYNAMIC, "router", "sample, pixel"),
        ("Router", "per", "sample, pixel"),
        ("ResidualBlock", "placement", "inside, before, after, beside, none"),
    ],
)
def test_a_word_of_a_list(owner, option, allowed):
    names = {"owner": owner, "option": option}
    with pytest.raises(ValueError, match=whole("choice", "'sum '", allowed, **names)):
        MAKE[owner](**{option: "sum "})
    with pytest.raises(TypeError, match=whole("choice", "None", allowed, **names)):
        MAKE[owner](**{option: None})


@pytest.mark.parametrize(
    ("owner", "option", "given", "allowed"),
    [
        ("Temperature", "start", 0, "0.0001 ≤ start ≤ 10000"),
        ("ChannelAttention", "temperature", 0, "0.0001 ≤ temperature ≤ 10000"),
        ("SpatialAttention", "temperature", 0, "0.0001 ≤ temperature ≤ 10000"),
        (DYNAMIC, "temperature", 0, "0.0001 ≤ temperature ≤ 10000"),
        ("SpatialAttention", "norm_momentum", 0, "0 < norm_momentum ≤ 1"),
        ("SpatialAttention", "norm_momentum", 1.5, "0 < norm_momentum ≤ 1"),
        ("CBAM", "mix", 1e39, "-∞ < mix < ∞"),
    ],
)
def test_a_number_of_a_range(owner, option, given, allowed):
    names = {"owner": owner, "option": option}
    with pytest.raises(ValueError, match=whole("range", given, allowed, **names)):
        MAKE[owner](**{option: given})
    with pytest.raises(TypeError, match=whole("number", "'1'", allowed, **names)):
        MAKE[owner](**{option: "1"})


@pytest.mark.parametrize(
    ("ends", "given", "allowed"),
    [
        ({"least": 2}, 1, "2 ≤ x"),
        ({"most": 2}, 3, "x ≤ 2"),
        ({"above": 2}, 2, "2 < x"),
        ({"below": 2}, 2, "x < 2"),
        ({}, -1e39, "-∞ < x < ∞"),
    ],
)
def test_a_range_with_one_end_or_none(ends, given, allowed):
    with pytest.raises(ValueError, match=whole("range", given, allowed, owner="F", option="x")):
        number("F", "x", given, **ends)


def test_the_largest_number_of_single_precision_is_finite():
    number("F", "x", torch.finfo(torch.float32).max)
    number("F", "x", torch.finfo(torch.float32).min)


@pytest.mark.parametrize(
    ("owner", "option", "more"),
    [("CBAM", "mix", {}), ("ResidualBlock", "input_mix", {"placement": "before"})],
)
def test_the_steps_of_a_warm_up(owner, option, more):
    names = {"owner": owner, "option": f"{option}.steps"}
    with pytest.raises(ValueError, match=whole("least", 0, "1, 2, 3, …", **names, least=1)):
        MAKE[owner](**more, **{option: WarmUp(Learnable(0.5), 0)})


class Flat(Mask):
    """A mask without the axes of the pixels."""

    def forward(self, x):
        return x.mean(dim=(2, 3))


FACTORIES = "CBAM, ChannelAttention, lambda channels: …"
OTHERS = [
    (lambda: DynamicSpatialAttention(kernels=7), TypeError,
     "sequence", 7, "(3, 7), …", {"owner": DYNAMIC, "option": "kernels"}),
    (lambda: DynamicSpatialAttention(dilated=[7]), ValueError,
     "sequence", [7], "(…, …)", {"owner": DYNAMIC, "option": "dilated"}),
    (lambda: DynamicSpatialAttention(dilated=(1, 2)), ValueError,
     "least", 1, "3, 4, 5, …", {"owner": DYNAMIC, "option": "dilated", "least": 3}),
    (lambda: DynamicSpatialAttention(dilated=(3, 1)), ValueError,
     "least", 1, "2, 3, 4, …", {"owner": DYNAMIC, "option": "dilated", "least": 2}),
    (lambda: DynamicSpatialAttention(kernels=[3], dilated=None), ValueError, "branches",
     "kernels=(3,), dilated=None", "kernels=(3, 7), dilated=(7, 2), …", {"owner": DYNAMIC}),
    (lambda: SpatialAttention(norm_momentum=0.1, bias=True), ValueError, "bias_and_norm",
     "bias=True, norm_momentum=0.1", "bias=False", {"owner": "SpatialAttention"}),
    (lambda: Reweight(nn.ReLU()), TypeError,
     "mask_module", "ReLU", "Mask", {"owner": "Reweight", "option": "mask"}),
    (lambda: CBAM(8, channel=nn.ReLU()), TypeError,
     "mask_module", "ReLU", "Mask", {"owner": "CBAM", "option": "channel"}),
    (lambda: CBAM(8, spatial=nn.ReLU), TypeError,
     "mask_module", "ReLU", "Mask", {"owner": "CBAM", "option": "spatial"}),
    (lambda: CBAM(8, spatial=ChannelAttention(4)), ValueError,
     "mask_channels", 4, "8", {"owner": "CBAM", "option": "spatial", "channels": 8}),
    (lambda: ResidualBlock(4, 6, placement="none", attention=ChannelAttention), ValueError,
     "no_attention", "ChannelAttention", "None", {"owner": "ResidualBlock"}),
    (lambda: ResidualBlock(4, 6, placement="after", attention=None), ValueError,
     "need_attention", "None", FACTORIES, {"owner": "ResidualBlock", "placement": "after"}),
    (lambda: ResidualBlock(4, 6, attention=CBAM(6)), TypeError,
     "factory", "CBAM", FACTORIES, {"owner": "ResidualBlock"}),
    (lambda: ResidualBlock(4, 6, attention=7), TypeError,
     "factory", "int", FACTORIES, {"owner": "ResidualBlock"}),
    (lambda: ResidualBlock(4, 6, attention=lambda channels: CBAM), TypeError,
     "factory", "CBAM", FACTORIES, {"owner": "ResidualBlock"}),
    (lambda: ResidualBlock(4, 6, input_mix=0.5), ValueError, "input_mix",
     "placement='inside'", "placement='before'", {"owner": "ResidualBlock"}),
    (lambda: ResidualBlock(4, 6, attention=lambda c: nn.Conv2d(c, 1, 1))(torch.ones(1, 4, 3, 2)),
     ValueError, "attention_shape", (1, 1, 3, 2), (1, 6, 3, 2), {"owner": "ResidualBlock"}),
    (lambda: fold(3), TypeError, "module", "int", "nn.Module", {"owner": "fold"}),
    (lambda: Reweight(Flat())(torch.ones(2, 3, 5, 4)), ValueError,
     "mask_shape", (2, 3), "{1, 2} × {1, 3} × {1, 5} × {1, 4}", {"owner": "Reweight"}),
]  # fmt: skip


@pytest.mark.parametrize(("call", "kind", "key", "given", "allowed", "values"), OTHERS)
def test_what_fits_no_list(call, kind, key, given, allowed, values):
    with pytest.raises(kind, match=whole(key, given, allowed, **values)):
        call()
