"""Counting: what is counted, by hand, and that the model is left as it was."""

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from cbam_teach import (
    CBAM,
    ChannelAttention,
    DynamicSpatialAttention,
    ResidualBlock,
    SimpleCNN,
    SpatialAttention,
    WarmUp,
    fold,
)
from cbam_teach.cost import Cost, count

BY_HAND = [
    (nn.Conv2d(6, 4, 3, bias=True), (6, 8, 5), 4 * 6 * 9 + 4, 4 * 6 * 9 * (6 * 3)),
    (nn.Conv2d(6, 4, 3, padding=1, bias=False), (6, 8, 5), 216, 216 * (8 * 5)),
    (nn.Conv2d(6, 4, (3, 1), stride=2, groups=2), (6, 9, 5), 4 * 3 * 3 + 4, 36 * (4 * 3)),
    (nn.Linear(7, 3), (7,), 24, 21),
    (nn.Linear(7, 3), (5, 7), 24, 5 * 21),
    (nn.Sequential(nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2)), (4, 6, 8), 8, 0),
    (ChannelAttention(32, bias=True), (32, 5, 9), 2 * 32 * 4 + 36, 2 * (2 * 32 * 4)),
    (SpatialAttention(), (5, 6, 9), 98, 98 * 54),
    (SpatialAttention(kernel_size=3, norm_momentum=0.1), (5, 15, 9), 20, 18 * 135),
    (CBAM(32), (32, 15, 9), 256 + 98, 2 * 256 + 98 * 135),
]  # fmt: skip


@pytest.mark.parametrize(("model", "size", "parameters", "products"), BY_HAND)
def test_by_hand(model, size, parameters, products):
    assert count(model, size) == Cost(parameters, products)
    assert count(model, list(size)) == Cost(parameters, products)


def test_a_window_counts_as_the_equation_says_and_not_as_the_processor_cuts_it():
    """Strips of 16 rows would be counted where the map has 15."""
    model, x = SpatialAttention(), torch.randn(1, 4, 15, 9)
    assert count(model, (4, 15, 9)).multiply_adds == 98 * 15 * 9
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        model(x)
    assert counter.get_total_flops() // 2 == 98 * 16 * 9


def test_one_folded_kernel_costs_less_than_the_branches():
    model = DynamicSpatialAttention(kernels=(3, 7), dilated=None)
    branches, router = 2 * (9 + 49) * 99, count(model.router, (2, 11, 9)).multiply_adds
    assert count(model, (4, 11, 9)).multiply_adds == branches + router
    assert count(fold(model), (4, 11, 9)).multiply_adds < branches + router


def test_shared_parameters_count_once_and_frozen_ones_count():
    one = nn.Linear(5, 5)
    one.weight.requires_grad_(False)
    assert count(nn.Sequential(one, one), (5,)) == Cost(30, 50)


@pytest.mark.parametrize("training", [True, False])
def test_the_model_stays_as_it_was(training):
    model = SimpleCNN(attention=lambda c: CBAM(c, mix=WarmUp(0.5, steps=3))).train(training)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    modes = [module.training for module in model.modules()]
    ahead = torch.random.get_rng_state()
    found = count(model, (3, 16, 24))
    assert found == count(model, (3, 16, 24))
    assert torch.equal(torch.random.get_rng_state(), ahead)
    assert [module.training for module in model.modules()] == modes
    after = model.state_dict()
    assert all(torch.equal(after[name], value) for name, value in before.items())
    assert all(value.device.type == "cpu" for value in after.values())
    assert all(parameter.grad is None for parameter in model.parameters())


def test_number_type_and_a_single_pixel():
    block = ResidualBlock(4, 4).double()
    assert count(block, (4, 1, 1)).multiply_adds == 2 * 144 + 2 * 32 + 98


@pytest.mark.usefixtures("as_released")
@pytest.mark.parametrize(
    ("arguments", "kind", "asked", "given"),
    [
        ((CBAM, (3, 4, 5)), TypeError, "count: the model must be", "CBAM"),
        ((nn.Linear(3, 3), 3), TypeError, "count: `size` must be a tuple", "3"),
        ((nn.Linear(3, 3), (0,)), ValueError, "count: `size` must be at least 1", "0"),
        ((nn.Linear(3, 3), (2.5,)), TypeError, "count: `size` must be an integer", "2.5"),
        ((CBAM(4), (5, 3, 2)), ValueError, "the input must have 4 channels", r"\(1, 5, 3, 2\)"),
    ],
)
def test_what_cannot_be_counted_is_refused(arguments, kind, asked, given):
    with pytest.raises(kind, match=rf"{asked}.*Given: {given}\. Allowed: "):
        count(*arguments)
