"""The scene of the chapter on one's own model, against sums written another way."""

import math

import pytest
import torch
from live_parity import assert_agrees, assert_translated

from cbam_teach.live import Choice, LiveFigure, Range, View
from cbam_teach.live.scenes_inserted import GAIN, KINDS, WIDE, Inserted

SIZES = [(1, 8, 8), (3, 6, 9)]


def figure(size=(1, 8, 8)) -> LiveFigure:
    controls = {
        "s08_network": Choice(KINDS), "s08_mask": Range(0, 1, start=0.25),
        "s08_mix": Range(0, 1, start=1),
    }  # fmt: skip
    views = [
        View("picture", "s08_before"), View("picture", "s08_after"),
        View("heatmap", "s08_moved", (0, 1)), View("values", "s08_distance", digits=2),
    ]  # fmt: skip
    return LiveFigure(Inserted(), torch.rand(size), controls=controls, views=views)


def seen(x, *numbers):
    return Inserted()(x, *(torch.tensor(float(number)) for number in numbers))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("network", range(3))
@pytest.mark.parametrize(("mask", "mix"), [(0.25, 1), (0.25, 0), (0, 0.5), (1, 0.7), (0.6, 0.3)])
def test_inserted(size, network, mask, mix):
    x = torch.rand(1, *size)
    found = seen(x, network, mask, mix)
    reach, square, whole = WIDE // 2, 0.0, 0.0
    for h in range(size[1]):
        for w in range(size[2]):
            moved = 0.0
            rows = slice(max(0, h - reach), h + reach + 1)
            columns = slice(max(0, w - reach), w + reach + 1)
            for c in range(size[0]):
                here = x[0, c, h, w].item()
                f = GAIN * (here - x[0, c, rows, columns].mean().item())
                before = f if network else here + f
                after = ((1 - mix) + mix * mask) * f + (0 if network == 2 else here)
                assert found["s08_before"][0, c, h, w].item() == pytest.approx(before, abs=1e-5)
                assert found["s08_after"][0, c, h, w].item() == pytest.approx(after, abs=1e-5)
                moved += abs(after - before) / size[0]
                square, whole = square + (after - before) ** 2, whole + before**2
            assert found["s08_moved"][0, 0, h, w].item() == pytest.approx(moved, abs=1e-5)
    assert found["s08_distance"].item() == pytest.approx(math.sqrt(square / whole), abs=1e-5)


def test_nothing_moves_without_effect_unless_x_is_new():
    x = torch.rand(1, 3, 7, 6)
    for mask in (0, 0.3, 1):
        distances = [seen(x, network, mask, 0)["s08_distance"].item() for network in range(3)]
        assert distances[0] == distances[2] == 0
        assert distances[1] > 0.1


@pytest.mark.parametrize("size", SIZES)
def test_the_graph_gives_what_the_module_gives(size):
    assert_agrees(figure(size))


def test_every_label_is_written_in_both_languages():
    raw = {"s08_network", "s08_mask", "s08_moved", *KINDS}
    assert_translated(figure, raw)
