"""The two masks and CBAM against plain loops: values and gradients, and mistakes told apart."""

import oracles
import pytest
import torch
from agreement import SIXTH, agree, picture

from cbam_teach import CBAM, ChannelAttention, Reweight, SpatialAttention

SIZES = [(1, 5, 3, 4), (3, 6, 5, 2), (2, 20, 4, 7), (1, 1, 1, 1)]


def weights(attention: ChannelAttention) -> tuple[torch.Tensor, torch.Tensor]:
    return attention.mlp[0].weight, attention.mlp[2].weight


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("reduction", "least", "hidden"),
    [(16, 4, {1: 4, 5: 4, 6: 4, 20: 4}), (2, 1, {1: 1, 5: 2, 6: 3, 20: 10})],
)
def test_channel_mask(size, reduction, least, hidden):
    x = picture(size)
    attention = ChannelAttention(size[1], reduction=reduction, min_hidden=least).double()
    assert attention.mlp[0].weight.shape == (hidden[size[1]], size[1])
    agree(attention, x, oracles.channel_mask(x, *weights(attention)))


@pytest.mark.parametrize("use", ["mean", "max"])
def test_a_channel_mask_of_one_summary_differs(use):
    x = picture((3, 6, 5, 2))
    attention = ChannelAttention(6).double()
    other = oracles.channel_mask(x, *weights(attention), use=use)
    assert not torch.allclose(attention(x), other, atol=1e-4)


def test_channel_options_change_what_they_name():
    x = picture((2, 6, 3, 5))
    attention = ChannelAttention(6, act="silu", gate="hardsigmoid").double()
    expected = oracles.channel_mask(
        x, *weights(attention), gate=oracles.hardsigmoid, act=oracles.silu
    )
    agree(attention, x, expected, rtol=SIXTH)
    assert attention.mlp[0].bias is None
    biased = ChannelAttention(6, bias=True)
    assert biased.mlp[0].bias.shape == (4,)
    assert biased.mlp[2].bias.shape == (6,)


def test_the_bias_reaches_the_mask():
    attention = ChannelAttention(3, bias=True)
    for parameter in attention.parameters():
        torch.nn.init.zeros_(parameter)
    torch.nn.init.constant_(attention.mlp[2].bias, 1.0)
    expected = torch.full((2, 3, 1, 1), 1 / (1 + torch.e**-2))  # the MLP is read twice
    torch.testing.assert_close(attention(torch.randn(2, 3, 4, 5)), expected)


@pytest.mark.parametrize("size", [(1, 5, 3, 4), (3, 6, 5, 2), (2, 1, 1, 6)])
@pytest.mark.parametrize("kernel", [1, 3, 7])
def test_spatial_mask(size, kernel):
    x = picture(size)
    attention = SpatialAttention(kernel_size=kernel).double()
    expected = oracles.spatial_mask(x, attention.conv.weight)
    agree(attention, x, expected)


@pytest.mark.parametrize("mistake", [{"turned": True}, {"swapped": True}])
def test_a_spatial_mask_with_a_mistake_differs(mistake):
    x = picture((2, 4, 5, 3))
    attention = SpatialAttention(kernel_size=3).double()
    other = oracles.spatial_mask(x, attention.conv.weight, **mistake)
    assert not torch.allclose(attention(x), other, atol=1e-4)


def test_the_spatial_gate_is_the_one_named():
    x = picture((2, 4, 5, 3))
    attention = SpatialAttention(kernel_size=3, gate="hardsigmoid").double()
    expected = oracles.spatial_mask(x, attention.conv.weight, gate=oracles.hardsigmoid)
    agree(attention, x, expected, rtol=SIXTH)


@pytest.mark.parametrize("size", [(1, 5, 3, 4), (3, 18, 5, 2)])
def test_cbam(size):
    x = picture(size)
    module = CBAM(size[1], spatial=SpatialAttention(kernel_size=3)).double()
    parts = (*weights(module.channel.mask), module.spatial.mask.conv.weight)
    agree(module, x, oracles.cbam(x, *parts))


def test_cbam_in_the_other_order_differs():
    x = picture((2, 5, 4, 3))
    module = CBAM(5).double()
    assert not torch.allclose(module(x), module.channel(module.spatial(x)), atol=1e-5)


def test_cbam_takes_the_masks_it_is_given():
    channel, spatial = ChannelAttention(8, min_hidden=1), SpatialAttention(kernel_size=3)
    module = CBAM(8, channel=channel, spatial=spatial)
    assert module.channel.mask is channel
    assert module.spatial.mask is spatial


@pytest.mark.parametrize("make", [lambda: ChannelAttention(4), SpatialAttention])
def test_reweight_multiplies_by_the_mask_and_leaves_x_alone(make):
    mask, x = make(), torch.randn(2, 4, 5, 3)
    before = x.clone()
    expected = x * mask(x)
    assert torch.equal(Reweight(mask)(x), expected)
    assert torch.equal(x, before)


@pytest.mark.parametrize("gate", ["sigmoid", "hardsigmoid"])
@pytest.mark.parametrize("scale", [0.0, 1.0, 1e4])
def test_a_mask_stays_between_zero_and_one(gate, scale):
    x = scale * torch.randn(3, 6, 4, 5)
    for mask in (ChannelAttention(6, gate=gate)(x), SpatialAttention(gate=gate)(x)):
        assert mask.min() >= 0
        assert mask.max() <= 1
