"""The folded form gives the same mask with one convolution, and leaves the original alone."""

import copy

import pytest
import torch
import variants
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from variants import CHANNELS, SIZES, examples

from cbam_teach import (
    CBAM,
    LADDER,
    ChannelAttention,
    DynamicSpatialAttention,
    ResidualBlock,
    SimpleCNN,
    SpatialAttention,
    fold,
    trace,
)
from cbam_teach.fold import FoldedSpatialAttention

sizes = st.sampled_from([*SIZES, (9, CHANNELS, 16, 5)])


def shaken(module: nn.Module) -> nn.Module:
    """Give every parameter and every stored number of a batch norm a value that would show."""
    for parameter in module.parameters():
        nn.init.normal_(parameter, std=0.4)
    for norm in module.modules():
        if isinstance(norm, nn.BatchNorm2d):
            norm.running_mean.normal_()
            norm.running_var.uniform_(0.5, 2.0)
    return module


def kinds(module: nn.Module) -> list[type]:
    return [type(part) for part in module.modules()]


def same_mask(mask: nn.Module, size: tuple[int, ...], seed: int) -> None:
    mask = shaken(mask)
    x = torch.randn(size, generator=torch.Generator().manual_seed(seed))
    with torch.no_grad():
        torch.testing.assert_close(fold(mask)(x), mask.eval()(x), rtol=0, atol=1e-5)
        mask, x = mask.double(), x.double()
        torch.testing.assert_close(fold(mask)(x), mask(x), rtol=0, atol=1e-13)


@examples(30)
@given(variants.DYNAMIC_MASKS, sizes, st.integers(0, 3))
def test_a_dynamic_mask_is_folded_exactly(make, size, seed):
    same_mask(make(), size, seed)
    assert kinds(fold(make()))[0] is FoldedSpatialAttention


@examples(20)
@given(variants.SPATIAL_MASKS, sizes, st.integers(0, 3))
def test_a_spatial_mask_is_folded_exactly(make, size, seed):
    same_mask(make(), size, seed)
    assert nn.BatchNorm2d not in kinds(fold(make()))


@examples(20)
@given(variants.BLOCKS | variants.CBAMS | variants.STEPS, sizes, st.integers(0, 3))
def test_whatever_holds_a_mask_is_folded_exactly(make, size, seed):
    module = shaken(make()).double().eval()
    x = torch.randn(size, dtype=torch.double, generator=torch.Generator().manual_seed(seed))
    folded = fold(module)
    assert DynamicSpatialAttention not in kinds(folded)
    torch.testing.assert_close(folded(x), module(x), rtol=1e-12, atol=1e-12)


def test_a_fold_that_forgets_something_differs():
    mask, x = shaken(DynamicSpatialAttention()), torch.randn(3, CHANNELS, 9, 7)
    expected, folded = mask(x), fold(mask)
    folded.kernels = folded.kernels.mT
    assert not torch.allclose(folded(x), expected, atol=1e-3)
    normed = shaken(SpatialAttention(norm_momentum=0.1)).eval()
    folded = fold(normed)
    folded.conv.bias = None
    assert not torch.allclose(folded(x), normed(x), atol=1e-3)


@pytest.mark.parametrize("router", ["sample", "pixel"])
@pytest.mark.parametrize(
    ("options", "kernels"),
    [
        ({}, (3, 2, 13, 13)),
        ({"coordinates": True, "separable": True}, (3, 4, 13, 13)),
        ({"kernels": (1, 5), "dilated": None}, (2, 2, 5, 5)),
        ({"kernels": (9,), "dilated": (3, 3), "coordinates": True}, (2, 4, 9, 9)),
    ],
)
def test_the_kernels_are_as_large_as_the_widest_branch(options, kernels, router):
    folded = fold(DynamicSpatialAttention(router=router, **options))
    assert folded.kernels.shape == kernels
    assert not folded.kernels.requires_grad
    assert nn.Conv2d not in kinds(folded)


