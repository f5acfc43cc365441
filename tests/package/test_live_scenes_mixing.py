"""The scene of the chapter on residual mixing, against sums written another way."""

import math

import pytest
import torch
from live_parity import assert_agrees, assert_translated

from cbam_teach.live import Choice, Drag, LiveFigure, Range, View
from cbam_teach.live.scenes_mixing import FORMULAS, WIDE, Softened

SIZES = [(1, 8, 8), (3, 6, 9)]


def figure(size=(1, 8, 8)) -> LiveFigure:
    controls = {
        "formula": Choice(FORMULAS), "mix": Range(-1, 2, start=0.5),
        "shut": Range(0, 1, start=0), "open_row": Range(0, size[1] - 1, start=2, step=1),
        "open_column": Range(0, size[2] - 1, start=3, step=1),
        "open_place": Drag("open_column", "open_row"),
    }  # fmt: skip
    views = [View("overlay", "mask"), "effective", View("picture", "passing"),
             View("bars", "factors", (-1, 3), ("least_factor", "largest_factor"))]  # fmt: skip
    return LiveFigure(Softened(), torch.rand(size), controls=controls, views=views)


def seen(x, *numbers):
    return Softened()(x, *(torch.tensor(float(number)) for number in numbers))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("formula", range(2))
@pytest.mark.parametrize(
    ("mix", "shut", "row", "column"),
    [(0, 0.2, 1, 1), (0.5, 0, 3, 5), (-0.5, 0.3, 0, 0), (1, 0.1, 5, 7), (1.6, 0, 2, 4)],
)
def test_softened(size, formula, mix, shut, row, column):
    x = torch.rand(1, *size)
    found = seen(x, formula, mix, shut, row, column)
    wide = WIDE * min(size[1:])
    factors = []
    for h in range(size[1]):
        for w in range(size[2]):
            far = math.hypot(h - row, w - column)
            alpha = shut + (1 - shut) * math.exp(-((far / wide) ** 2) / 2)
            y = alpha * x[0, :, h, w]
            mixed = (1 - mix) * x[0, :, h, w] + mix * y if formula == 0 else x[0, :, h, w] + mix * y
            factors.append((1 - mix if formula == 0 else 1) + mix * alpha)
            assert found["mask"][0, 0, h, w].item() == pytest.approx(alpha, abs=1e-5)
            assert found["effective"][0, 0, h, w].item() == pytest.approx(factors[-1], abs=1e-5)
            assert torch.allclose(found["passing"][0, :, h, w], mixed, atol=1e-5)
    ends = [min(factors), max(factors)]
    assert found["factors"].flatten().tolist() == pytest.approx(ends, abs=1e-5)


@pytest.mark.parametrize("size", SIZES)
def test_the_graph_gives_what_the_module_gives(size):
    assert_agrees(figure(size), whole=("open_row", "open_column"))


def test_every_label_is_written_in_both_languages():
    raw = {"mix", "shut", "open_row", "open_column", "effective", "factors", "formula", *FORMULAS}
    assert_translated(figure, raw)
