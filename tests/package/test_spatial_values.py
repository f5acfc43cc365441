"""Every option of SpatialAttention against plain loops, and each option shown to matter."""

import oracles
import pytest
import torch
from agreement import SIXTH, agree, differ, picture, shaken

from cbam_teach import SpatialAttention

SIZES = [(1, 5, 3, 4), (3, 6, 5, 2), (2, 1, 1, 6), (2, 3, 15, 2)]
OPTIONS = [
    {"bias": True},
    {"norm_momentum": 0.01},
    {"temperature": 0.25},
    {"temperature": 3.0, "learnable_temperature": True},
    {"bias": True, "gate": "hardsigmoid", "temperature": 2},
    {"norm_momentum": 1, "learnable_temperature": True},
]


def expected(attention: SpatialAttention, x: torch.Tensor, options: dict) -> torch.Tensor:
    """Return what the options say, by the oracle, with the module's own numbers."""
    temperature = options.get("temperature", 1)
    if options.get("learnable_temperature"):
        temperature = 1e-6 + oracles.softplus(attention.gate.temperature.p)
    return oracles.spatial_mask(
        x,
        attention.conv.weight,
        gate=oracles.hardsigmoid if "gate" in options else oracles.sigmoid,
        bias=attention.conv.bias if "bias" in options else 0,
        norm=attention.norm if "norm_momentum" in options else None,
        temperature=temperature,
    )


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("kernel", [3, 7])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("options", OPTIONS)
def test_spatial_options(size, options, kernel, training):
    x = picture(size)
    attention = shaken(SpatialAttention(kernel_size=kernel, **options)).train(training)
    rtol = SIXTH if "gate" in options else 1e-7
    agree(attention, x, expected(attention, x, options), rtol)


@pytest.mark.parametrize(
    ("options", "left_out"),
    [(options, name) for options in OPTIONS for name in options if name != "temperature"],
)
def test_a_spatial_option_that_is_left_out_shows(options, left_out):
    x = picture((2, 3, 5, 4))
    attention = shaken(SpatialAttention(kernel_size=3, **options))
    rest = {name: value for name, value in options.items() if name != left_out}
    assert differ(attention, x, expected(attention, x, rest))


@pytest.mark.parametrize("temperature", [0.25, 2])
def test_a_fixed_spatial_temperature_that_is_left_out_shows(temperature):
    x = picture((2, 3, 5, 4))
    attention = shaken(SpatialAttention(kernel_size=3, temperature=temperature))
    assert differ(attention, x, expected(attention, x, {}))
    assert differ(attention, x, expected(attention, x, {"temperature": 1 / temperature}))


@pytest.mark.parametrize("momentum", [0.01, 0.1, 1])
@pytest.mark.parametrize("size", [(1, 5, 3, 4), (3, 6, 5, 2)])
def test_the_norm_moves_its_running_numbers_by_its_momentum(size, momentum):
    x = picture(size).detach()
    attention = shaken(SpatialAttention(kernel_size=3, norm_momentum=momentum))
    norm = attention.norm
    mean, variance = norm.running_mean.clone(), norm.running_var.clone()
    attention(x)
    pair = torch.stack(oracles.over_channels(x), 1)
    z = oracles.conv(pair, attention.conv.weight, 1, 1).detach()
    spread = ((z - z.sum() / z.numel()) ** 2).sum() / (z.numel() - 1)
    wanted = (1 - momentum) * mean + momentum * z.sum() / z.numel()
    torch.testing.assert_close(norm.running_mean, wanted)
    torch.testing.assert_close(norm.running_var, (1 - momentum) * variance + momentum * spread)
    assert norm.num_batches_tracked == 1
    before = norm.running_mean.clone()
    attention.eval()(x)
    assert torch.equal(norm.running_mean, before)


def test_training_and_evaluation_are_two_functions_where_there_is_a_norm():
    x = picture((2, 3, 5, 4))
    normed = shaken(SpatialAttention(norm_momentum=0.01))
    in_training = normed(x)
    assert differ(normed.eval(), x, in_training)
    plain = shaken(SpatialAttention(bias=True))
    assert torch.equal(plain(x), plain.eval()(x))
