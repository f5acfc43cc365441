"""Planted mistakes and the annealed router, each against its equation."""

import pytest
import torch
from torch import nn

from cbam_teach import ChannelAttention, Reweight, SpatialAttention
from cbam_teach.blocks import residual_branch
from cbam_teach.interventions import effect
from cbam_teach.probes import build, faults
from cbam_teach.probes.annealed import AnnealedRouter
from cbam_teach.router import Router

SIZES = [(2, 8, 5, 7), (3, 16, 4, 3)]


@pytest.mark.parametrize("shape", SIZES)
def test_an_added_mask_is_added(shape):
    x = torch.randn(shape)
    for mask in (ChannelAttention(shape[1]), SpatialAttention()):
        y = faults.Added(mask)(x)
        assert torch.equal(y, x + mask(x))
        assert not torch.allclose(y, x * mask(x))


@pytest.mark.usefixtures("as_released")
def test_an_added_mask_must_fit():
    class Wrong(ChannelAttention):
        def forward(self, x):
            return super().forward(x)[:, :1, :, 0]

    with pytest.raises(ValueError, match=r"Given: \(2, 1, 1\)"):
        faults.Added(Wrong(8))(torch.randn(2, 8, 5, 7))


@pytest.mark.parametrize("shape", SIZES)
def test_a_pooled_mask_is_one_for_the_batch(shape):
    x, mask, pooled = torch.randn(shape), ChannelAttention(shape[1]), faults.Pooled(shape[1])
    pooled.load_state_dict(mask.state_dict())
    alpha = pooled(x)
    summaries = x.mean(dim=(0, 2, 3))[None], x.amax(dim=(0, 2, 3))[None]  # (1, C) each
    wanted = (mask.mlp(summaries[0]) + mask.mlp(summaries[1])).sigmoid()[..., None, None]
    torch.testing.assert_close(alpha, wanted)
    assert alpha.shape == (1, shape[1], 1, 1)
    alone = pooled(x[:1])
    torch.testing.assert_close(alone, mask(x[:1]), msg="one sample is its own batch")
    assert not torch.allclose(alone, alpha)


def test_masks_of_a_pooled_network_can_be_exchanged():
    net, images = build("pooled-before", seed=0), torch.rand(4, 3, 24, 40)
    found = effect(net, images, torch.zeros(4, dtype=torch.long), batch=2)
    assert found["channel.another"] == found["unchanged"], "a common mask is everybody's own"


@pytest.mark.parametrize("shape", SIZES)
@pytest.mark.parametrize("summary", [faults.mean, faults.maximum])
def test_one_summary_is_half_of_the_channel_mask(shape, summary):
    x, mask = torch.randn(shape), faults.OneSummary(shape[1], summary)
    read = x.mean(dim=(2, 3)) if summary is faults.mean else x.flatten(2).max(dim=2).values
    torch.testing.assert_close(mask(x), mask.mlp(read).sigmoid()[..., None, None])
    other = ChannelAttention(shape[1])
    other.load_state_dict(mask.state_dict())
    assert not torch.allclose(other(x), mask(x))
    assert [p.shape for p in other.parameters()] == [p.shape for p in mask.parameters()]


@pytest.mark.parametrize(("channels", "stride"), [((4, 6), 2), ((6, 6), 1)])
def test_without_the_first_convolution_the_second_reads_x(channels, stride):
    before, after = channels
    x, branch = torch.randn(2, before, 9, 6), residual_branch(before, after, stride)
    straight = faults.without_first(branch).eval()
    assert straight(x).shape == branch(x).shape
    (conv, norm) = straight
    wanted = nn.functional.conv2d(x, conv.weight, stride=stride, padding=1)
    torch.testing.assert_close(straight(x), norm(wanted))
    assert len(list(straight.parameters())) == 3, "one convolution, and the norm's two"


def test_both_blocks_of_an_unused_variant_lack_it():
    plain, unused = build("plain", seed=0), build("plain-unused", seed=0)
    for one, other in ((plain.block1, unused.block1), (plain.block2, unused.block2)):
        assert sum(isinstance(part, nn.Conv2d) for part in one.branch) == 2
        assert sum(isinstance(part, nn.Conv2d) for part in other.branch) == 1


def test_two_steps_follow_one_another_and_masks_multiply():
    x, first, second = torch.randn(2, 8, 5, 7), ChannelAttention(8), SpatialAttention()
    both = faults.twice(first, faults.Added(second))
    assert isinstance(both[0], Reweight)
    once = x * first(x)
    assert torch.equal(both(x), once + second(once))


def test_the_temperature_falls_evenly_to_one():
    """T = 30, 22.75, 15.5, 8.25, 1, 1 over four batches and two more."""
    router, s = AnnealedRouter(3, 4, steps=4).train(), 5 * torch.randn(2, 3, 6, 5)
    logits = router.mlp(s.mean(dim=(2, 3)))
    for temperature in (30, 22.75, 15.5, 8.25, 1, 1):
        wanted = (logits / temperature).softmax(dim=1)[..., None, None]
        torch.testing.assert_close(router(s), wanted)
    assert router(s).shape == (2, 4, 1, 1)


def test_once_cold_it_is_the_router_per_sample():
    router, s = AnnealedRouter(2, 3, steps=1), torch.randn(4, 2, 5, 7)
    same = Router(2, 3)
    same.load_state_dict({k: v for k, v in router.state_dict().items() if k != "step"})
    assert not torch.allclose(router.eval()(s), same(s)), "hot at first"
    router.train()(s)
    torch.testing.assert_close(router.eval()(s), same(s))


def test_only_training_counts_and_the_count_is_kept():
    router, s = AnnealedRouter(2, 3, steps=10), torch.randn(1, 2, 4, 4)
    for _ in range(3):
        router.train()(s)
        router.eval()(s)
    assert router.step.item() == 3
    other = AnnealedRouter(2, 3, steps=10)
    other.load_state_dict(router.state_dict())
    assert other.step.item() == 3
    assert torch.equal(other.eval()(s), router(s))


def test_an_exported_annealed_router_does_not_count():
    router, s = AnnealedRouter(2, 3, steps=10), torch.randn(2, 2, 4, 5)
    router.train()(s)
    program = torch.export.export(router.eval(), (s,))
    torch.testing.assert_close(program.module()(s), router(s))
    assert router.step.item() == 1


@pytest.mark.usefixtures("as_released")
@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"steps": 0}, "AnnealedRouter: `steps` must be at least 1. Given: 0"),
        ({"steps": 2.5}, "`steps` must be an integer. Given: 2.5"),
        ({"branches": 1}, "`branches` must be at least 2"),
    ],
)
def test_an_annealed_router_refuses(options, said):
    with pytest.raises((TypeError, ValueError), match=said):
        AnnealedRouter(**{"inputs": 2, "branches": 3} | options)
