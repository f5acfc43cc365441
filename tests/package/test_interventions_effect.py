"""Accuracy under changes, on models whose right answers are known in advance."""

import pytest
import torch
from torch import nn

from cbam_teach import (
    CBAM,
    LADDER,
    ChannelAttention,
    CoordinateAttention,
    Mask,
    Reweight,
    SimpleCNN,
    trace,
)
from cbam_teach.interventions import WORDS, accuracy_under, averages, effect, intervene


class Bright(Mask):
    """A channel mask: 1 for the channel with the largest mean, 0 for the others."""

    def forward(self, x):
        mean = x.mean((2, 3), keepdim=True)  # (B, C, 1, 1)
        return (mean == mean.amax(1, keepdim=True)).to(x)


class Reader(nn.Module):
    """Answers with the channel that its mask lets through; notes the sizes of its batches."""

    def __init__(self):
        super().__init__()
        self.dropout = nn.Dropout(0.9)
        self.attention = Reweight(Bright())
        self.seen = []

    def forward(self, x):
        self.seen.append((len(x), self.training, torch.is_grad_enabled()))
        mask = self.attention.mask(x)
        return self.dropout(mask.flatten(1))


def coded(labels: list[int], shape=(2, 5)) -> tuple[torch.Tensor, torch.Tensor]:
    """Pictures whose brightest of three channels is the label."""
    labels = torch.tensor(labels)
    images = 0.1 * torch.rand(len(labels), 3, *shape)
    images[torch.arange(len(labels)), labels] += 1
    return images, labels


NAME = "attention.mask"


def test_accuracy_on_paper():
    model = Reader()
    images, labels = coded([0, 1, 2, 2, 0])

    def under(change, **options):
        changes = {} if change is None else {NAME: change}
        return accuracy_under(model, images, labels, changes, **options)

    assert under(None) == 1.0
    assert under("ones") == 2 / 5  # a tie goes to class 0
    assert under("shuffled") == 0.0
    assert under("another") == 2 / 5  # 0, 0, 1, 2, 2: the first and the fourth
    assert under("another", batch=3) == 0.0  # 2, 0, 1 and 0, 2
    assert under("average") == 2 / 5  # 0 and 2 twice each, 0 first
    assert under(torch.tensor([0, 1.0, 0]).view(1, 3, 1, 1)) == 1 / 5
    assert isinstance(under(None), float)


def test_batches_are_cut_evenly_and_the_model_rests():
    model = Reader()
    images, labels = coded([0, 1, 2, 2, 0, 1, 1])
    assert accuracy_under(model, images, labels, {NAME: "another"}, batch=6) == 2 / 7
    assert model.seen == [(4, False, False), (3, False, False)]
    assert all(part.training for part in model.modules())


def test_a_failure_gives_modes_and_hooks_back():
    model = Reader()
    images, labels = coded([0, 1, 2])
    with pytest.raises(ValueError, match="must be one number"):
        accuracy_under(model, images, labels, {NAME: torch.ones(1, 4, 1, 1)})
    assert model.training
    assert not model.attention.mask._forward_hooks


@pytest.mark.parametrize("batch", [1, 3, 5])
def test_averages_over_a_set_do_not_depend_on_the_batches(batch):
    model, images = LADDER["pixel_routed"](4), torch.randn(5, 4, 3, 7)
    means = averages(model, images.split(batch))
    with torch.no_grad(), trace(model.eval()) as maps:
        model(images)
    assert means.keys() == maps.keys()
    assert means["channel.mask"].shape == (1, 4, 1, 1)
    assert means["spatial.mask"].shape == (1, 1, 3, 7)
    assert means["spatial.mask.router"].shape == (1, 3, 3, 7)
    for name, mask in maps.items():
        torch.testing.assert_close(means[name].float(), mask.mean(0, keepdim=True))
        assert not torch.allclose(means[name].float(), mask[:1], atol=1e-5)


def test_averages_put_in_leave_nothing_that_depends_on_the_input():
    model, images = SimpleCNN(), torch.rand(6, 3, 9, 13)
    means = averages(model, [(images[:4], None), [images[4:]]])
    assert model.training
    model.eval()
    with torch.no_grad(), trace(model) as own, intervene(model, means), trace(model) as maps:
        model(images)
    assert len(maps) == 4
    assert all(torch.equal(mask, mask[:1].expand_as(mask)) for mask in maps.values())
    assert not any(torch.allclose(mask, mask[:1], atol=1e-6) for mask in own.values())


