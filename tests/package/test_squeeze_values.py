"""SE and ECA against plain loops: values and gradients, and mistakes told apart."""

import oracles_masks
import pytest
import torch
from agreement import agree, differ, picture, shaken

from cbam_teach import EfficientChannelAttention, SqueezeExcitation

SIZES = [(1, 5, 3, 4), (3, 6, 5, 2), (2, 20, 4, 7), (2, 33, 1, 3), (1, 1, 1, 1)]


def layers(attention):
    first, _, second = attention.mlp
    return (first.weight, first.bias), (second.weight, second.bias)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("reduction", "hidden"),
    [(16, {1: 1, 5: 1, 6: 1, 20: 1, 33: 2}), (2, {1: 1, 5: 2, 6: 3, 20: 10, 33: 16})],
)
def test_squeeze_excitation(size, reduction, hidden):
    x = picture(size)
    attention = shaken(SqueezeExcitation(size[1], reduction))
    first, second = layers(attention)
    assert first[0].shape == (hidden[size[1]], size[1])
    agree(attention, x, oracles_masks.squeeze_excitation(x, first, second))


def test_squeeze_excitation_reads_the_mean_and_both_biases():
    x = picture((3, 6, 5, 2))
    attention = shaken(SqueezeExcitation(6, 2))
    first, second = layers(attention)
    assert differ(attention, x, oracles_masks.squeeze_excitation(x, first, second, use="max"))
    assert differ(attention, x, oracles_masks.squeeze_excitation(x, first[:1], second))
    assert differ(attention, x, oracles_masks.squeeze_excitation(x, first, second[:1]))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("kernel", [None, 1, 3, 7])
def test_efficient_channel_attention(size, kernel):
    x = picture(size)
    attention = shaken(EfficientChannelAttention(size[1], kernel))
    wanted = oracles_masks.neighbours_read(size[1]) if kernel is None else kernel
    assert attention.conv.weight.shape == (1, 1, wanted)
    agree(attention, x, oracles_masks.efficient_channel(x, attention.conv.weight))


@pytest.mark.parametrize("mistake", [{"turned": True}, {"ring": True}])
def test_an_efficient_channel_mask_with_a_mistake_differs(mistake):
    x = picture((3, 6, 5, 2))
    attention = shaken(EfficientChannelAttention(6, 3))
    assert differ(
        attention, x, oracles_masks.efficient_channel(x, attention.conv.weight, **mistake)
    )


def test_the_neighbours_that_efficient_channel_attention_reads():
    for channels in [*range(1, 140), 255, 256, 511, 512, 513, 2047, 2048, 2049, 8191, 8192]:
        kernel = EfficientChannelAttention(channels).conv.kernel_size
        assert kernel == (oracles_masks.neighbours_read(channels),), channels
    known = {1: 1, 7: 1, 8: 3, 64: 3, 127: 3, 128: 5, 256: 5, 512: 5, 2048: 7}
    assert {c: oracles_masks.neighbours_read(c) for c in known} == known


@pytest.mark.parametrize("make", [SqueezeExcitation, EfficientChannelAttention])
def test_a_channel_mask_sees_the_means_alone(make):
    x = picture((2, 9, 4, 3)).detach()
    attention = shaken(make(9))
    flat = x.mean(dim=(2, 3), keepdim=True).expand_as(x)
    torch.testing.assert_close(attention(x), attention(flat))
    assert not torch.allclose(attention(x), attention(2 * x), atol=1e-4)
