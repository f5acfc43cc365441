"""The scene of the chapter on sample-wise fusion, against formulas written another way."""

import math

import pytest
import torch
from live_parity import assert_agrees, assert_translated

from cbam_teach.live import Flag, LiveFigure, Range, View
from cbam_teach.live.scenes_sampled import LIGHT, Marked

SIZES = [(2, 8, 8), (2, 6, 9)]


def sigmoid(z: float) -> float:
    return 1 / (1 + math.exp(-z))


def seen(size, *numbers):
    return Marked()(torch.zeros(1, *size), *(torch.tensor(float(n)) for n in numbers))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("side", "stray", "marker", "bias"),
    [
        (1, 0, 0, 0),
        (0, 1, 1, 0),
        (5, 1, 0.4, 0.3),
        (3, 1, 0.9, -1),
        (0, 0, 0.5, 0),
        (2, 0, 1, -0.4),
    ],
)
def test_marked(size, side, stray, marker, bias):
    found = seen(size, side, stray, marker, bias)
    height, width = size[1:]
    start = min(1, height - side), min(1, width - side)
    lit = {(start[0] + i, start[1] + j) for i in range(side) for j in range(side)}
    if stray:
        lit.add((height - 1, width - 1))
    for h in range(height):
        for w in range(width):
            expected = LIGHT if (h, w) in lit else 0
            assert found["marked_channels"][0, 0, h, w].item() == pytest.approx(expected)
            assert found["marked_channels"][0, 1, h, w].item() == pytest.approx(marker)
    a = 10 * (LIGHT * len(lit) / (height * width) - 0.2)
    m = 10 * ((LIGHT if lit else 0) - 0.2)
    h = max(marker + bias, 0)
    share = sigmoid(12 * h - 6)
    assert found["marked_unit"].item() == pytest.approx(h, abs=1e-6)
    assert found["marked_shares"].flatten().tolist() == pytest.approx([share, 1 - share], abs=1e-5)
    masks = [sigmoid(z) for z in (a, m, (a + m) / 2, share * a + (1 - share) * m)]
    assert found["marked_masks"].flatten().tolist() == pytest.approx(masks, abs=1e-5)


@pytest.mark.parametrize("size", SIZES)
def test_a_dead_unit_gives_all_pictures_the_same_shares(size):
    dead = [
        seen(size, side, 1, marker, -1)["marked_shares"] for side in (0, 4) for marker in (0, 1)
    ]
    assert all(torch.equal(shares, dead[0]) for shares in dead)
    live = [seen(size, 1, 0, marker, 0)["marked_shares"][0, 0, 0, 0] for marker in (0, 1)]
    assert live[1] - live[0] > 0.9


@pytest.mark.parametrize("size", SIZES)
def test_a_small_object_and_a_stray_pixel_leave_the_same_evidence(size):
    small, stray = seen(size, 1, 0, 0.5, 0), seen(size, 0, 1, 0.5, 0)
    assert torch.allclose(small["marked_masks"], stray["marked_masks"], atol=1e-6)
    assert not torch.equal(small["marked_channels"], stray["marked_channels"])


def figure(size=(2, 8, 8)) -> LiveFigure:
    controls = {
        "marked_side": Range(0, min(size[1:]) - 1, start=1, step=1), "marked_stray": Flag(),
        "marked_level": Range(0, 1, start=0), "marked_bias": Range(-1, 0.5, start=0),
    }  # fmt: skip
    views = [View("heatmap", "marked_channels", (0, 1), ("s4.evidence", "s4.marker")),
             View("values", "marked_unit"),
             View("bars", "marked_shares", (0, 1), ("s4.mean", "s4.top")),
             View("bars", "marked_masks", (0, 1), ("a", "m", "½", "ρ"))]  # fmt: skip
    return LiveFigure(Marked(), torch.zeros(size), controls=controls, views=views)


@pytest.mark.parametrize("size", SIZES)
def test_the_graph_gives_what_the_module_gives(size):
    assert_agrees(figure(size), whole=("marked_side",))


def test_every_label_is_written_in_both_languages():
    raw = {"marked_side", "marked_stray", "marked_level", "marked_masks", "s4.evidence", "s4.top"}
    assert_translated(figure, raw, {"a", "m", "½", "ρ"})
