"""What the cue says hangs on nothing else, and without it no digit tells the label."""

from collections import Counter

import numpy
import pytest
import torch
from cued_pictures import bare
from pair_pictures import in_order, linked, told

from cbam_teach import data
from cbam_teach.pairs import CLASSES, one_of, two_classes

MANY = 2000


@pytest.fixture(scope="module")
def many() -> data.Cued:
    return bare(MANY, seed=0)


def test_classes_and_what_is_asked_are_balanced(many):
    pairs = in_order(many, "labels")
    assert (pairs[:, 0] != pairs[:, 1]).all()
    assert len({tuple(pair) for pair in pairs.tolist()}) == CLASSES * (CLASSES - 1)
    for numbers in (many.labels, many.other_labels, pairs[:, 0], pairs[:, 1]):
        counts = numbers.bincount(minlength=CLASSES)
        assert (counts - MANY / CLASSES).abs().max() < 4 * (MANY * 0.1 * 0.9) ** 0.5
    assert abs(int(many.asked.sum()) - MANY / 2) < 4 * (MANY / 4) ** 0.5


def test_what_is_asked_depends_on_no_class_and_no_place(many):
    pairs, boxes = in_order(many, "labels"), in_order(many, "boxes")
    seen = {"orange": pairs[:, 0], "blue": pairs[:, 1], "label": many.labels}
    for corner in range(4):
        seen[f"cue {corner}"] = many.cue_boxes[:, corner] // 10
        seen |= {f"digit {k} {corner}": boxes[:, k, corner] // 8 for k in (0, 1)}
    seen["beside"] = (boxes[:, 0, 0] >= boxes[:, 1, 2]).long()
    seen["above"] = (boxes[:, 0, 3] <= boxes[:, 1, 1]).long()
    found = {name: linked(many.asked, value) for name, value in seen.items()}
    assert max(found.values()) < 3, found
    leak = torch.where(torch.arange(MANY) % 5 == 0, pairs[:, 0] // 5, many.asked)
    assert linked(leak, pairs[:, 0]) > 6  # a class that tells in every fifth picture is noticed
    assert linked(pairs[:, 0], pairs[:, 1]) > 6  # and so is that the two classes differ


def test_neither_digit_tells_the_label_and_both_need_the_cue(many):
    pairs, asked = in_order(many, "labels").tolist(), many.asked.tolist()
    for k in (0, 1):
        assert told([(pair[k],) for pair in pairs], many.labels) == pytest.approx(0.5, abs=0.06)
    assert told([tuple(pair) for pair in pairs], many.labels) == pytest.approx(0.5, abs=0.06)
    assert told([(a,) for a in asked], many.labels) < 0.16
    assert told([(a, *pair) for a, pair in zip(asked, pairs, strict=True)], many.labels) > 0.95
    chosen = [pair[a] for a, pair in zip(asked, pairs, strict=True)]
    assert many.labels.tolist() == chosen


def test_every_pair_of_classes_is_as_likely():
    even = (numpy.arange(900) + 0.5) / 900
    assert set(Counter(zip(*two_classes(even).tolist(), strict=True)).values()) == {10}
    assert len(set(zip(*two_classes(even).tolist(), strict=True))) == 90
    assert two_classes(numpy.array([0, 1 - 2**-53])).tolist() == [[0, 9], [1, 8]]


def test_every_digit_of_a_class_is_as_likely():
    labels = numpy.array([2, 0, 2, 1, 2, 1])
    even = (numpy.arange(6) + 0.5) / 6
    want = {0: {1: 6}, 1: {3: 3, 5: 3}, 2: {0: 2, 2: 2, 4: 2}}
    for wanted, counts in want.items():
        assert Counter(one_of(labels, numpy.full(6, wanted), even).tolist()) == counts
