"""Coordinate Attention against plain loops, in training and in evaluation."""

import oracles
import oracles_masks
import pytest
import torch
from agreement import SIXTH, agree, differ, picture, shaken

from cbam_teach import CoordinateAttention

SIZES = [(1, 5, 3, 4), (3, 6, 5, 2), (2, 20, 1, 3), (2, 1, 2, 1)]


def parts(attention: CoordinateAttention) -> tuple:
    conv, norm, _ = attention.shared
    layers = []
    for layer in (conv, attention.to_rows, attention.to_columns):
        weight = layer.weight[:, :, 0, 0]
        layers.append((weight,) if layer.bias is None else (weight, layer.bias))
    return layers[0], norm, layers[1], layers[2]


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("size", SIZES)
def test_coordinate_attention(size, bias, training):
    x = picture(size)
    attention = shaken(CoordinateAttention(size[1], bias=bias)).train(training)
    expected = oracles_masks.coordinate(x, *parts(attention))
    agree(attention, x, expected, rtol=SIXTH)


@pytest.mark.parametrize(("channels", "reduction", "hidden"),
                         [(6, 32, 8), (20, 2, 10), (257, 32, 8), (288, 32, 9)])  # fmt: skip
def test_the_shared_layer_is_never_narrower_than_eight(channels, reduction, hidden):
    attention = CoordinateAttention(channels, reduction)
    assert attention.shared[0].weight.shape == (hidden, channels, 1, 1)
    assert attention.to_rows.weight.shape == attention.to_columns.weight.shape
    assert attention.to_columns.weight.shape == (channels, hidden, 1, 1)


def test_rows_and_columns_are_told_apart():
    x = picture((2, 5, 4, 4))
    attention = shaken(CoordinateAttention(5))
    shared, norm, rows, columns = parts(attention)
    assert differ(attention, x, oracles_masks.coordinate(x, shared, norm, columns, rows))
    assert differ(attention, x.mT, attention(x))


def test_both_strips_share_one_batch_norm():
    x = picture((2, 5, 4, 3))
    attention = shaken(CoordinateAttention(5))
    apart = oracles_masks.coordinate(x, *parts(attention), apart=True)
    assert differ(attention, x, apart)
    torch.testing.assert_close(
        attention.eval()(x), oracles_masks.coordinate(x, *parts(attention), apart=True)
    )


def test_training_moves_the_running_numbers_a_tenth_of_the_way():
    x = picture((3, 6, 5, 2)).detach()
    attention = shaken(CoordinateAttention(6, bias=False))
    (weight,), norm, _, _ = parts(attention)
    mean, variance = norm.running_mean.clone(), norm.running_var.clone()
    attention(x)
    strips = torch.cat([x.mean(3), x.mean(2)], 2)  # (B, C, H + W)
    seen = torch.einsum("hc,bcp->hbp", weight, strips).flatten(1)
    torch.testing.assert_close(norm.running_mean, 0.9 * mean + 0.1 * seen.mean(1))
    torch.testing.assert_close(norm.running_var, 0.9 * variance + 0.1 * seen.var(1))
    before = norm.running_mean.clone()
    attention.eval()(x)
    assert torch.equal(norm.running_mean, before)


def test_hard_swish_is_the_oracles():
    z = torch.linspace(-5, 5, 41, dtype=torch.float64)
    torch.testing.assert_close(torch.nn.functional.hardswish(z), oracles.hardswish(z))
