"""What is not allowed is refused when it is given, with what was asked, given and allowed."""

import re

import pytest
import torch
from torch import nn

from cbam_teach import (
    CBAM,
    ChannelAttention,
    Mask,
    ResidualBlock,
    Reweight,
    SimpleCNN,
    SpatialAttention,
    start,
    trace,
)

pytestmark = pytest.mark.usefixtures("as_released")

BUILD = [
    (lambda: ChannelAttention(0), ValueError, "`channels` must be at least 1", "0", "1, 2, 3, …"),
    (lambda: ChannelAttention(-3), ValueError, "`channels` must be at least 1", "-3", "1, 2, 3, …"),
    (lambda: ChannelAttention(True), TypeError, "`channels` must be an integer", "True", "1, 2"),
    (lambda: ChannelAttention(8.0), TypeError, "`channels` must be an integer", "8.0", "1, 2"),
    (lambda: ChannelAttention("8"), TypeError, "`channels` must be an integer", "'8'", "1, 2"),
    (lambda: ChannelAttention(8, reduction=0), ValueError, "`reduction` must be at", "0", "1, 2"),
    (lambda: ChannelAttention(8, reduction=1.5), TypeError, "`reduction` must be", "1.5", "1, 2"),
    (lambda: ChannelAttention(8, min_hidden=0), ValueError, "`min_hidden` must be", "0", "1, 2"),
    (lambda: ChannelAttention(8, bias=1), TypeError, "`bias` must be True", "1", "True, False"),
    (lambda: ChannelAttention(8, act="tanh"), ValueError, "`act` must be", "'tanh'", "relu, silu"),
    (lambda: ChannelAttention(8, gate="softmax"), ValueError, "ChannelAttention: `gate` must be",
     "'softmax'", "sigmoid, hardsigmoid"),
    (lambda: ChannelAttention(8, gate=nn.Sigmoid), TypeError, "`gate` must be one of",
     "<class", "sigmoid, hardsigmoid"),
    (lambda: SpatialAttention(kernel_size=4), ValueError, "`kernel_size` must be odd", "4", "1, 3"),
    (lambda: SpatialAttention(kernel_size=0), ValueError, "`kernel_size` must be", "0", "1, 2"),
    (lambda: SpatialAttention(kernel_size=(3, 3)), TypeError, "`kernel_size` must be", "(3, 3)",
     "1, 2"),
    (lambda: SpatialAttention(gate="σ"), ValueError, "SpatialAttention: `gate`", "'σ'", "sigmoid"),
    (lambda: Reweight(nn.Sigmoid()), TypeError, "Reweight: `mask` must be", "Sigmoid", "Mask"),
    (lambda: Reweight(ChannelAttention), TypeError, "`mask` must be", "ChannelAttention", "Mask"),
    (lambda: CBAM(0), ValueError, "CBAM: `channels` must be", "0", "1, 2"),
    (lambda: CBAM(8, channel=nn.Identity()), TypeError, "CBAM: `channel` must", "Identity", "Mask"),
    (lambda: CBAM(8, spatial=CBAM(8)), TypeError, "CBAM: `spatial` must be", "CBAM", "Mask"),
    (lambda: CBAM(8, channel=ChannelAttention(4)), ValueError, "built for 8 channels", "4", "8"),
    (lambda: ResidualBlock(0, 4), ValueError, "`in_channels` must be", "0", "1, 2"),
    (lambda: ResidualBlock(4, False), TypeError, "`out_channels` must be", "False", "1, 2"),
    (lambda: ResidualBlock(4, 4, stride=0), ValueError, "`stride` must be", "0", "1, 2"),
    (lambda: ResidualBlock(4, 4, placement="middle"), ValueError, "`placement` must be one of",
     "'middle'", "inside, before, after, beside, none"),
    (lambda: ResidualBlock(4, 4, attention=None), ValueError, '"inside" needs an', "None", "CBAM"),
    (lambda: ResidualBlock(4, 4, attention=ChannelAttention, placement="none"), ValueError,
     'with `placement` "none" no `attention`', "ChannelAttention", "None"),
    (lambda: ResidualBlock(4, 4, attention=CBAM(4)), TypeError, "a factory", "CBAM", "CBAM, "),
    (lambda: ResidualBlock(4, 4, attention=3), TypeError, "must be a factory", "int", "CBAM"),
    (lambda: ResidualBlock(4, 4, attention=lambda c: c), TypeError, "a factory", "int", "CBAM"),
    (lambda: SimpleCNN(0), ValueError, "SimpleCNN: `num_classes` must be", "0", "1, 2"),
    (lambda: SimpleCNN(placement="Inside"), ValueError, "`placement` must", "'Inside'", "inside"),
    (lambda: start("de"), ValueError, "The language must be", "'de'", "tr, en"),
    (lambda: start("en", seed=-1), ValueError, "`seed` must be at least 0", "-1", "0, 1, 2"),
    (lambda: start("en", seed=True), TypeError, "`seed` must be an integer", "True", "0, 1"),
    (lambda: trace(3).__enter__(), TypeError, "must be an nn.Module", "int", "nn.Module"),
    (lambda: trace(SimpleCNN).__enter__(), TypeError, "an nn.Module", "SimpleCNN", "nn.Module"),
]  # fmt: skip


