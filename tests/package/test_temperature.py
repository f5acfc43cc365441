"""Temperature: exact where it starts, positive wherever it goes, and without overflow."""

import copy
import math

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from variants import examples

from cbam_teach import ChannelAttention, SpatialAttention, Temperature
from cbam_teach.gates import Gate

STARTS = [min(max(10 ** (-4 + 8 * i / 4000), 1e-4), 1e4) for i in range(4001)]
LARGEST = torch.finfo(torch.float32).max
finite = st.floats(width=32, allow_nan=False, allow_infinity=False)


def worst(temperature) -> float:
    """Return the largest relative distance between what is asked and what T starts with."""
    return max(abs(temperature(start).item() - start) / start for start in STARTS)


def test_it_starts_with_what_was_asked():
    assert worst(lambda start: Temperature(start)()) < 1e-6
    assert worst(lambda start: Temperature(start, learnable=False)()) < 1e-7
    assert worst(lambda start: Temperature(start).double()()) < 1e-6


def notes(start: float, floor: float = 1e-6) -> torch.Tensor:
    """The parametrisation of the notes' third step."""
    return F.softplus(torch.log(torch.exp(torch.tensor(start)) - 1.0 + floor)) + floor


def notes_clamped(start: float, floor: float = 1e-6) -> torch.Tensor:
    """The one of their later step, which clamps instead of adding."""
    inverse = torch.log(torch.clamp(torch.exp(torch.tensor(start)) - 1.0, min=floor))
    return F.softplus(inverse) + floor


def test_the_notes_start_elsewhere_and_overflow():
    for temperature in (notes, notes_clamped):
        assert worst(temperature) == math.inf
        assert temperature(88.0) == 88
        assert temperature(89.0) == math.inf  # exp(89) is beyond float32
        torch.testing.assert_close(temperature(1.0), torch.tensor(1.0), rtol=1e-5, atol=0)
    assert abs(notes(1e-4) / 1e-4 - 1) > 0.01
    assert abs(notes_clamped(1e-4) / 1e-4 - 1) > 0.01


@examples(200)
@given(finite)
def test_it_is_positive_and_its_gradient_finite_for_every_parameter(p):
    temperature = Temperature()
    with torch.no_grad():
        temperature.p.fill_(p)
    t = temperature()
    assert t.item() * (1 + 1e-7) >= 1e-6
    assert t.item() <= LARGEST
    t.backward()
    assert 0 <= temperature.p.grad <= 1


@pytest.mark.parametrize("p", [LARGEST, -LARGEST, 1e-45, -1e-45, -1e-38, 0.0, -87.4, -104.1, 88.8])
def test_the_edges_of_float32_too(p):
    test_it_is_positive_and_its_gradient_finite_for_every_parameter.hypothesis.inner_test(p)


def test_softplus_alone_would_reach_zero():
    assert F.softplus(torch.tensor(-105.0)) == 0
    temperature = Temperature()
    with torch.no_grad():
        temperature.p.fill_(-105.0)
    assert temperature() > 0


GATES = ["sigmoid", "hardsigmoid"]
EXTREMES = [-LARGEST, -1e30, -3e4, -1.0, -1e-30, 0.0, 1e-40, 7.0, 6e4, 1e27, LARGEST]


@pytest.mark.parametrize("gate", GATES)
@pytest.mark.parametrize("p", [-LARGEST, -200.0, -10.0, 0.0, 1e4, 1e30, LARGEST])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
def test_a_gate_and_its_gradients_are_finite_at_any_temperature(gate, p, dtype):
    module = Gate("Test", gate, learnable_temperature=True)
    with torch.no_grad():
        module.temperature.p.fill_(p)
    z = torch.tensor(EXTREMES).clamp(torch.finfo(dtype).min, torch.finfo(dtype).max).to(dtype)
    for one in z:
        one = one.reshape(1).requires_grad_()
        alpha = module(one)
        assert alpha.dtype == dtype
        assert 0 <= alpha <= 1
        module.zero_grad()
        alpha.sum().backward()
        assert one.grad.isfinite() or dtype == torch.float16  # 1 / T itself is beyond float16
        assert module.temperature.p.grad.isfinite()


@pytest.mark.parametrize("gate", GATES)
def test_a_quotient_would_lose_the_gradient(gate):
    temperature = torch.tensor(0.01, dtype=torch.float16, requires_grad=True)
    z = torch.tensor([50.0], dtype=torch.float16)
    squash = {"sigmoid": torch.sigmoid, "hardsigmoid": F.hardsigmoid}[gate]
    squash(z / temperature).sum().backward()
    assert temperature.grad.isnan()
    module = Gate("Test", gate, temperature=0.01, learnable_temperature=True)
    module(z).sum().backward()
    assert module.temperature.p.grad == 0


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_a_cold_mask_learns_in_half_precision(dtype):
    mask = SpatialAttention(temperature=0.01, learnable_temperature=True)
    with torch.no_grad():
        mask.conv.weight.mul_(30)
    x = torch.randn(2, 4, 9, 7, requires_grad=True)
    with torch.autocast("cpu", dtype=dtype):
        mask(x).float().sum().backward()
    assert mask.gate.temperature.p.grad.isfinite()
    assert mask.gate.temperature.p.grad != 0
    assert x.grad.isfinite().all()


@pytest.mark.parametrize("learnable", [True, False])
@pytest.mark.parametrize("gate", GATES)
def test_a_gate_divides_by_its_temperature(gate, learnable):
    z = torch.linspace(-9, 9, 31, dtype=torch.double)
    squash = {"sigmoid": torch.sigmoid, "hardsigmoid": F.hardsigmoid}[gate]
    for t in (1e-4, 0.3, 1.0, 7.5, 1e4):
        module = Gate("Test", gate, t, learnable).double()
        exact = module.temperature().item()
        torch.testing.assert_close(module(z), squash(z / exact), rtol=1e-12, atol=1e-14)
        assert abs(exact / t - 1) < 1e-6


@pytest.mark.parametrize("gate", GATES)
def test_the_gradient_of_the_temperature_is_that_of_the_quotient(gate):
    module = Gate("Test", gate, 0.7, True).double()
    z = torch.randn(3, 4, dtype=torch.double, requires_grad=True)
    squash = {"sigmoid": torch.sigmoid, "hardsigmoid": F.hardsigmoid}[gate]
    probe = torch.randn_like(z)
    left = torch.autograd.grad((module(z) * probe).sum(), [z, module.temperature.p])
    t = 1e-6 + F.softplus(module.temperature.p)
    right = torch.autograd.grad((squash(z / t) * probe).sum(), [z, module.temperature.p])
    torch.testing.assert_close(left, right, rtol=1e-10, atol=1e-12)


def test_a_fixed_temperature_is_a_setting_and_a_learned_one_a_parameter():
    assert Temperature(3.0, learnable=False).state_dict() == {}
    assert list(Temperature(3.0, learnable=False).parameters()) == []
    assert list(Temperature(3.0).state_dict()) == ["p"]
    mask = ChannelAttention(4, temperature=2.0, learnable_temperature=True)
    assert "gate.temperature.p" in mask.state_dict()
    assert copy.deepcopy(Temperature(3.0, learnable=False)).double()().dtype == torch.float64


def test_it_says_what_it_is():
    assert repr(Temperature(0.5)) == "Temperature(0.5, learnable=True)"
    assert repr(Temperature(0.5, learnable=False)) == "Temperature(0.5, learnable=False)"
    assert Temperature()().shape == ()
