"""The scene of the chapter on channel attention, against formulas written another way."""

import itertools
import math

import pytest
import torch
from live_parity import assert_agrees, assert_translated

from cbam_teach.live import Drag, Flag, LiveFigure, Range, View
from cbam_teach.live.scenes_channel import GAIN, Gathered, order

SIZES = [(2, 8, 8), (2, 6, 9)]


def figure(size=(2, 8, 8)) -> LiveFigure:
    whole = {"object_row": Range(0, size[1] - 1, step=1),
             "object_column": Range(0, size[2] - 1, step=1)}  # fmt: skip
    controls = {
        "side": Range(1, min(size[1:]), start=1, step=1), "mean": Range(0, 0.3, start=0.1),
        **whole, "object": Drag("object_column", "object_row"), "shuffled": Flag(),
    }  # fmt: skip
    views = [View("picture", "drawn"), View("values", "summary", names=("avg", "max")),
             View("bars", "weights", (0, 1), ("avg", "max", "both"))]  # fmt: skip
    return LiveFigure(Gathered(), torch.full(size, 0.1), controls=controls, views=views)


def seen(size, side, mean, row, column, shuffled=0):
    numbers = [torch.tensor(float(n)) for n in (side, mean, row, column, shuffled)]
    return Gathered()(torch.full((1, *size), 0.1), *numbers)


def sigmoid(z: float) -> float:
    return 1 / (1 + math.exp(-z))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("side", "mean", "row", "column"),
    [(1, 0.1, 2, 5), (2, 0.3, 0, 0), (3, 0.02, 7, 8), (6, 0, 1, 1)],
)
def test_gathered(size, side, mean, row, column):
    found = seen(size, side, mean, row, column)
    _, height, width = size
    top, left = min(row, height - side), min(column, width - side)
    peak = mean * height * width / side**2
    expected = torch.zeros(height, width)
    expected[top : top + side, left : left + side] = peak
    assert torch.allclose(found["drawn"][0, 0], expected)
    assert found["summary"].flatten().tolist() == pytest.approx([mean, peak], abs=1e-5)
    a, m = GAIN * (mean - 0.1), GAIN * (peak - 0.1)
    by = [sigmoid(z) for z in (a, m, a + m)]
    assert found["weights"].flatten().tolist() == pytest.approx(by, abs=1e-5)


@pytest.mark.parametrize("size", SIZES)
def test_neither_the_place_nor_the_order_of_the_pixels_reaches_a_weight(size):
    first = seen(size, 2, 0.2, 0, 0)
    for row, column, shuffled in ((3, 4, 0), (5, 1, 1), (0, 0, 1)):
        other = seen(size, 2, 0.2, row, column, shuffled)
        assert not torch.equal(other["drawn"], first["drawn"])
        assert torch.allclose(other["weights"], first["weights"], atol=1e-6)


@pytest.mark.parametrize("count", [1, 2, 54, 64, 144])
def test_an_order_holds_every_number_once_and_parts_neighbours(count):
    found = order(count).tolist()
    assert sorted(found) == list(range(count))
    assert count < 10 or all(abs(b - a) > 1 for a, b in itertools.pairwise(found))


@pytest.mark.parametrize("size", SIZES)
def test_the_graph_gives_what_the_module_gives(size):
    assert_agrees(figure(size), whole=("side", "object_row", "object_column"))


def test_every_label_is_written_in_both_languages():
    raw = {"side", "object_row", "shuffled", "drawn", "summary", "weights", "avg", "max"}
    assert_translated(figure, raw)
