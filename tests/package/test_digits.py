"""How digits are put into pictures, each step against its own rule."""

import numpy
import pytest
import torch
from torch.nn import functional as F

from cbam_teach.digits import (
    FAINT,
    SPLITS,
    between,
    cut,
    enlarge,
    extent,
    place,
    source,
    whole,
)


def test_the_splits_share_no_digit():
    cells = {split: {digit.tobytes() for digit in source(split)[0]} for split in SPLITS}
    assert {split: len(found) for split, found in cells.items()} == {
        "train": 1285,
        "validation": 256,
        "test": 256,
    }
    assert len(set.union(*cells.values())) == 1797
    for split in SPLITS:
        pixels, labels = source(split)
        assert numpy.bincount(labels).min() >= 18
        assert pixels.min() == 0
        assert pixels.max() == 1


@pytest.mark.parametrize("side", [8, 9, 13, 20, 29])
def test_enlarging_is_linear_between_the_centres(side):
    cells = source("test")[0][:20]
    want = F.interpolate(torch.tensor(cells)[None], (side, side), mode="bilinear")[0].numpy()
    found = enlarge(cells, side)
    assert found.dtype == numpy.float32
    clear = abs(want - FAINT) > 1e-5  # on the threshold itself the last bit decides
    assert abs(numpy.where(want < FAINT, 0, want) - found)[clear].max() < 1e-6
    corners = F.interpolate(
        torch.tensor(cells)[None], (side, side), mode="bilinear", align_corners=True
    )[0].numpy()
    assert (side == 8) == bool(abs(numpy.where(corners < FAINT, 0, corners) - found).max() < 0.05)


@pytest.mark.parametrize(("height", "width"), [(7, 9), (12, 8)])
def test_things_reach_every_edge_and_stay_inside(height, width):
    canvas = numpy.zeros((4, height, width), numpy.float32)
    ends = numpy.array([0, 0, 0.999, 0.999])
    side = numpy.array([4, 5, 6, 7])
    place(canvas, numpy.ones((4, 8, 8), numpy.float32), side, ends, ends[[0, 2, 1, 3]])
    want = [
        (0, 0, 4, 4),
        (width - 5, 0, width, 5),
        (0, height - 6, 6, height),
        (width - 7, height - 7, width, height),
    ]
    assert extent(canvas > 0).tolist() == [list(box) for box in want]
    assert canvas.sum(axis=(1, 2)).tolist() == (side**2).tolist()


def test_the_brighter_wins():
    canvas = numpy.full((1, 5, 5), 0.75, numpy.float32)
    cells = numpy.array([[[0.5, 1], [1, 0.5]]], numpy.float32)
    place(canvas, cells, numpy.array([2]), numpy.zeros(1), numpy.zeros(1))
    assert canvas[0, :2, :2].tolist() == [[0.75, 1], [1, 0.75]]


def test_a_fragment_is_a_quarter_from_any_place():
    cells = numpy.arange(128).reshape(2, 8, 8).astype(numpy.float32)
    found = cut(cells, numpy.array([0, 0.999]), numpy.array([0.999, 0.5]))
    assert numpy.array_equal(found, [cells[0, 0:4, 4:8], cells[1, 4:8, 2:6]])


def test_choices_are_whole_and_complete():
    ends = numpy.array([0, 0.4999, 0.5, 1 - 2**-53])
    assert whole(ends, 4).tolist() == [0, 1, 2, 3]
    assert between((5, 6), ends).tolist() == [5, 5, 6, 6]
    assert all(whole(ends[3:], n).item() == n - 1 for n in range(1, 2000))
