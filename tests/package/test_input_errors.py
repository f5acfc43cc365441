"""Every attention refuses a wrong input itself, by its own name."""

import pytest
import torch
from test_option_errors import says

from cbam_teach import (
    LADDER,
    CoordinateAttention,
    DynamicSpatialAttention,
    EfficientChannelAttention,
    MiniResNet,
    ResidualBlock,
    SpatialAttention,
    SqueezeExcitation,
    fold,
)

pytestmark = pytest.mark.usefixtures("as_released")

OF_FOUR = [
    SqueezeExcitation(4),
    EfficientChannelAttention(4),
    CoordinateAttention(4),
    LADDER["pixel_routed"](4),
    ResidualBlock(4, 6, placement="before", input_mix=0.5),
    fold(ResidualBlock(4, 6, attention=LADDER["dynamic"])),
]
OF_ANY = [
    SpatialAttention(norm_momentum=0.1),
    DynamicSpatialAttention(),
    DynamicSpatialAttention(coordinates=True, router="pixel"),
    fold(DynamicSpatialAttention()),
    fold(DynamicSpatialAttention(coordinates=True, router="pixel")),
]
SHAPE = "the four axes (B, C, H, W)"
WRONG = [
    (ValueError, torch.zeros(4, 5, 3), SHAPE, "(4, 5, 3)", "(B, {c}, H, W)"),
    (ValueError, torch.zeros(5, 3), SHAPE, "(5, 3)", "(B, {c}, H, W)"),
    (ValueError, torch.zeros(2, 4, 5, 3, 1), SHAPE, "(2, 4, 5, 3, 1)", "(B, {c}, H, W)"),
    (ValueError, torch.tensor(1.0), SHAPE, "()", "(B, {c}, H, W)"),
    (TypeError, torch.zeros(2, 4, 5, 3).int(), "floating-point", "torch.int32", "torch.float32"),
    (TypeError, torch.zeros(2, 4, 5, 3).bool(), "floating-point", "torch.bool", "torch.float32"),
    (TypeError, torch.zeros(2, 4, 5, 3) * 1j, "floating-point", "torch.complex64", "torch.float"),
    (TypeError, [[1.0]], "the input must be a tensor", "list", "torch.Tensor"),
    (TypeError, None, "the input must be a tensor", "NoneType", "torch.Tensor"),
    (ValueError, torch.zeros(2, 4, 0, 3), "greater than zero", "(2, 4, 0, 3)", "1, 2, 3"),
    (ValueError, torch.zeros(2, 4, 5, 0), "greater than zero", "(2, 4, 5, 0)", "1, 2, 3"),
]


@pytest.mark.parametrize("gradients", [True, False])
@pytest.mark.parametrize(("kind", "x", "asked", "given", "allowed"), WRONG)
@pytest.mark.parametrize("module", OF_FOUR + OF_ANY, ids=lambda module: type(module).__name__)
def test_a_wrong_input_is_refused(module, kind, x, asked, given, allowed, gradients):
    allowed = allowed.format(c="C" if module in OF_ANY else 4)
    name = type(module).__name__
    with torch.set_grad_enabled(gradients), pytest.raises(kind) as seen:
        module(x)
    assert str(seen.value).startswith(f"{name}: ")
    assert seen.match(says(asked, given, allowed))


@pytest.mark.parametrize("channels", [1, 3, 5, 8])
@pytest.mark.parametrize("module", OF_FOUR, ids=lambda module: type(module).__name__)
def test_other_channels_are_refused(module, channels):
    x = torch.zeros(2, channels, 5, 3)
    with pytest.raises(ValueError, match=says("4 channels", f"(2, {channels}, 5", "(B, 4, H, W)")):
        module(x)


@pytest.mark.parametrize("module", OF_ANY, ids=lambda module: type(module).__name__)
def test_no_channels_are_refused_where_any_number_will_do(module):
    module = module.eval()
    assert module(torch.zeros(2, 9, 5, 3)).shape == (2, 1, 5, 3)
    with pytest.raises(ValueError, match=says("greater than zero", "(2, 0, 5, 3)", "1, 2, 3")):
        module(torch.zeros(2, 0, 5, 3))


def test_a_model_takes_pictures_of_three_channels():
    with pytest.raises(ValueError, match=says("MiniResNet: the input must", "(1, 1, 8", "(B, 3,")):
        MiniResNet()(torch.zeros(1, 1, 8, 8))
