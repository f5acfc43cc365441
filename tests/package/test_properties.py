"""What holds for every attention, whatever its options."""

import math
from functools import partial

import pytest
import torch
import variants
from hypothesis import given
from hypothesis import strategies as st
from variants import CHANNELS, SIZES, examples

from cbam_teach import CBAM, ChannelAttention, DynamicSpatialAttention, Mask, SpatialAttention

sizes = st.sampled_from(SIZES)
seeds = st.integers(0, 3)


def picture(size: tuple[int, ...], seed: int) -> torch.Tensor:
    return torch.randn(size, generator=torch.Generator().manual_seed(seed))


@examples(60)
@given(variants.MASKS, sizes, seeds, st.sampled_from([0.0, 1.0, 1e4]), st.booleans())
def test_a_mask_can_be_spread_and_lies_between_zero_and_one(make, size, seed, scale, training):
    mask = make().train(training and math.prod(size) > 2 * CHANNELS)
    alpha = mask(scale * picture(size, seed))
    assert alpha.ndim == 4
    assert all(part in (1, whole) for part, whole in zip(alpha.shape, size, strict=True))
    assert alpha.shape[0] == size[0]
    assert alpha.min() >= 0
    assert alpha.max() <= 1


@examples(40)
@given(variants.REWEIGHTED, sizes, seeds)
def test_what_is_reweighted_keeps_its_shape_and_x_is_left_alone(make, size, seed):
    module, x = make(), picture(size, seed)
    before = x.clone()
    assert module(x).shape == size
    assert torch.equal(x, before)


@examples(40)
@given(variants.BLOCKS, sizes, seeds)
def test_a_block_gives_the_shape_that_its_options_say(make, size, seed):
    y = make().eval()(picture(size, seed))
    outputs, stride = make.keywords["outputs"], make.keywords["stride"]
    high, wide = (math.ceil(side / stride) for side in size[2:])
    assert y.shape == (size[0], outputs, high, wide)
    assert y.min() >= 0


def independent(module: torch.nn.Module, x: torch.Tensor) -> bool:
    """Return whether each sample's result is its own, in a batch and among changed others."""
    whole = module(x)
    single = torch.cat([module(x[i : i + 1]) for i in range(len(x))])
    changed = x.clone()
    changed[-1] = 5 - changed[-1]
    others = module(changed)[:-1]
    close = partial(torch.allclose, rtol=1e-5, atol=1e-6)
    return close(whole, single) and close(whole[:-1], others)


@examples(60)
@given(variants.MODULES, st.sampled_from(SIZES[1:]), seeds)
def test_samples_do_not_see_each_other(make, size, seed):
    assert independent(make().eval(), picture(size, seed))


class Shared(Mask):
    """A mask that all samples of a batch decide together: the control."""

    def forward(self, x):
        return x.mean(dim=0, keepdim=True).sigmoid().expand_as(x)


@pytest.mark.parametrize("module", [Shared(), SpatialAttention(norm_momentum=0.1).train()])
def test_samples_that_see_each_other_are_noticed(module):
    assert not independent(module, picture((3, CHANNELS, 4, 5), 0))


@examples(30)
@given(variants.CHANNEL_MASKS, variants.SPATIAL_MASKS | variants.DYNAMIC_MASKS, sizes, seeds)
def test_a_mix_of_zero_is_the_identity_and_one_is_all_of_it(channel, spatial, size, seed):
    x = picture(size, seed)
    none = variants.cbam(channel, spatial, 0).eval()
    assert torch.equal(none(x), x)
    whole = variants.cbam(channel, spatial, 1.0).eval()
    whole.load_state_dict(none.state_dict())
    plain = variants.cbam(channel, spatial, None).eval()
    plain.load_state_dict(none.state_dict())
    torch.testing.assert_close(whole(x), plain(x))
    assert not torch.equal(plain(x), x)


TEMPERED = [
    lambda **options: ChannelAttention(CHANNELS, **options),
    lambda **options: ChannelAttention(CHANNELS, fusion="router", bias=True, **options),
    SpatialAttention,
    partial(SpatialAttention, norm_momentum=0.1),
    DynamicSpatialAttention,
    partial(DynamicSpatialAttention, router="pixel", separable=True),
]


@pytest.mark.parametrize("make", TEMPERED)
@pytest.mark.parametrize("gate", ["sigmoid", "hardsigmoid"])
@pytest.mark.parametrize("learnable_temperature", [False, True])
@pytest.mark.parametrize("size", SIZES[:2])
def test_heat_flattens_a_mask_and_cold_sharpens_it(make, gate, learnable_temperature, size):
    x = 3 * picture(size, 1)
    options = {"gate": gate, "learnable_temperature": learnable_temperature}
    usual = make(**options).eval()

    def away(temperature: float) -> torch.Tensor:
        """Return how far from ½ the same logits end at this temperature."""
        other = make(temperature=temperature, **options).eval()
        kept = {k: v for k, v in usual.state_dict().items() if not k.endswith("temperature.p")}
        other.load_state_dict(kept, strict=False)
        return (other(x) - 0.5).abs()

    at_one = away(1.0)
    assert at_one.max() > 1e-3
    assert away(1e4).max() < 1e-3
    torch.testing.assert_close(away(1e4) * 1e4, away(1e3) * 1e3, rtol=1e-2, atol=2e-3)
    assert (away(0.5) >= at_one).all()
    assert (away(2.0) <= at_one).all()
    assert away(0.5).sum() > 1.2 * at_one.sum()
    assert away(1e-4).median() == 0.5


def test_without_a_mix_the_output_is_never_further_from_zero_than_the_input():
    x = picture((2, CHANNELS, 5, 4), 0)
    y = CBAM(CHANNELS)(x)
    assert (y.abs() <= x.abs()).all()
    assert (y * x >= 0).all()
