"""Options that the notes' classes turn into others without a word, and what is done here."""

import math

import pytest
import torch
import torch.nn.functional as F

from cbam_teach import (
    ChannelAttention,
    DynamicSpatialAttention,
    Learnable,
    ResidualBlock,
    SpatialAttention,
    Temperature,
)

as_released = pytest.mark.usefixtures("as_released")


def inverse_softplus(start: float) -> torch.Tensor:
    """Return the ladder's first parameter of a learned temperature, in float32 as there."""
    t = torch.tensor(start)
    return torch.log(torch.exp(t) - 1 + 1e-6)


def clamped_inverse(start: float) -> torch.Tensor:
    """Return that of step 2, which clamps instead of adding."""
    t = torch.tensor(start)
    return torch.log(torch.clamp(torch.exp(t) - 1, min=1e-6))


@pytest.mark.parametrize("inverse", [inverse_softplus, clamped_inverse])
@pytest.mark.parametrize("start", [89.0, 1000.0])
def test_a_learned_temperature_of_89_or_more_is_infinite(inverse, start):
    p = inverse(start)
    assert p == math.inf
    assert torch.equal(torch.sigmoid(torch.randn(3, 4) / (F.softplus(p) + 1e-6)),
                       torch.full((3, 4), 0.5))  # fmt: skip
    assert Temperature(start)().item() == pytest.approx(start, rel=1e-6)


@pytest.mark.parametrize(
    ("inverse", "start", "shift"),
    [(inverse_softplus, 1e-4, 0.02), (inverse_softplus, 1.0, 1e-6), (inverse_softplus, 1e-5, 0.2),
     (clamped_inverse, 1e-4, 0.01), (clamped_inverse, 1e-6, 1.0)],
)  # fmt: skip
def test_a_small_learned_temperature_starts_somewhere_else(inverse, start, shift):
    got = (F.softplus(inverse(start)) + 1e-6).item()
    assert abs(got / start - 1) > 0.8 * shift
    if start >= 1e-4:
        assert abs(Temperature(start)().item() / start - 1) < 1e-6


def kept_in_bounds(start: float) -> float:
    """Return the λ that Pattern 3 starts from when it was asked for this one."""
    return min(max(start, 1e-4), 1 - 1e-4)


@as_released
@pytest.mark.parametrize(("asked", "got"), [(0.0, 1e-4), (1.0, 0.9999), (7.0, 0.9999), (-1, 1e-4)])
def test_a_lambda_out_of_bounds_becomes_another_without_a_word(asked, got):
    assert kept_in_bounds(asked) == got
    with pytest.raises(ValueError, match="0 < input_mix < 1"):
        ResidualBlock(4, 4, placement="before", input_mix=Learnable(asked))
    if 0 <= asked <= 1:
        block = ResidualBlock(4, 4, placement="before", input_mix=asked)
        assert block.input_mix.amount().item() == asked
    else:
        with pytest.raises(ValueError, match="0 ≤ input_mix ≤ 1"):
            ResidualBlock(4, 4, placement="before", input_mix=asked)


def made_odd(side: float) -> int:
    """Return the window that the notes build when they are asked for this one."""
    side = int(side)
    return side + 1 if side % 2 == 0 else side


@as_released
@pytest.mark.parametrize(("asked", "got"), [(6, 7), (0, 1), (2.9, 3)])
def test_an_even_window_becomes_a_larger_one_without_a_word(asked, got):
    assert made_odd(asked) == got
    for build in (
        lambda: SpatialAttention(kernel_size=asked),
        lambda: DynamicSpatialAttention(kernels=(3, asked)),
        lambda: DynamicSpatialAttention(dilated=(asked, 2)),
    ):
        with pytest.raises((ValueError, TypeError), match="must be"):
            build()


def chosen_act(word: str):
    """Return the activation of the first steps of the ladder: whatever is not relu is silu."""
    return F.relu if word == "relu" else F.silu


@as_released
@pytest.mark.parametrize("word", ["gelu", "ReLU", "tanh", ""])
def test_any_other_activation_becomes_silu_without_a_word(word):
    assert chosen_act(word) is F.silu
    with pytest.raises(ValueError, match="`act` must be one of"):
        ChannelAttention(8, act=word)
