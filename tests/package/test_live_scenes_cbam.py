"""The scene of the chapter on CBAM, against formulas written another way, and as a live figure."""

import math

import numpy
import pytest
import torch
from live_parity import assert_agrees, assert_translated

from cbam_teach.live import Choice, Drag, LiveFigure, Range, View
from cbam_teach.live.scenes_cbam import BRIGHT, LOUD, ORDERS, REACH, Ordered

SIZES = [(12, 16), (7, 9)]


def sigmoid(z):
    return 1 / (1 + numpy.exp(-z))


def gates_of(f: numpy.ndarray) -> numpy.ndarray:
    return numpy.array([[[sigmoid(20 * (LOUD - c.mean() - c.max()))]] for c in f])


def mask_of(f: numpy.ndarray) -> numpy.ndarray:
    top = numpy.pad(f.max(axis=0), 1)
    rows, columns = f.shape[1:]
    z = numpy.zeros((rows, columns))
    for h, w in numpy.ndindex(rows, columns):
        z[h, w] = 20 * (top[h : h + 3, w : w + 3].sum() / 9 - BRIGHT)
    return sigmoid(z)


def both(order: int, f: numpy.ndarray) -> tuple[numpy.ndarray, numpy.ndarray]:
    """The channel mask and the spatial mask in one of the three orders."""
    if order == 0:
        gates = gates_of(f)
        return gates, mask_of(gates * f)
    mask = mask_of(f)
    return gates_of(mask * f if order == 1 else f), mask


def run(x: torch.Tensor, *numbers: float) -> dict[str, torch.Tensor]:
    return Ordered()(x, *(torch.tensor(float(number)) for number in numbers))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("order", range(3))
@pytest.mark.parametrize(("strength", "row", "column"), [(1.6, 3, 2), (1.3, 0, 0), (0.0, 5, 4)])
def test_ordered(size, order, strength, row, column):
    x = torch.rand(1, 1, *size)
    found = {k: v[0].double().numpy() for k, v in run(x, order, strength, row, column).items()}
    f = numpy.zeros((2, *size))
    top, left = max(row - REACH, 0), max(column - REACH, 0)
    f[0, top : row + REACH + 1, left : column + REACH + 1] = strength
    f[1] = x[0, 0]
    gates, mask = both(order, f)
    seen = gates * f if order == 0 else f
    assert numpy.allclose(found["given"], f, atol=1e-6)
    assert numpy.allclose(found["gates"], gates, atol=1e-5)
    assert numpy.allclose(found["mask"], mask, atol=1e-5)
    assert numpy.allclose(found["read"], seen.max(axis=0), atol=1e-5)
    assert numpy.allclose(found["twice"], mask * gates * f, atol=1e-5)
    opened = [mask[row, column], mask[f[1] > BRIGHT].mean()]
    assert found["opened"].flatten().tolist() == pytest.approx(opened, abs=1e-5)


def scene(size=(12, 16)) -> torch.Tensor:
    x = 0.3 * torch.rand(1, 1, *size)
    x[..., 2:6, -5:-1] = 0.8
    return x


@pytest.mark.parametrize("size", SIZES)
def test_only_the_channel_first_does_not_open_for_a_stray_spot_that_is_closed_later(size):
    opened = [run(scene(size), order, 1.8, 2, 1)["opened"].flatten() for order in range(3)]
    assert opened[0][0] < 0.01
    assert min(opened[1][0], opened[2][0]) > 0.99
    assert all(there > 0.5 for _, there in opened)


def test_without_the_spot_the_order_is_all_but_the_same():
    x = scene()
    maps = [run(x, order, 0, 2, 1)["twice"] for order in range(3)]
    assert torch.allclose(maps[0], maps[1], atol=0.02)
    assert torch.allclose(maps[0], maps[2], atol=0.02)


def test_a_picture_without_bright_pixels_divides_by_nothing():
    opened = run(torch.zeros(1, 1, 7, 9), 0, 0, 2, 1)["opened"]
    assert math.isfinite(opened.sum())


def figure(size=(12, 16)) -> LiveFigure:
    rows, columns = (Range(0, length - 1, start=3, step=1) for length in size)
    controls = {
        "order": Choice(ORDERS), "strength": Range(0, 2, start=1.6), "spot_row": rows,
        "spot_column": columns, "spot_place": Drag("spot_column", "spot_row"),
    }  # fmt: skip
    names = ("stray", "object")
    gates, opened = (View("bars", of, (0, 1), names) for of in ("gates", "opened"))
    views = [
        View("overlay", "mask"),
        "given",
        "read",
        gates,
        View("heatmap", "twice", names=names),
        opened,
    ]
    return LiveFigure(Ordered(), scene(size)[0], controls=controls, views=views)


@pytest.mark.parametrize("size", SIZES)
def test_the_graph_gives_what_the_module_gives(size):
    assert_agrees(figure(size), whole=("spot_row", "spot_column"))


def test_every_label_is_written_in_both_languages():
    raw = {"spot_row", "spot_column", "given", "read", "gates", "twice", "opened", "stray"}
    assert_translated(figure, {*raw, *ORDERS})
