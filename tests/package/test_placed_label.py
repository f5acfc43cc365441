"""On a ring nothing tells which digit is asked for; the place alone does, or the brightness."""

from collections import Counter

import numpy
import pytest
import torch
from pair_pictures import in_order, linked, told
from placed_pictures import bare, exchanging, rolled
from torch import nn

from cbam_teach import ChannelAttention, SimpleCNN, data, digits, placed
from cbam_teach.pairs import CLASSES

MANY = 2000


@pytest.fixture(scope="module")
def many() -> data.Pair:
    return bare(MANY, seed=0)


@pytest.fixture(scope="module")
def brighter() -> data.Pair:
    return bare(MANY, seed=0, label="brighter")


def offsets(height: int, gap: int, sides: tuple[int, int], begin: int) -> Counter[int]:
    """How far below the digit that is asked for the other begins, on a ring, over all rows.

    The digit that is asked for has the first side and is the upper one; ``begin`` is where the
    lower half begins.
    """
    rows = []
    for side in sides:
        choices = height // 2 - gap - side + 1
        even = (numpy.arange(choices) + 0.5) / choices
        rows.append(placed.within(height // 2, gap, numpy.full(choices, side), even))
        assert sorted(rows[-1]) == list(range(gap // 2, gap // 2 + choices))
    mine, other = rows
    return Counter(((begin + other[None] - mine[:, None]) % height).flatten().tolist())


@pytest.mark.parametrize("sides", [(12, 12), (12, 16), (16, 9), (8, 15)])
@pytest.mark.parametrize(("height", "gap"), [(40, 0), (40, 3), (54, 2), (38, 1)])
def test_the_offset_is_as_likely_whichever_is_the_upper_one(height, gap, sides):
    half = height // 2
    upper = offsets(height, gap, sides, half)
    swapped = offsets(height, gap, sides[::-1], half)  # from the other to the one asked for
    lower = Counter({-far % height: times for far, times in swapped.items()})
    assert upper == lower
    assert sum(upper.values()) == (half - gap - sides[0] + 1) * (half - gap - sides[1] + 1)
    shifted = offsets(height, gap, sides[::-1], half + 1)  # a lower half that begins too low
    tells = Counter({-far % height: times for far, times in shifted.items()})
    assert offsets(height, gap, sides, half + 1) != tells


@pytest.mark.parametrize("label", placed.LABELS)
@pytest.mark.parametrize("options", [{}, {"size": (50, 31), "gap": 5, "sides": (9, 18)}])
def test_a_picture_and_its_roll_are_as_likely_and_ask_for_the_other(monkeypatch, label, options):
    """With the numbers of chance exchanged, which are as likely, each picture is the roll."""
    one = bare(150, label=label, **options)
    monkeypatch.setattr(placed, "draw", exchanging(digits.draw))
    two = bare(150, label=label, **options)
    assert torch.equal(two.images, rolled(one.images))
    assert not torch.equal(two.images, one.images)
    same = label == "brighter"
    assert torch.equal(two.labels, one.labels if same else one.other_labels)
    assert torch.equal(two.masks, rolled(one.masks if same else one.other_masks))
    assert torch.equal(two.asked, 1 - one.asked if same else one.asked)


def test_a_network_that_sees_a_ring_gets_one_of_the_two_right_at_most():
    made = bare(8, size=(44, 37))
    network = SimpleCNN(attention=ChannelAttention).double().eval()
    x, y = made.images.double(), rolled(made.images).double()
    with torch.no_grad():
        assert (network(x) - network(y)).abs().max() > 1e-5  # zeros around it give it away
        for module in network.modules():
            if isinstance(module, nn.Conv2d):
                module.padding_mode = "circular"
        torch.testing.assert_close(network(x), network(y), rtol=0, atol=1e-12)
        assert network(x).std(dim=0).max() > 1e-4  # and it sees something
    assert (made.labels != made.other_labels).all()


def test_pairs_halves_and_brightness_are_balanced(many, brighter):
    pairs = in_order(many, "labels")
    assert torch.equal(pairs, in_order(brighter, "labels"))
    assert (pairs[:, 0] != pairs[:, 1]).all()
    assert len({tuple(pair) for pair in pairs.tolist()}) == CLASSES * (CLASSES - 1)
    for numbers in (many.labels, many.other_labels, brighter.labels, brighter.other_labels):
        counts = numbers.bincount(minlength=CLASSES)
        assert (counts - MANY / CLASSES).abs().max() < 4 * (MANY * 0.1 * 0.9) ** 0.5
    assert not many.asked.any()
    assert abs(int(brighter.asked.sum()) - MANY / 2) < 4 * (MANY / 4) ** 0.5


def test_upper_and_lower_have_the_same_sizes_and_places(many):
    boxes = in_order(many, "boxes")
    boxes[:, 1, 1::2] -= 20
    half = torch.arange(2).expand(MANY, 2).flatten()
    x0, y0, x1, y1 = boxes.flatten(0, 1).T
    seen = {"left": x0 // 4, "top": y0, "width": x1 - x0, "height": y1 - y0}
    found = {name: linked(half, value) for name, value in seen.items()}
    assert max(found.values()) < 3, found
    assert linked(half, y0 + half) > 6  # a row further down in one half is noticed


def test_what_is_asked_depends_on_nothing_but_what_tells_it(many, brighter):
    pairs, boxes = in_order(many, "labels"), in_order(many, "boxes")
    seen = {"upper": pairs[:, 0], "lower": pairs[:, 1]}
    for k in (0, 1):
        seen |= {f"digit {k}, {corner}": boxes[:, k, corner] // 4 for corner in range(4)}
        seen |= {f"digit {k}, area": in_order(many, "masks")[:, k].sum(dim=(1, 2, 3)) // 20}
    found = {name: linked(brighter.asked, value) for name, value in seen.items()}
    assert max(found.values()) < 3, found
    for corner in (0, 2):  # columns and sizes tell no class
        for k in (0, 1):
            assert linked(pairs[:, k], boxes[:, 1 - k, corner] // 4) < 3
            assert linked(pairs[:, k], boxes[:, 1 - k, 1] // 2) < 3
    leak = torch.where(torch.arange(MANY) % 5 == 0, pairs[:, 0] // 5, brighter.asked)
    assert linked(leak, pairs[:, 0]) > 6  # a class that tells in every fifth picture is noticed


def test_each_label_is_told_by_its_own_and_by_nothing_else(many, brighter):
    """Keys: what somebody who reads both digits knows of them, in an order that he can see."""
    by_place = [tuple(pair) for pair in in_order(many, "labels").tolist()]
    by_light = list(zip(brighter.labels.tolist(), brighter.other_labels.tolist(), strict=True))
    neither = [tuple(sorted(pair)) for pair in by_place]
    both = [(*pair, *light) for pair, light in zip(by_place, by_light, strict=True)]
    for labels, tells, tells_not in (
        (many.labels, by_place, by_light),
        (brighter.labels, by_light, by_place),
    ):
        assert told(tells, labels) > 0.95
        assert told(both, labels) > 0.95
        assert told(tells_not, labels) == pytest.approx(0.5, abs=0.06)
        assert told(neither, labels) == pytest.approx(0.5, abs=0.06)