def test_effect_on_paper():
    model = Reader()
    images, labels = coded([0, 1, 2, 2, 0])
    found = effect(model, images, labels)
    assert found == {
        "unchanged": 1.0,
        "channel.ones": 2 / 5,
        "channel.flat": 2 / 5,
        "channel.average": 2 / 5,
        "channel.another": 2 / 5,
        "channel.shuffled": 0.0,
    }


def test_the_average_is_that_of_the_set_not_of_the_batch():
    model = Reader()
    images, labels = coded([1, 1, 2, 2, 2, 2])
    assert accuracy_under(model, images, labels, {NAME: "average"}, batch=2) == 1.0
    assert effect(model, images, labels, words=["average"], batch=2) == {
        "unchanged": 1.0,
        "channel.average": 4 / 6,
    }


def test_kinds_and_names():
    model = nn.Sequential(
        LADDER["routed_fusion"](3), Reweight(CoordinateAttention(3)), nn.Flatten(), nn.Linear(24, 3)
    )
    images, labels = torch.rand(4, 3, 2, 4), torch.tensor([0, 1, 2, 0])
    found = effect(model, images, labels, words=("ones", "flat"))
    kinds = ("channel", "spatial", "whole", "router")
    assert list(found) == ["unchanged", *(f"{k}.{w}" for k in kinds for w in ("ones", "flat"))]
    some = effect(model, images, labels, ["0.spatial.mask", "0.spatial.mask.router"])
    assert list(some) == ["unchanged", *(f"{k}.{w}" for k in kinds[1::2] for w in WORDS)]
    groups = {
        "channel": ["0.channel.mask"],
        "spatial": ["0.spatial.mask"],
        "router": ["0.channel.mask.fusion", "0.spatial.mask.router"],
    }
    for kind, names in groups.items():
        changes = dict.fromkeys(names, "ones")
        assert found[f"{kind}.ones"] == accuracy_under(model, images, labels, changes)


def test_one_mask_of_a_kind_alone():
    two = Reweight(Bright()), Reweight(ChannelAttention(3))
    model = nn.Sequential(*two, nn.AdaptiveAvgPool2d(1), nn.Flatten())
    images, labels = coded([0, 1, 2, 1])
    assert effect(model, images, labels, ["1.mask"], ["ones"])["channel.ones"] == 1.0
    assert effect(model, images, labels, ["0.mask"], ["shuffled"])["channel.shuffled"] == 0.0


def refused(function, *arguments, kind=ValueError, said, **options):
    with pytest.raises(kind, match=said):
        function(*arguments, **options)


@pytest.mark.usefixtures("as_released")
def test_what_is_refused():
    images, labels = coded([0, 1, 2])
    unused, both = Reader(), {NAME: "ones", "spare": "ones"}
    unused.spare = Bright()
    rests = r"must run when.*Given: 'spare'\. Allowed: 'attention.mask'$"
    refused(accuracy_under, unused, images, labels, both, said=rests)
    assert list(effect(unused, images, labels, words=["ones"])) == ["unchanged", "channel.ones"]
    name = r"each name must.*Given: 'spare'\. Allowed: 'attention.mask'$"
    refused(effect, unused, images, labels, ["spare"], said=name)
    word = r"effect: `words`.*Given: 'one'\. Allowed: ones, flat"
    refused(effect, unused, images, labels, words=["one"], said=word)
    refused(accuracy_under, unused, images, labels[:2], {}, said=r"Given: 3, 2\. Allowed: N, N")
    refused(effect, unused, images[:0], labels[:0], said=r"one picture or more.*Given: 0, 0\.")
    refused(accuracy_under, unused, images, labels, {}, batch=0, said="`batch` must be at least 1")
    refused(effect, nn.Flatten(), images, labels, said=r"must hold a mask or router.*Given: –")
    empty, larger = images[:0], torch.rand(2, 3, 4, 5)
    refused(averages, CBAM(3), [empty], said=r"one sample.*Given: channel.mask, spatial.mask\.")
    size = r"`spatial.mask` must have the same.*Given: \(1, 1, 4, 5\)\. Allowed: \(1, 1, 2, 5\)"
    refused(averages, CBAM(3), [images, larger], said=size)
    refused(averages, CBAM(3), ["x"], kind=TypeError, said=r"averages: the loader must yield x")
    refused(averages, 3, [], kind=TypeError, said=r"averages: the model must be an nn\.Module")
