"""The options of the masks and of folding: what is not allowed is refused."""

import inspect
import math

import pytest
import torch
from test_option_errors import says
from torch import nn

from cbam_teach import (
    CBAM,
    LADDER,
    ChannelAttention,
    CoordinateAttention,
    DynamicSpatialAttention,
    EfficientChannelAttention,
    MiniResNet,
    ResidualBlock,
    SpatialAttention,
    SqueezeExcitation,
    Temperature,
    fold,
)
from cbam_teach.language import set_language
from cbam_teach.router import Router

pytestmark = pytest.mark.usefixtures("as_released")

T_RANGE = "0.0001 ≤ temperature ≤ 10000"
FINITE = "finite and within its range"
TEMPERED = [
    lambda **options: ChannelAttention(8, **options),
    SpatialAttention,
    DynamicSpatialAttention,
]


@pytest.mark.parametrize("make", TEMPERED)
@pytest.mark.parametrize("bad", [0, 0.0, -1.0, 9e-5, 10001, 1e39, math.inf, -math.inf, math.nan])
def test_a_temperature_out_of_range_is_refused(make, bad):
    asked = f"Attention: `temperature` must be {FINITE}"
    with pytest.raises(ValueError, match=says(asked, str(bad), T_RANGE)):
        make(temperature=bad)
    alone = says(f"Temperature: `start` must be {FINITE}", str(bad), "0.0001 ≤ start ≤ 10000")
    for learnable in (True, False):
        with pytest.raises(ValueError, match=alone):
            Temperature(bad, learnable=learnable)


@pytest.mark.parametrize("make", TEMPERED)
@pytest.mark.parametrize("bad", [True, "1", None, torch.tensor(1.0), [1.0], 1j])
def test_a_temperature_that_is_no_number_is_refused(make, bad):
    with pytest.raises(TypeError, match=says("`temperature` must be a number", repr(bad), T_RANGE)):
        make(temperature=bad)
    with pytest.raises(TypeError, match=says("Temperature: `start` must be", repr(bad), "0.0001")):
        Temperature(bad)


@pytest.mark.parametrize("make", TEMPERED)
def test_the_ends_of_the_range_are_allowed(make):
    for allowed in (1e-4, 1, 10_000):
        make(temperature=allowed)
        Temperature(allowed, learnable=False)


@pytest.mark.parametrize("make", TEMPERED)
@pytest.mark.parametrize("bad", [1, 0, None, "yes"])
def test_whether_to_learn_is_true_or_false(make, bad):
    with pytest.raises(TypeError, match=says("`learnable_temperature`", repr(bad), "True, False")):
        make(learnable_temperature=bad)


