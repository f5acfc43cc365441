"""The experiments' network and its variants: what is built, what it computes, what it refuses."""

import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from cbam_teach import SpatialAttention
from cbam_teach.dynamic import DynamicSpatialAttention
from cbam_teach.probes import TASKS, VARIANTS, ProbeNet, build, make
from cbam_teach.probes.annealed import AnnealedRouter
from cbam_teach.probes.variants import ATTENTIONS, OPEN, PLACES

WITHOUT_WINDOW = ("plain", "sample_router-before", "coordinates-before", "channel-inside")


def whole(net: nn.Module) -> list[torch.Tensor]:
    return list(net.state_dict().values())


@pytest.mark.parametrize("size", [(40, 48), (19, 33)])
def test_each_block_halves_the_map(size):
    height, width = size
    net, shapes = ProbeNet(), {}
    for name in ("stem", "block1", "block2"):
        net.get_submodule(name).register_forward_hook(
            lambda _, x, y, name=name: shapes.update({name: tuple(y.shape)})
        )
    assert net(torch.randn(2, 3, height, width)).shape == (2, 10)

    def half(length: int, times: int) -> int:
        return length if times == 0 else half(-(-length // 2), times - 1)

    assert shapes == {
        name: (2, channels, half(height, times), half(width, times))
        for name, channels, times in (("stem", 16, 1), ("block1", 32, 2), ("block2", 64, 3))
    }


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_variant_learns_with_every_parameter(variant):
    net = build(variant, seed=3).train()
    x = torch.randn(4, 3, 26, 34)
    cross_entropy(net(x), torch.arange(4)).backward()
    still = [
        name for name, p in net.named_parameters()
        if p.grad is None or not p.grad.isfinite().all()
    ]  # fmt: skip
    assert still == []
    silent = [name for name, p in net.named_parameters() if p.grad.abs().max() == 0]
    # mix = 0 lets nothing of the masks through until it has moved.
    closed = variant.startswith("mix_0-")
    assert all(closed and ".attention." in name for name in silent), silent


def test_the_variants_are_every_attention_in_every_place_and_few_others():
    crossed = {f"{name}-{place}" for name in ATTENTIONS for place in PLACES}
    assert VARIANTS.keys() - crossed == {
        "plain", "plain-unused", "cbam-before-mixed", "cbam-inside-unused", "cbam-before-unused",
    }  # fmt: skip
    assert crossed <= VARIANTS.keys()
    for name in crossed:
        net = build(name, seed=0)
        assert net.block1.placement == net.block2.placement == name.rpartition("-")[2]
    assert build("cbam-before-mixed", seed=0).block2.input_mix.amount().item() == pytest.approx(0.1)


def test_all_variants_share_the_rest_of_the_network():
    """Parameters that are not the attention's have the same names and shapes in all of them."""
    plain = {name: p.shape for name, p in build("plain", seed=0).named_parameters()}
    for variant in VARIANTS:
        if not variant.endswith("unused"):
            named = build(variant, seed=0).named_parameters()
            rest = {n: p.shape for n, p in named if ".attention." not in n and "input_mix" not in n}
            assert rest == plain, variant


def test_the_seed_decides_and_pytorchs_own_numbers_go_on():
    torch.manual_seed(5)
    expected = torch.randn(3)
    torch.manual_seed(5)
    one, two, other = (build("cbam-before", seed=seed) for seed in (1, 1, 2))
    assert torch.equal(torch.randn(3), expected)
    assert all(map(torch.equal, whole(one), whole(two)))
    assert not all(map(torch.equal, whole(one), whole(other)))


def test_an_open_gate_starts_near_one():
    """Without weights the masks are those of the biases alone: sigmoid(3)."""
    cbam = build("open-inside", seed=0).block1.attention
    for mask in (cbam.channel.mask, cbam.spatial.mask):
        for name, parameter in mask.named_parameters():
            if name.endswith("weight"):
                nn.init.zeros_(parameter)
        alpha = mask(torch.randn(2, 32, 5, 4))
        torch.testing.assert_close(alpha, torch.full_like(alpha, OPEN).sigmoid())


def test_what_the_names_say_is_built():
    def mask(variant: str, where: str = "spatial") -> nn.Module:
        return build(f"{variant}-inside", seed=0).block2.attention.get_submodule(where).mask

    for variant, per, extra in [
        ("sample_router", "sample", 0), ("pixel_router", "pixel", 0),
        ("coordinates", "sample", 2), ("pixel_coordinates", "pixel", 2),
    ]:  # fmt: skip
        found = mask(variant)
        assert isinstance(found, DynamicSpatialAttention)
        assert (found.router.per, found.router.mlp[0].in_features) == (per, 2 + extra)
    annealed = mask("annealed_router")
    assert isinstance(annealed.router, AnnealedRouter)
    assert annealed.router.mlp[-1].out_features == len(annealed.branches)
    assert mask("wide", "channel").mlp[0].out_features == 16
    for start in (0.0, 0.1, 1.0):
        cbam = build(f"mix_{start:g}-before", seed=0).block1.attention
        assert cbam.mix.amount().item() == pytest.approx(start)


@pytest.mark.parametrize("variant", WITHOUT_WINDOW)
@pytest.mark.parametrize("shift", [(8, 0), (0, -16), (24, 8)])
def test_on_a_ring_a_shifted_picture_is_the_same(variant, shift):
    """Shifts by multiples of 8, the network's step; zeros beyond the border give them away."""
    x = torch.randn(2, 3, 40, 48)
    moved = x.roll(shift, dims=(2, 3))
    nets = [build(variant, seed=1, padding=padding).eval() for padding in ("circular", "zeros")]
    ring, zeros = ((net(x) - net(moved)).abs().max().item() for net in nets)
    if variant.startswith("coordinates"):
        assert ring > 1e-6, "coordinates are what tells places apart"
    else:
        assert ring < 1e-5
    assert zeros > 1e-4


@pytest.mark.usefixtures("as_released")
def test_what_is_refused():
    with pytest.raises(ValueError, match=r"ProbeNet: `padding` must .* Given: 'reflect'"):
        build("plain", seed=0, padding="reflect")
    with pytest.raises(ValueError, match=r"`variant` must be one of .* Given: 'cbam'\. Al.*plain"):
        build("cbam", seed=0)
    with pytest.raises(ValueError, match=r"`seed` must be at least 0\. Given: -1"):
        build("plain", seed=-1)
    with pytest.raises(TypeError, match=r"`seed` must be an integer. Given: 0\.5"):
        build("plain", seed=0.5)
    for variant in ("cbam-before", "spatial-inside", "added-inside"):
        with pytest.raises(ValueError, match=r"`padding \(block1\.attention.*Given: 'circular'"):
            build(variant, seed=0, padding="circular")
    with pytest.raises(ValueError, match=r"`task` must be one of .* Given: 'cifar'.*cluttered"):
        make("cifar", 3, seed=0, split="train")
    with pytest.raises(ValueError, match="must have 3 channels"):
        ProbeNet()(torch.zeros(1, 1, 16, 16))
    with pytest.raises(ValueError, match="attention"):
        ProbeNet(lambda channels: SpatialAttention())


def test_a_task_is_its_makers_pictures_with_its_options():
    from cbam_teach.data import cluttered_digits, cued_digits, placed_digits

    wanted = {
        "cued": cued_digits(5, seed=2, split="validation"),
        "cued_2px": cued_digits(5, seed=2, split="validation", cue_side=2),
        "cued_3px": cued_digits(5, seed=2, split="validation", cue_side=3),
        "cued_hollow": cued_digits(5, seed=2, split="validation", cue="hollow"),
        "cluttered": cluttered_digits(5, seed=2, split="validation"),
        "placed": placed_digits(5, seed=2, split="validation", size=48),
        "placed_brighter": placed_digits(
            5, seed=2, split="validation", size=48, label="brighter"
        ),
    }  # fmt: skip
    assert wanted.keys() == TASKS.keys()
    for task, pictures in wanted.items():
        made = make(task, 5, seed=2, split="validation")
        assert torch.equal(made.images, pictures.images)
        assert torch.equal(made.labels, pictures.labels)
        assert all(size % 8 == 0 for size in made.images.shape[2:]), "a ring of whole steps"
