"""The router report's numbers, worked out by hand, and the conclusions drawn from them."""

import math

import pytest
import torch
from planted import Given, by_hand, only, pictures, plant, shares
from torch.utils.data import DataLoader

from cbam_teach import LADDER, ChannelAttention, DynamicSpatialAttention, Shares, SimpleCNN
from cbam_teach.diagnostics import router_report
from cbam_teach.router_use import DOMINANT, EVERYWHERE, STILL


def test_three_samples_on_paper():
    use = only(Given(), [shares([1, 0], [0.5, 0.5]), shares([0.25, 0.75])])
    ln2, ln3 = math.log(2), math.log(3)
    # -(1/4) ln (1/4) - (3/4) ln (3/4) = 2 ln 2 - (3/4) ln 3
    assert use.entropy == pytest.approx((0 + ln2 + 2 * ln2 - 0.75 * ln3) / 3)
    assert use.entropy_share == pytest.approx(use.entropy / ln2)
    assert use.usage == pytest.approx((1.75 / 3, 1.25 / 3))
    assert use.wins == pytest.approx((1.5 / 3, 1.5 / 3))  # the tie is divided
    assert use.dominance == pytest.approx((1 / 3, 0))
    # mean 7/12; deviations 5/12, -1/12, -4/12
    assert use.between_samples == pytest.approx([math.sqrt((25 + 1 + 16) / 144 / 3)] * 2)
    assert use.between_pixels == (0, 0)
    assert (use.branches, use.per_pixel, use.shared) == (2, False, False)
    assert not use.collapsed
    assert not use.ignores_input


@pytest.mark.parametrize(("k", "height", "width"), [(2, 1, 1), (3, 4, 5), (4, 1, 3)])
@pytest.mark.parametrize("batch", [1, 2, 5])
def test_streaming_agrees_with_all_at_once(k, height, width, batch):
    w = (3 * torch.randn(5, k, height, width)).softmax(dim=1)
    use, want = only(Given(), w.split(batch)), by_hand(w)
    for name, value in want.items():
        assert getattr(use, name) == pytest.approx(value, abs=1e-6), name
    assert sum(use.usage) == pytest.approx(1)
    assert sum(use.wins) == pytest.approx(1)
    assert use.per_pixel is (height * width > 1)
    other = by_hand(w.roll(1, dims=1))
    assert other["entropy"] == pytest.approx(use.entropy)
    assert other["usage"] != pytest.approx(use.usage, abs=1e-3)


def test_weights_shared_by_a_batch_count_for_each_sample():
    class Fixed(Shares):
        def forward(self, x):
            return x[:1]

    use = only(Fixed(), [shares([0.5, 0.5]).repeat(3, 1, 1, 1), shares([0.9, 0.1])])
    assert use.shared
    assert use.usage == pytest.approx((0.6, 0.4))
    assert use.findings() == ["By construction, the weights are the same for all samples."]


@pytest.mark.parametrize("batch", [1, 4])
def test_a_softmax_fusion_is_shared_whatever_the_batch(batch):
    attention = ChannelAttention(4, fusion="softmax")
    with torch.no_grad():
        attention.fusion.logits.copy_(torch.tensor([math.log(3.0), 0.0]))
    report = router_report(attention, torch.randn(8, 4, 3, 5).split(batch))
    assert list(report.routers) == ["fusion"]
    assert report.samples == 8
    use = report.routers["fusion"]
    assert use.shared
    assert use.usage == pytest.approx((0.75, 0.25))
    assert use.between_samples == pytest.approx((0, 0), abs=1e-6)


@pytest.mark.parametrize("per", ["sample", "pixel"])
def test_a_planted_collapse_is_found_and_its_absence_too(per):
    attention = DynamicSpatialAttention(router=per)
    plant(attention.router, [0, 6, 0])
    use = only(attention, pictures().split(3))
    assert use.per_pixel is (per == "pixel")
    assert use.collapsed
    assert use.ignores_input
    assert use.usage[1] == pytest.approx(math.exp(6) / (math.exp(6) + 2))
    assert use.findings()[0].startswith("Collapsed: branch 2 has a weight of at least 0.95 in at")
    assert use.findings()[1].startswith("Dynamic in name only")

    plant(attention.router, [0, 1, 0], gain=4)
    use = only(attention, pictures().split(3))
    assert not use.collapsed
    assert not use.ignores_input
    assert use.findings() == ["Not collapsed; the weights change from sample to sample."]