def says(asked: str, given: str, allowed: str) -> str:
    parts = (re.escape(part) for part in (asked, f"Given: {given}", f"Allowed: {allowed}"))
    return ".*".join(parts)


@pytest.mark.parametrize(("build", "kind", "asked", "given", "allowed"), BUILD)
def test_a_wrong_option_is_refused_when_the_module_is_built(build, kind, asked, given, allowed):
    with pytest.raises(kind, match=says(asked, given, allowed)):
        build()


INPUTS = [
    (ValueError, torch.zeros(4, 5, 3), "the four axes (B, C, H, W)", "(4, 5, 3)", "(B, 4, H, W)"),
    (ValueError, torch.zeros(1, 2, 4, 5, 3), "four axes", "(1, 2, 4, 5, 3)", "(B, 4, H, W)"),
    (ValueError, torch.zeros(2, 3, 5, 3), "must have 4 channels", "(2, 3, 5, 3)", "(B, 4, H, W)"),
    (TypeError, torch.zeros(2, 4, 5, 3).long(), "floating-point", "torch.int64", "torch.float32"),
    (TypeError, torch.zeros(2, 4, 5, 3).bool(), "floating-point", "torch.bool", "torch.float32"),
    (TypeError, [[1.0]], "the input must be a tensor", "list", "torch.Tensor"),
    (ValueError, torch.zeros(2, 4, 0, 3), "greater than zero", "(2, 4, 0, 3)", "1, 2, 3"),
]


@pytest.mark.parametrize(("kind", "x", "asked", "given", "allowed"), INPUTS)
@pytest.mark.parametrize("module", [ChannelAttention(4), CBAM(4), ResidualBlock(4, 4)])
def test_a_wrong_input_is_refused(module, kind, x, asked, given, allowed):
    with pytest.raises(kind, match=says(f"{type(module).__name__}: ", given, allowed)):
        module(x)
    with pytest.raises(kind, match=re.escape(asked)):
        module(x)


def test_the_spatial_mask_takes_any_channels_but_four_axes_of_real_numbers():
    attention = SpatialAttention()
    assert attention(torch.zeros(1, 9, 2, 3)).shape == (1, 1, 2, 3)
    with pytest.raises(ValueError, match=says("four axes", "(9, 2, 3)", "(B, C, H, W)")):
        attention(torch.zeros(9, 2, 3))
    with pytest.raises(TypeError, match=says("floating-point", "torch.int32", "torch.float32")):
        attention(torch.zeros(1, 9, 2, 3).int())
    with pytest.raises(ValueError, match="SimpleCNN: the input must have 3 channels"):
        SimpleCNN()(torch.zeros(1, 1, 8, 8))


class Written(Mask):
    """A mask of whatever shape it is told."""

    def __init__(self, shape):
        super().__init__()
        self.shape = shape

    def forward(self, x):
        return torch.full(self.shape, 0.5)


@pytest.mark.parametrize("shape", [(4, 1, 1), (5, 3), (2, 1, 1, 4), (1, 4, 3, 5), (3, 4, 1, 1)])
def test_a_mask_that_cannot_be_spread_is_refused(shape):
    with pytest.raises(ValueError, match=says("each of the mask's", str(shape), "{1, 2} × {1, 4}")):
        Reweight(Written(shape))(torch.zeros(2, 4, 5, 3))


@pytest.mark.parametrize("shape", [(2, 4, 1, 1), (1, 4, 1, 1), (2, 1, 5, 3), (2, 4, 5, 3)])
def test_a_mask_that_can_be_spread_is_taken(shape):
    x = torch.ones(2, 4, 5, 3)
    assert torch.equal(Reweight(Written(shape))(x), 0.5 * x)


def test_a_mask_that_would_be_added_is_refused():
    block = ResidualBlock(4, 4, attention=lambda c: nn.Conv2d(c, 1, 1))
    with pytest.raises(ValueError, match=says("keep its input's shape", "(2, 1, 5, 3)", "(2, 4")):
        block(torch.zeros(2, 4, 5, 3))
