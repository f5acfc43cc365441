"""Amounts for `mix` and `input_mix` that are refused: numbers, starts, targets and steps."""

import math

import pytest
import torch
from test_option_errors import says

from cbam_teach import CBAM, Learnable, ResidualBlock, WarmUp

pytestmark = pytest.mark.usefixtures("as_released")

FINITE = "finite and within its range"


def before(input_mix):
    return ResidualBlock(4, 4, placement="before", input_mix=input_mix)


ANY = "-∞ < mix < ∞"
MIX = [
    (lambda: CBAM(4, mix=math.nan), ValueError, f"CBAM: `mix` must be {FINITE}", "nan", ANY),
    (lambda: CBAM(4, mix=-math.inf), ValueError, FINITE, "-inf", ANY),
    (lambda: CBAM(4, mix=1e39), ValueError, FINITE, "1e+39", ANY),  # float32 ends at 3.4e38
    (lambda: CBAM(4, mix=10**400), ValueError, FINITE, "1000", ANY),
    (lambda: CBAM(4, mix="half"), TypeError, "CBAM: `mix` must be a number", "'half'", ANY),
    (lambda: CBAM(4, mix=True), TypeError, "a number", "True", ANY),
    (lambda: CBAM(4, mix=torch.tensor(0.5)), TypeError, "a number", "tensor(0.5000)", ANY),
    (lambda: CBAM(4, mix=Learnable(math.inf)), ValueError, FINITE, "inf", ANY),
    (lambda: CBAM(4, mix=Learnable("0.1")), TypeError, "a number", "'0.1'", ANY),
    (lambda: CBAM(4, mix=Learnable(None)), TypeError, "a number", "None", ANY),
    (lambda: CBAM(4, mix=Learnable), TypeError, "a number", "<class", ANY),
    (lambda: CBAM(4, mix=Learnable(Learnable(1))), TypeError, "a number", "Learnable(", ANY),
    (lambda: CBAM(4, mix=WarmUp(0.5, 0)), ValueError, "CBAM: `mix.steps` must be at least 1",
     "0", "1, 2, 3, …"),
    (lambda: CBAM(4, mix=WarmUp(0.5, -5)), ValueError, "`mix.steps` must be", "-5", "1, 2, 3, …"),
    (lambda: CBAM(4, mix=WarmUp(0.5, 1.5)), TypeError, "`mix.steps` must be", "1.5", "1, 2, 3, …"),
    (lambda: CBAM(4, mix=WarmUp(None, 5)), TypeError, "`mix` must be a number", "None", ANY),
    (lambda: CBAM(4, mix=WarmUp(WarmUp(1, 2), 3)), TypeError, "a number", "WarmUp(", ANY),
    (lambda: before(-0.1), ValueError, f"ResidualBlock: `input_mix` must be {FINITE}", "-0.1",
     "0 ≤ input_mix ≤ 1"),
    (lambda: before(1.01), ValueError, FINITE, "1.01", "0 ≤ input_mix ≤ 1"),
    (lambda: before(math.nan), ValueError, FINITE, "nan", "0 ≤ input_mix ≤ 1"),
    (lambda: before(False), TypeError, "a number", "False", "0 ≤ input_mix ≤ 1"),
    (lambda: before("λ"), TypeError, "a number", "'λ'", "0 ≤ input_mix ≤ 1"),
    (lambda: before(Learnable(0)), ValueError, FINITE, "0", "0 < input_mix < 1"),
    (lambda: before(Learnable(1.0)), ValueError, FINITE, "1.0", "0 < input_mix < 1"),
    (lambda: before(Learnable(-0.5)), ValueError, FINITE, "-0.5", "0 < input_mix < 1"),
    (lambda: before(WarmUp(2, 5)), ValueError, FINITE, "2", "0 ≤ input_mix ≤ 1"),
    (lambda: before(WarmUp(Learnable(1), 5)), ValueError, FINITE, "1", "0 < input_mix < 1"),
    (lambda: before(WarmUp(0.5, 0)), ValueError, "ResidualBlock: `input_mix.steps`", "0", "1, 2"),
]  # fmt: skip


@pytest.mark.parametrize(("build", "kind", "asked", "given", "allowed"), MIX)
def test_a_wrong_amount_is_refused_when_the_module_is_built(build, kind, asked, given, allowed):
    with pytest.raises(kind, match=says(asked, given, allowed)):
        build()


@pytest.mark.parametrize("placement", ["inside", "after", "beside", "none"])
def test_an_input_mix_belongs_to_before(placement):
    asked = "ResidualBlock: `input_mix` mixes the residual branch's input; it may be given with"
    given, allowed = f"placement='{placement}'", "placement='before'"
    for amount in (0.5, Learnable(0.5), WarmUp(0.5, 3)):
        with pytest.raises(ValueError, match=says(asked, given, allowed)):
            ResidualBlock(4, 4, placement=placement, input_mix=amount)