def test_the_original_is_untouched():
    model = shaken(ResidualBlock(CHANNELS, CHANNELS, attention=LADDER["pixel_routed"]))
    model.more = nn.Sequential(SpatialAttention(norm_momentum=0.1))
    before, parts = copy.deepcopy(model.state_dict()), kinds(model)
    folded = fold(model)
    for parameter in folded.parameters():
        nn.init.zeros_(parameter)
    assert kinds(model) == parts
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert model.state_dict().keys() == before.keys()


@pytest.mark.parametrize("training", [True, False])
def test_the_fold_is_for_inference_and_the_original_keeps_its_mode(training):
    for module in (
        DynamicSpatialAttention(),
        nn.Sequential(LADDER["dynamic"](CHANNELS), SpatialAttention(norm_momentum=0.1)),
    ):
        module.train(training)
        folded = fold(module)
        assert not any(part.training for part in folded.modules())
        assert all(part.training == training for part in module.modules())


def test_a_module_that_stands_in_two_places_is_folded_in_both_and_stays_one():
    mask = shaken(DynamicSpatialAttention())
    normed = shaken(SpatialAttention(norm_momentum=0.1))
    one, other = (CBAM(CHANNELS, spatial=part) for part in (mask, normed))
    model = nn.Sequential(one, CBAM(CHANNELS, spatial=mask), one, other, other).eval()
    folded, x = fold(model), torch.randn(2, CHANNELS, 5, 7)
    assert DynamicSpatialAttention not in kinds(folded)
    assert folded[0] is folded[2]
    assert folded[0].spatial.mask is folded[1].spatial.mask
    torch.testing.assert_close(folded(x), model(x), rtol=0, atol=1e-5)
    pair = fold(nn.Sequential(mask, mask))
    assert pair[0] is pair[1]
    assert type(pair[0]) is FoldedSpatialAttention


def test_a_child_that_is_none_stays_none():
    block = ResidualBlock(4, 4, placement="none")
    assert fold(block).attention is None


def test_what_has_nothing_to_fold_is_copied():
    module, x = ChannelAttention(CHANNELS), torch.randn(2, CHANNELS, 3, 5)
    folded = fold(module)
    assert folded is not module
    assert torch.equal(folded(x), module(x))


@pytest.mark.parametrize("router", ["sample", "pixel"])
def test_the_folded_form_is_a_module_like_any_other(router):
    mask, x = DynamicSpatialAttention(router=router), torch.randn(2, CHANNELS, 5, 7)
    folded, other = fold(mask), fold(DynamicSpatialAttention(router=router))
    names = {"kernels", *(f"router.mlp.{i}.{part}" for i in (0, 2) for part in ("weight", "bias"))}
    assert folded.state_dict().keys() == names
    assert not torch.equal(folded(x), other(x))
    other.load_state_dict(folded.state_dict())
    assert torch.equal(folded(x), other(x))
    assert torch.equal(copy.deepcopy(folded)(x), folded(x))


def test_folding_twice_is_folding_once():
    x = torch.randn(2, 3, 9, 7)
    once = fold(shaken(SimpleCNN(attention=LADDER["separable"])))
    twice = fold(once)
    assert kinds(twice) == kinds(once)
    assert torch.equal(twice(x), once(x))


@pytest.mark.parametrize("router", ["sample", "pixel"])
def test_a_folded_mask_and_its_shares_are_traced(router):
    model = CBAM(CHANNELS, spatial=DynamicSpatialAttention(router=router)).eval()
    x = torch.randn(2, CHANNELS, 5, 7)
    with trace(model) as maps, torch.no_grad():
        model(x)
    with trace(fold(model)) as folded, torch.no_grad():
        fold(model)(x)
    assert folded == {}  # another copy ran
    quick = fold(model)
    with trace(quick) as folded, torch.no_grad():
        quick(x)
    assert folded.keys() == maps.keys()
    for name, value in maps.items():
        torch.testing.assert_close(folded[name], value, rtol=0, atol=1e-5)


@pytest.mark.parametrize("router", ["sample", "pixel"])
def test_an_empty_batch_stays_empty(router):
    mask = DynamicSpatialAttention(router=router)
    for form in (mask, fold(mask)):
        assert form(torch.zeros(0, CHANNELS, 5, 3)).shape == (0, 1, 5, 3)