DYNAMIC = DynamicSpatialAttention
BUILD = [
    (lambda: ChannelAttention(8, fusion="mean"), ValueError, "ChannelAttention: `fusion` must be",
     "'mean'", "sum, softmax, router"),
    (lambda: ChannelAttention(8, fusion=None), TypeError, "`fusion` must be", "None", "sum, soft"),
    (lambda: ChannelAttention(8, act=nn.ReLU()), TypeError, "`act` must be", "ReLU()", "relu, "),
    (lambda: SpatialAttention(bias=0), TypeError, "`bias` must be", "0", "True, False"),
    (lambda: SpatialAttention(norm_momentum=0), ValueError, "SpatialAttention: `norm_momentum`",
     "0", "0 < norm_momentum ≤ 1"),
    (lambda: SpatialAttention(norm_momentum=2), ValueError, FINITE, "2", "0 < norm_momentum ≤ 1"),
    (lambda: SpatialAttention(norm_momentum=math.nan), ValueError, FINITE, "nan", "0 < norm_mom"),
    (lambda: SpatialAttention(norm_momentum=True), TypeError, "a number", "True", "0 < norm_mom"),
    (lambda: SpatialAttention(norm_momentum="0.1"), TypeError, "a number", "'0.1'", "0 < norm_m"),
    (lambda: SpatialAttention(norm_momentum=0.1, bias=True), ValueError,
     "with `norm_momentum` a `bias` has no effect", "bias=True, norm_momentum=0.1", "bias=False"),
    (lambda: DYNAMIC(kernels=7), TypeError, "DynamicSpatialAttention: `kernels` must be a tuple",
     "7", "(3, 7), …"),
    (lambda: DYNAMIC(kernels="37"), TypeError, "must be a tuple", "'37'", "(3, 7), …"),
    (lambda: DYNAMIC(kernels={3, 7}), TypeError, "must be a tuple", "{3, 7}", "(3, 7), …"),
    (lambda: DYNAMIC(kernels=(3, 4)), ValueError, "`kernels` must be odd", "4", "1, 3, 5, 7, …"),
    (lambda: DYNAMIC(kernels=(3, 0)), ValueError, "`kernels` must be at least 1", "0", "1, 2, 3"),
    (lambda: DYNAMIC(kernels=(3, -3)), ValueError, "must be at least 1", "-3", "1, 2, 3"),
    (lambda: DYNAMIC(kernels=(3.0, 7)), TypeError, "must be an integer", "3.0", "1, 2, 3"),
    (lambda: DYNAMIC(kernels=(3, True)), TypeError, "must be an integer", "True", "1, 2, 3"),
    (lambda: DYNAMIC(kernels=(7,), dilated=None), ValueError, "at least two branches are needed",
     "kernels=(7,), dilated=None", "kernels=(3, 7), dilated=(7, 2), …"),
    (lambda: DYNAMIC(kernels=()), ValueError, "for a single one there is SpatialAttention",
     "kernels=(), dilated=(7, 2)", "kernels=(3, 7)"),
    (lambda: DYNAMIC(kernels=[], dilated=None), ValueError, "at least two branches",
     "kernels=(), dilated=None", "kernels=(3, 7)"),
    (lambda: DYNAMIC(dilated=7), TypeError, "`dilated` must be a tuple", "7", "(…, …)"),
    (lambda: DYNAMIC(dilated=(7,)), ValueError, "`dilated` must be a tuple", "(7,)", "(…, …)"),
    (lambda: DYNAMIC(dilated=(7, 2, 2)), ValueError, "expected length", "(7, 2, 2)", "(…, …)"),
    (lambda: DYNAMIC(dilated=()), ValueError, "expected length", "()", "(…, …)"),
    (lambda: DYNAMIC(dilated=(7, 1)), ValueError, "`dilated` must be at least 2", "1", "2, 3, 4"),
    (lambda: DYNAMIC(dilated=(7, 0)), ValueError, "`dilated` must be at least 2", "0", "2, 3, 4"),
    (lambda: DYNAMIC(dilated=(7, 2.0)), TypeError, "`dilated` must be an int", "2.0", "2, 3, 4"),
    (lambda: DYNAMIC(dilated=(6, 2)), ValueError, "`dilated` must be odd", "6", "1, 3, 5"),
    (lambda: DYNAMIC(dilated=(1, 2)), ValueError, "`dilated` must be at least 3", "1", "3, 4, 5"),
    (lambda: DYNAMIC(coordinates=1), TypeError, "`coordinates` must be", "1", "True, False"),
    (lambda: DYNAMIC(separable=None), TypeError, "`separable` must be", "None", "True, False"),
    (lambda: DYNAMIC(router="batch"), ValueError, "`router` must be", "'batch'", "sample, pixel"),
    (lambda: DYNAMIC(router=None), TypeError, "`router` must be", "None", "sample, pixel"),
    (lambda: DYNAMIC(router_hidden=0), ValueError, "`router_hidden` must be", "0", "1, 2, 3"),
    (lambda: DYNAMIC(router_hidden=8.0), TypeError, "`router_hidden` must", "8.0", "1, 2, 3"),
    (lambda: DYNAMIC(gate="relu"), ValueError, "DynamicSpatialAttention: `gate`", "'relu'", "sigm"),
    (lambda: Router(0, 2), ValueError, "Router: `inputs` must be at least 1", "0", "1, 2, 3"),
    (lambda: Router(2, 1), ValueError, "Router: `branches` must be at least 2", "1", "2, 3, 4"),
    (lambda: SqueezeExcitation(0), ValueError, "SqueezeExcitation: `channels`", "0", "1, 2, 3"),
    (lambda: SqueezeExcitation(8, 0), ValueError, "`reduction` must be", "0", "1, 2, 3"),
    (lambda: SqueezeExcitation(8, 1.5), TypeError, "`reduction` must be", "1.5", "1, 2, 3"),
    (lambda: SqueezeExcitation(8, min_hidden=0), ValueError, "`min_hidden` must", "0", "1, 2, 3"),
    (lambda: EfficientChannelAttention(-8), ValueError, "EfficientChannelAttention: `channels`",
     "-8", "1, 2, 3"),
    (lambda: EfficientChannelAttention(8, 4), ValueError, "`kernel_size` must be odd", "4", "1, 3"),
    (lambda: EfficientChannelAttention(8, 0), ValueError, "`kernel_size` must be", "0", "1, 2"),
    (lambda: EfficientChannelAttention(8, "3"), TypeError, "`kernel_size` must", "'3'", "1, 2"),
    (lambda: CoordinateAttention("8"), TypeError, "CoordinateAttention: `channels`", "'8'", "1, 2"),
    (lambda: CoordinateAttention(8, 0), ValueError, "`reduction` must be", "0", "1, 2, 3"),
    (lambda: CoordinateAttention(8, bias="no"), TypeError, "`bias` must be", "'no'", "True, F"),
    (lambda: MiniResNet(blocks=0), ValueError, "MiniResNet: `blocks` must be", "0", "1, 2, 3"),
    (lambda: MiniResNet(0), ValueError, "MiniResNet: `num_classes` must be", "0", "1, 2, 3"),
    (lambda: MiniResNet(input_mix=0.5), ValueError, "with `placement` \"before\" only",
     "placement='inside'", "placement='before'"),
    (lambda: LADDER["dynamic"](0), ValueError, "`channels` must be at least 1", "0", "1, 2, 3"),
    (lambda: LADDER["cbam"](None), TypeError, "`channels` must be an integer", "None", "1, 2, 3"),
    (lambda: fold(3), TypeError, "fold: the model must be an nn.Module", "int", "nn.Module"),
    (lambda: fold(DYNAMIC), TypeError, "fold: ", "DynamicSpatialAttention", "nn.Module"),
    (lambda: fold(torch.zeros(1)), TypeError, "fold: the model", "Tensor", "nn.Module"),
]  # fmt: skip