def test_dynamic_in_name_only_need_not_be_a_collapse():
    attention = DynamicSpatialAttention()
    plant(attention.router, [0.5, 0, 0])
    use = only(attention, [pictures()])
    assert use.ignores_input
    assert not use.collapsed
    assert use.findings() == [
        "Dynamic in name only: no weight has a standard deviation above 0.01 from sample to sample."
    ]


def test_weights_that_follow_the_position_alone_ignore_the_picture():
    attention = DynamicSpatialAttention(router="pixel", coordinates=True)
    plant(attention.router, [0, 0, 0], gain=4)
    with torch.no_grad():
        attention.router.mlp[0].weight[0, :3] = torch.tensor([0.0, 0.0, 1.0])  # reads the column
    use = only(attention, pictures().split(3))
    assert min(use.between_pixels) > 0.1
    assert use.ignores_input
    with torch.no_grad():
        attention.router.mlp[0].weight[0, :3] = torch.tensor([1.0, 0.0, 0.0])  # reads the mean
    use = only(attention, pictures().split(3))
    assert min(use.between_samples) > 0.1
    assert not use.ignores_input


@pytest.mark.parametrize(
    ("most", "times", "of", "found"),
    [
        (1.0, 99, 100, True),
        (1.0, 98, 100, False),
        (0.96, 100, 100, True),
        (0.94, 100, 100, False),
    ],
)
def test_a_collapse_is_nearly_all_the_weight_nearly_everywhere(most, times, of, found):
    rows = [[most, 1 - most]] * times + [[0.0, 1.0]] * (of - times)
    assert (DOMINANT, EVERYWHERE) == (0.95, 0.99)
    assert only(Given(), [shares(*rows)]).collapsed is found


@pytest.mark.parametrize(("move", "found"), [(0.0099, True), (0.0101, False)])
def test_how_still_is_still(move, found):
    assert STILL == 0.01
    rows = shares([0.4 + move, 0.4 - move, 0.2], [0.4 - move, 0.4 + move, 0.2])
    use = only(Given(), [rows])
    assert use.between_samples == pytest.approx((move, move, 0), abs=1e-6)
    assert use.ignores_input is found


def test_all_routers_of_a_network_by_qualified_name():
    model = SimpleCNN(attention=LADDER["pixel_routed"])
    loader = DataLoader([(torch.rand(3, 9, 13), 0) for _ in range(4)], batch_size=3)
    report = router_report(model, loader)
    assert {name: (use.branches, use.per_pixel) for name, use in report.routers.items()} == {
        "res1.attention.channel.mask.fusion": (2, False),
        "res1.attention.spatial.mask.router": (3, True),
        "res2.attention.channel.mask.fusion": (2, False),
        "res2.attention.spatial.mask.router": (3, True),
    }
    assert report.samples == 4
    with torch.no_grad():
        seen = model.eval().res1.attention.channel.mask.fusion
        collected = []
        handle = seen.register_forward_hook(lambda *arguments: collected.append(arguments[2]))
        model(torch.stack([x for x, _ in loader.dataset]))
        handle.remove()
    use = report.routers["res1.attention.channel.mask.fusion"]
    assert use.usage == pytest.approx(collected[0].mean(dim=(0, 2, 3)).tolist(), abs=1e-5)


def test_maps_of_two_sizes():
    sizes = [torch.rand(2, 2, 5, 7), torch.rand(2, 2, 6, 4)]
    assert only(DynamicSpatialAttention(router="sample"), sizes).branches == 3
    said = r"`router` decides per pixel.*Given: \(6, 4\)\. Allowed: \(5, 7\)"
    with pytest.raises(ValueError, match=said):
        router_report(DynamicSpatialAttention(router="pixel"), sizes)
