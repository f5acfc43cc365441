"""Mix: what its amount is, how it is learned, and how a warm-up counts."""

import copy
import math

import pytest
import torch
import variants
from hypothesis import given
from hypothesis import strategies as st
from variants import examples

from cbam_teach import CBAM, Learnable, ResidualBlock, SimpleCNN, WarmUp
from cbam_teach.mixing import Mix

numbers = st.floats(-100, 100, width=32)
shares = st.floats(0, 1, width=32)
inner_shares = st.floats(1e-6, 1 - 1e-6)


def mix(amount, bounded: bool = False) -> Mix:
    return Mix("Test", "mix", amount, bounded=bounded)


def pair(seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    return tuple(torch.randn(2, 2, 3, 4, 5, generator=torch.Generator().manual_seed(seed)))


@examples(60)
@given(numbers, st.booleans())
def test_a_free_amount_starts_with_what_was_asked(start, learned):
    module, (x, y) = mix(Learnable(start) if learned else start), pair()
    assert module.amount() == start
    assert module.amount().shape == ()
    torch.testing.assert_close(module(x, y), x + start * (y - x))


@examples(60)
@given(st.data(), st.booleans())
def test_a_bounded_amount_starts_with_what_was_asked(data, learned):
    start = data.draw(inner_shares if learned else shares)
    module = mix(Learnable(start) if learned else start, bounded=True)
    torch.testing.assert_close(module.amount().item(), start, rtol=2e-6, atol=1e-7)


@examples(60)
@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_a_bounded_amount_cannot_leave_its_bounds(p):
    module = mix(Learnable(0.5), bounded=True)
    with torch.no_grad():
        module.p.fill_(p)
    m = module.amount()
    assert 0 <= m <= 1
    m.backward()
    assert module.p.grad.isfinite()


def test_a_free_amount_is_the_parameter_itself_and_a_bounded_one_its_sigmoid():
    for bounded, slope in ((False, 1.0), (True, 0.3 * 0.7)):
        module = mix(Learnable(0.3), bounded)
        module.amount().backward()
        torch.testing.assert_close(module.p.grad, torch.tensor(slope))
    assert mix(Learnable(0.3)).p == 0.3
    torch.testing.assert_close(mix(Learnable(0.3), True).p.detach(), torch.tensor(math.log(3 / 7)))


@pytest.mark.parametrize("bounded", [True, False])
@pytest.mark.parametrize("zero", [0, 0.0])
def test_zero_is_exactly_the_input(bounded, zero):
    x, y = pair()
    for amount in (zero, WarmUp(zero, 2), WarmUp(0.7, 2), WarmUp(Learnable(0.7), 2)):
        assert torch.equal(mix(amount, bounded)(x, 1e6 * y), x)


def test_one_is_the_other():
    x, y = pair()
    torch.testing.assert_close(mix(1.0)(x, y), y)
    torch.testing.assert_close(mix(1, bounded=True)(x, y), y)


def test_what_is_fixed_is_a_setting_and_what_is_learned_a_parameter():
    assert mix(0.3).state_dict() == {}
    assert list(mix(0.3).parameters()) == []
    assert list(mix(Learnable(0.3)).state_dict()) == ["p"]
    assert list(mix(WarmUp(0.3, 5)).state_dict()) == ["step"]
    assert set(mix(WarmUp(Learnable(0.3), 5), True).state_dict()) == {"p", "step"}
    assert list(mix(WarmUp(0.3, 5)).parameters()) == []


@pytest.mark.parametrize("bounded", [True, False])
@pytest.mark.parametrize("target", [0.8, Learnable(0.8)])
@pytest.mark.parametrize("steps", [1, 4])
def test_a_warm_up_grows_evenly_and_then_stays(target, bounded, steps):
    module, (x, y) = mix(WarmUp(target, steps), bounded), pair()
    for step in range(steps + 3):
        expected = torch.tensor(0.8 * min(step / steps, 1))
        torch.testing.assert_close(module.amount(), expected, check_dtype=False)
        with torch.no_grad():
            torch.testing.assert_close(module(x, y), x + expected * (y - x))
    assert module.step == steps + 3


def test_only_training_counts():
    module, (x, y) = mix(WarmUp(1.0, 4)), pair()
    module(x, y)
    module.eval()
    for _ in range(3):
        torch.testing.assert_close(module(x, y), x + 0.25 * (y - x))
    module.train()
    module(x, y)
    assert module.amount() == 0.5


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_a_warm_up_counts_past_what_half_precision_can(kind):
    module = mix(WarmUp(0.5, 5000)).to(kind)
    module.step = torch.tensor(4998)
    x, y = (part[:, :1, :1, :1].to(kind) for part in pair())
    for _ in range(2):
        module(x, y)
    assert module.step == 5000
    assert not module.step.is_floating_point()
    assert module.amount() == 0.5
    assert module(x, y).dtype == kind


def test_a_resumed_run_goes_on_where_it_stopped():
    module, x = CBAM(4, mix=WarmUp(Learnable(0.6), 5)), torch.randn(2, 4, 3, 5)
    for _ in range(3):
        module(x)
    again = CBAM(4, mix=WarmUp(Learnable(0.6), 5))
    again.load_state_dict(copy.deepcopy(module.state_dict()))
    assert again.mix.amount() == module.mix.amount()
    module(x)
    assert again.mix.step == 3  # each counts for itself
    assert copy.deepcopy(module).mix.step == 4


def test_before_the_first_step_nothing_but_the_rest_of_the_network_learns():
    block = ResidualBlock(4, 4, placement="before", input_mix=WarmUp(Learnable(0.6), 5))
    x = torch.randn(2, 4, 5, 3)
    for step in range(2):
        block.zero_grad()
        block(x).square().sum().backward()
        for name, parameter in block.named_parameters():
            silent = step == 0 and name.startswith(("attention.", "input_mix."))
            assert (parameter.grad == 0).all() == silent, name


def test_every_block_of_a_model_has_its_own():
    model = SimpleCNN(placement="before", input_mix=Learnable(0.2))
    assert model.res1.input_mix.p is not model.res2.input_mix.p
    with torch.no_grad():
        model.res1.input_mix.p.add_(1)
    torch.testing.assert_close(model.res2.input_mix.amount().item(), 0.2)


@examples(30)
@given(variants.SHARES, st.integers(0, 3))
def test_a_mixed_input_lies_between_the_two(amount, seed):
    x, y = pair(seed)
    z = mix(amount, bounded=True)(x, y)
    slack = 1e-5
    assert (z >= torch.minimum(x, y) - slack).all()
    assert (z <= torch.maximum(x, y) + slack).all()


def test_a_mix_says_what_it_is():
    said = "Mix(0, learnable=True, warm_up=5)"
    assert repr(mix(WarmUp(Learnable(0.5), 5))) == said
    assert repr(mix(0.25)) == "Mix(0.25, learnable=False, warm_up=0)"