@pytest.mark.parametrize(("build", "kind", "asked", "given", "allowed"), BUILD)
def test_a_wrong_option_is_refused_when_the_module_is_built(build, kind, asked, given, allowed):
    with pytest.raises(kind, match=says(asked, given, allowed)):
        build()


TURKISH = [
    (lambda: ChannelAttention(8, fusion="mean"), ValueError,
     "ChannelAttention: `fusion` seçeneklerden biri olmalı", "'mean'", "sum, softmax, router"),
    (lambda: ChannelAttention(8, temperature=0), ValueError,
     "ChannelAttention: `temperature` sonlu ve izin verilen aralıkta olmalı", "0", T_RANGE),
    (lambda: CBAM(4, mix="half"), TypeError, "CBAM: `mix` bir sayı olmalı", "'half'", "-∞ < mix"),
    (lambda: DYNAMIC(kernels=(3, 4)), ValueError, "`kernels` tek sayı olmalı", "4", "1, 3, 5"),
    (lambda: DYNAMIC(dilated=7), TypeError, "`dilated` beklenen uzunlukta bir demet", "7", "(…, "),
    (lambda: DYNAMIC(dilated=None, kernels=(3,)), ValueError, "en az iki kol olmalı",
     "kernels=(3,), dilated=None", "kernels=(3, 7)"),
    (lambda: DYNAMIC(separable=1), TypeError, "`separable` True ya da False olmalı", "1", "True"),
    (lambda: SpatialAttention(norm_momentum=0.1, bias=True), ValueError,
     "`norm_momentum` verilince `bias` etkisiz kalır", "bias=True", "bias=False"),
    (lambda: MiniResNet(input_mix=0.5), ValueError, "girdisini harmanlar",
     "placement='inside'", "placement='before'"),
    (lambda: fold(3), TypeError, "fold: model bir nn.Module olmalı", "int", "nn.Module"),
    (lambda: SqueezeExcitation(4)(torch.zeros(1, 3, 2, 2)), ValueError,
     "SqueezeExcitation: girdi 4 kanallı olmalı", "(1, 3, 2, 2)", "(B, 4, H, W)"),
]  # fmt: skip


@pytest.mark.parametrize(("build", "kind", "asked", "given", "allowed"), TURKISH)
def test_the_reader_s_language_is_spoken(build, kind, asked, given, allowed):
    set_language("tr")
    match = says(asked, given, allowed).replace("Given", "Verilen")
    with pytest.raises(kind, match=match.replace("Allowed", "Kabul edilen")):
        build()


@pytest.mark.parametrize("kind", [ChannelAttention, SpatialAttention, DYNAMIC, CBAM, ResidualBlock])
def test_an_unknown_option_is_refused(kind):
    needed = [p for p in inspect.signature(kind).parameters.values() if p.default is p.empty]
    with pytest.raises(TypeError, match="unexpected keyword argument 'shrink'"):
        kind(*[4] * len(needed), shrink=2)


def test_options_are_named():
    for positional in (lambda: CBAM(4, None), lambda: SpatialAttention(7), lambda: DYNAMIC((3, 7))):
        with pytest.raises(TypeError, match="positional argument"):
            positional()
