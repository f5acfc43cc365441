"""The scene of the chapter on fusion, against formulas written another way."""

import math

import pytest
import torch
from live_parity import assert_agrees, assert_translated

from cbam_teach.live import LiveFigure, Range, View
from cbam_teach.live.scenes_channel import GAIN
from cbam_teach.live.scenes_fusion import MEAN, Apportioned

SIZES = [(2, 8, 8), (2, 6, 9)]
HAZE = 0.3


def sigmoid(z: float) -> float:
    return 1 / (1 + math.exp(-z))


def seen(size, side, share, total):
    numbers = [torch.tensor(float(n)) for n in (side, share, total)]
    return Apportioned()(torch.full((1, *size), HAZE), *numbers)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("side", "share", "total"), [(3, 0.5, 1), (2, 0.9, 2), (6, 0, 0.5)])
def test_apportioned(size, side, share, total):
    found = seen(size, side, share, total)
    peak = MEAN * size[1] * size[2] / side**2
    assert found["drawn"].max().item() == pytest.approx(peak, abs=1e-5)
    assert found["drawn"].mean().item() == pytest.approx(MEAN, abs=1e-6)
    a, m = GAIN * (MEAN - HAZE), GAIN * (peak - HAZE)
    first, second = total * share * a, total * (1 - share) * m
    expected = [first, second, first + second]
    assert found["heard"].flatten().tolist() == pytest.approx(expected, abs=1e-4)
    masks = [sigmoid(z) for z in (a + m, (a + m) / 2, first + second)]
    assert found["fused"].flatten().tolist() == pytest.approx(masks, abs=1e-5)


@pytest.mark.parametrize("size", SIZES)
def test_the_sum_of_the_weights_moves_the_mask_away_from_a_half_and_never_across(size):
    for side in range(1, 7):
        for share in (0.1, 0.5, 0.9):
            small, large = (seen(size, side, share, s)["fused"][0, 2, 0, 0] for s in (0.5, 2))
            assert (small - 0.5) * (large - 0.5) > 0
            assert (large - 0.5).abs() > (small - 0.5).abs()


def figure(size=(2, 8, 8)) -> LiveFigure:
    controls = {
        "side": Range(1, min(size[1:]), start=3, step=1),
        "share_of_mean": Range(0, 1, start=0.5), "weight_sum": Range(0.5, 2, start=1),
    }  # fmt: skip
    views = [View("picture", "drawn"), View("bars", "heard", (-7, 7), ("w₁a", "w₂m", "z")),
             View("bars", "fused", (0, 1), ("sum", "softmax", "chosen_w"))]  # fmt: skip
    return LiveFigure(Apportioned(), torch.full(size, HAZE), controls=controls, views=views)


@pytest.mark.parametrize("size", SIZES)
def test_the_graph_gives_what_the_module_gives(size):
    assert_agrees(figure(size), whole=("side",))


def test_every_label_is_written_in_both_languages():
    raw = {"side", "share_of_mean", "weight_sum", "drawn", "heard", "fused", "chosen_w"}
    assert_translated(figure, raw, {"w₁a", "w₂m", "z", "softmax"})
