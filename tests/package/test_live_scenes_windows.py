"""The scene of the chapter on dynamic spatial attention, against formulas written another way."""

import numpy
import pytest
import torch
from live_parity import assert_agrees, assert_translated

from cbam_teach.live import Drag, LiveFigure, Range, View
from cbam_teach.live.scenes_windows import GAIN, LIGHT, Windows

SIZES = [(48, 48), (33, 41)]
THREE = ("s3.k3", "s3.k7", "s3.d7")
FIVE = ("s3.k3", "s3.k7", "s3.d2", "s3.wz", "s3.ws")

SYMBOLS = ("3×3", "7×7", "7×7, d=2", "d=2", "Σwz", "Σwσ")


def sigmoid(z):
    return 1 / (1 + numpy.exp(-z))


def picture(size: tuple[int, int], side: int, row: int, column: int) -> numpy.ndarray:
    x = numpy.full(size, 0.2)
    x[size[0] // 4, size[1] // 4] = LIGHT
    reach = side // 2
    x[max(row - reach, 0) : row + reach + 1, max(column - reach, 0) : column + reach + 1] = LIGHT
    return x


def logit(x: numpy.ndarray, row: int, column: int, side: int, gap: int) -> float:
    """The mean of a core minus the mean around it, tap by tap; zeros beyond the border."""
    reach, core = side // 2, 0 if side == 3 else 1
    inner, outer = [], []
    for i in range(-reach, reach + 1):
        for j in range(-reach, reach + 1):
            h, w = row + gap * i, column + gap * j
            inside = 0 <= h < x.shape[0] and 0 <= w < x.shape[1]
            value = x[h, w] if inside else 0.0
            (inner if max(abs(i), abs(j)) <= core else outer).append(value)
    return GAIN * (numpy.mean(inner) - numpy.mean(outer))


def run(size, side, shares, row, column):
    numbers = (torch.tensor(float(n), dtype=torch.float64) for n in (side, *shares, row, column))
    return Windows().double()(torch.full((1, 1, *size), 0.2, dtype=torch.float64), *numbers)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("side", [1, 5, 9])
@pytest.mark.parametrize("shares", [(1, 1, 1), (0.6, 0.1, 0.3), (0, 0, 1)])
@pytest.mark.parametrize("place", [(28, 25), (1, 30)])
def test_windows(size, side, shares, place):
    found = run(size, side, shares, *place)
    x = picture(size, side, *place)
    assert numpy.allclose(found["drawn"][0, 0], x)
    w = numpy.array(shares) / sum(shares)
    dot = (size[0] // 4, size[1] // 4)
    for name, (row, column) in {"at_dot": dot, "at_square": place}.items():
        z = [logit(x, row, column, *window) for window in ((3, 1), (7, 1), (7, 2))]
        five = [
            *sigmoid(numpy.array(z)),
            sigmoid((w * z).sum()),
            (w * sigmoid(numpy.array(z))).sum(),
        ]
        assert found[name].flatten().tolist() == pytest.approx(five, abs=1e-4)
        maps = torch.cat([found[key] for key in ("each_branch", "by_logits", "by_masks")], 1)
        assert maps[0, :, row, column].tolist() == pytest.approx(five, abs=1e-4)


def test_the_mixtures_are_drawn_everywhere():
    found = run((33, 41), 7, (0.5, 0.2, 0.3), 20, 25)
    z = torch.logit(found["each_branch"])
    w = torch.tensor([0.5, 0.2, 0.3], dtype=torch.float64).view(1, 3, 1, 1)
    assert torch.allclose(
        found["by_logits"], torch.sigmoid((w * z).sum(1, keepdim=True)), atol=1e-4
    )
    by_masks = (w * found["each_branch"]).sum(1, keepdim=True)
    assert torch.allclose(found["by_masks"], by_masks, atol=1e-4)


def test_without_any_share_all_count_the_same():
    ours, thirds = (run((33, 41), 7, shares, 20, 25) for shares in ((0, 0, 0), (1, 1, 1)))
    for name in ours:
        assert torch.allclose(ours[name], thirds[name])


@pytest.mark.parametrize(("side", "best"), [(1, 0), (3, 1), (5, 2), (7, 2)])
def test_each_size_has_a_window_that_answers_most(side, best):
    found = run((48, 48), side, (1, 1, 1), 32, 30)["at_square"].flatten()
    assert found[:3].argmax() == best
    assert found[best] > 0.99


def figure(size=(48, 48)) -> LiveFigure:
    rows, columns = (Range(0, length - 1, start=length // 2, step=1) for length in size)
    controls = {
        "side": Range(1, 13, start=7, step=2),
        **{f"share_{k}": Range(0, 1, start=1) for k in (1, 2, 3)},
        "object_row": rows, "object_column": columns,
        "object": Drag("object_column", "object_row"),
    }  # fmt: skip
    views = [
        View("picture", "drawn"),
        View("heatmap", "each_branch", (0, 1), THREE),
        View("heatmap", "by_logits", (0, 1)),
        View("heatmap", "by_masks", (0, 1)),
        View("bars", "at_dot", (0, 1), FIVE),
        View("bars", "at_square", (0, 1), FIVE),
    ]
    return LiveFigure(Windows(), torch.full((1, *size), 0.2), controls=controls, views=views)


@pytest.mark.parametrize("size", SIZES)
def test_the_graph_gives_what_the_module_gives(size):
    assert_agrees(figure(size), whole=("object_row", "object_column"), count=6)


def test_every_label_is_written_in_both_languages():
    raw = {"each_branch", "by_logits", "by_masks", "at_dot", "at_square", "drawn", "share_1"}
    assert_translated(figure, {*raw, *FIVE, *THREE}, SYMBOLS)
