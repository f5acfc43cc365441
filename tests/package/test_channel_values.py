"""Every option of ChannelAttention against plain loops, and each option shown to matter."""

import oracles
import oracles_dynamic
import pytest
import torch
from agreement import SIXTH, agree, differ, picture, shaken

from cbam_teach import ChannelAttention

SIZES = [(1, 5, 3, 4), (3, 6, 5, 2), (2, 20, 4, 7), (1, 1, 1, 1)]
OPTIONS = [
    {"bias": True},
    {"fusion": "softmax"},
    {"fusion": "router", "bias": True},
    {"temperature": 0.25},
    {"temperature": 5, "learnable_temperature": True},
    {"act": "silu"},
    {"gate": "hardsigmoid", "temperature": 2.5, "bias": True},
    {"fusion": "softmax", "act": "silu", "learnable_temperature": True, "bias": True},
    {"fusion": "router", "act": "silu", "gate": "hardsigmoid", "temperature": 30.0},
]


def expected(attention: ChannelAttention, x: torch.Tensor, options: dict) -> torch.Tensor:
    """Return what the options say, by the oracle, with the module's own numbers."""
    first, _, second = attention.mlp
    fusion = options.get("fusion", "sum")
    shares = (1, 1)
    if fusion == "softmax":
        shares = oracles.softmax(list(attention.fusion.logits))
    elif fusion == "router":
        means, tops = oracles.over_pixels(x)
        shares = oracles_dynamic.router(attention.fusion, [*means, *tops])
    temperature = options.get("temperature", 1)
    if options.get("learnable_temperature"):
        temperature = 1e-6 + oracles.softplus(attention.gate.temperature.p)
    hard, silu = options.get("gate") == "hardsigmoid", options.get("act") == "silu"
    return oracles.channel_mask(
        x,
        first.weight,
        second.weight,
        gate=oracles.hardsigmoid if hard else oracles.sigmoid,
        act=oracles.silu if silu else torch.relu,
        biases=(first.bias, second.bias) if options.get("bias") else None,
        shares=shares,
        temperature=temperature,
    )


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("options", OPTIONS)
def test_channel_options(size, options):
    x = picture(size)
    attention = shaken(ChannelAttention(size[1], **options))
    rtol = SIXTH if options.get("gate") == "hardsigmoid" else 1e-8
    agree(attention, x, expected(attention, x, options), rtol)


@pytest.mark.parametrize(
    ("options", "left_out"),
    [
        (options, name)
        for options in OPTIONS
        for name in options
        if name != "bias" and not (name == "temperature" and "learnable_temperature" in options)
    ],
)
def test_a_channel_option_that_is_left_out_shows(options, left_out):
    x = picture((3, 6, 5, 2))
    attention = shaken(ChannelAttention(6, **options))
    rest = {name: value for name, value in options.items() if name != left_out}
    assert differ(attention, x, expected(attention, x, rest))


def test_a_channel_bias_that_is_left_out_shows():
    x = picture((3, 6, 5, 2))
    attention = shaken(ChannelAttention(6, bias=True))
    assert differ(attention, x, expected(attention, x, {}))


def test_the_shares_of_the_fusion_start_even_and_are_used_in_their_order():
    x = picture((2, 6, 3, 5))
    attention = ChannelAttention(6, fusion="softmax").double()
    half = oracles.channel_mask(x, attention.mlp[0].weight, attention.mlp[2].weight, temperature=2)
    torch.testing.assert_close(attention(x), half)
    with torch.no_grad():
        attention.fusion.logits.copy_(torch.tensor([60.0, -60.0]))
    alone = {
        use: oracles.channel_mask(x, attention.mlp[0].weight, attention.mlp[2].weight, use=use)
        for use in ("mean", "max")
    }
    torch.testing.assert_close(attention(x), alone["mean"])
    assert differ(attention, x, alone["max"])


def test_a_routed_fusion_decides_for_each_sample():
    x = picture((3, 6, 5, 2))
    attention = shaken(ChannelAttention(6, fusion="router"))
    means, tops = oracles.over_pixels(x)
    shares = oracles_dynamic.router(attention.fusion, [*means, *tops])
    assert shares[0].std() > 1e-3
    turned = oracles_dynamic.router(attention.fusion, [*tops, *means])
    first, second = attention.mlp[0].weight, attention.mlp[2].weight
    for wrong in (turned, shares[::-1]):
        assert differ(attention, x, oracles.channel_mask(x, first, second, shares=tuple(wrong)))


@pytest.mark.parametrize(("start", "value"), [(1e-4, 1e-4), (1.0, 1.0), (1e4, 1e4)])
def test_a_learnable_temperature_starts_where_it_was_asked_to(start, value):
    attention = ChannelAttention(6, temperature=start, learnable_temperature=True).double()
    p = attention.gate.temperature.p
    stable = 1e-6 + torch.logaddexp(p, torch.zeros_like(p))
    torch.testing.assert_close(stable, torch.tensor(value).double(), rtol=1e-6, atol=0)
    torch.testing.assert_close(attention.gate.temperature(), stable)
