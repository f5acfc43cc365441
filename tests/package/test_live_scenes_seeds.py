"""The scene of repeated comparisons, against the package's own interval."""

import numpy as np
import pytest
import torch
from live_parity import TOLERANCE, assert_agrees, assert_translated, worst
from matplotlib.colors import to_rgb

from cbam_teach.live import LiveFigure, Range, View
from cbam_teach.live.scenes_seeds import (
    BAR,
    COLOUR,
    COLUMNS,
    FINE,
    PITCH,
    REPEATS,
    SEEDS,
    SOFT,
    ZERO,
    Repeated,
    table,
)
from cbam_teach.statistics import mean_interval

CASES = [(0.5, 0.5, 5), (0.0, 2.0, 2), (4.0, 0.1, 15), (1.3, 4.0, 7), (0.2, 1.0, 3)]


def seen(z: torch.Tensor, *numbers: float) -> dict[str, torch.Tensor]:
    return Repeated()(z, *(torch.tensor(float(number)) for number in numbers))


@pytest.mark.parametrize(("gain", "deviation", "seeds"), CASES)
@pytest.mark.parametrize("repeats", [40, 7])
def test_intervals_are_the_packages(gain, deviation, seeds, repeats):
    z = table()[:, :repeats]
    found = seen(z[None], gain, deviation, seeds)
    differences = gain + deviation * z[0, :, :seeds].double().numpy()
    intervals = [mean_interval(row) for row in differences]
    expected = np.array([[each.low, each.high] for each in intervals])
    assert np.allclose(found["ends"][0, ..., 0].T, expected, atol=2e-5)
    above = [each for each in intervals if each.low > 0]
    below = [each for each in intervals if each.high < 0]
    shares = [len(above) / repeats, (len(above) + len(below)) / repeats]
    assert found["found_shares"].flatten().tolist() == pytest.approx(shares)
    gains = np.mean([each.mean for each in above]) if above else 0
    assert found["found_gain"].item() == pytest.approx(gains, abs=1e-5)


@pytest.mark.parametrize(("gain", "deviation", "seeds"), CASES)
def test_a_picture_shows_each_interval_in_its_colour(gain, deviation, seeds):
    found = seen(table()[None], gain, deviation, seeds)
    image = found["intervals"][0]  # (3, 3R, W)
    assert image.shape == (3, PITCH * REPEATS, COLUMNS)
    assert not image[..., ZERO].any()
    place = [(k - ZERO) / FINE for k in range(COLUMNS)]
    for r, (low, high) in enumerate(found["ends"][0, ..., 0].T.tolist()):
        colour = to_rgb(COLOUR[0 if high < 0 else 2 if low > 0 else 1])
        rows = image[:, PITCH * r : PITCH * r + BAR]  # (3, 2, W)
        assert torch.equal(rows[:, 0], rows[:, 1])
        for k, x in enumerate(place):
            if k == ZERO:
                continue
            if low + SOFT / FINE < x < high - SOFT / FINE:
                assert rows[:, 0, k].tolist() == pytest.approx(colour, abs=1e-6)
            elif not low - SOFT / FINE < x < high + SOFT / FINE:
                assert rows[:, 0, k].tolist() == [1, 1, 1]
    between = image[:, BAR::PITCH]
    dark = {ZERO, ZERO + round(FINE * gain)}
    for k in range(COLUMNS):
        assert between[..., k].max() < 1e-5 if k in dark else between[..., k].min() > 1 - 1e-5


def test_more_seeds_find_a_true_gain_more_often_and_the_first_finds_are_exaggerated():
    found = [seen(table()[None], 0.5, 0.5, seeds) for seeds in (2, 5, 10, 15)]
    shares = [each["found_shares"][0, 0].item() for each in found]
    assert shares == sorted(shares)
    assert shares == pytest.approx([0.075, 0.375, 0.825, 0.95])
    gains = [each["found_gain"].item() for each in found]
    assert gains == sorted(gains, reverse=True)
    assert gains[0] > 0.6


def test_an_interval_below_zero_counts_as_leaving_it_out_and_as_no_gain():
    z = torch.tensor([[-3.0, -3.1, -2.9] + [0.0] * (SEEDS - 3)])[None, None]
    found = seen(z, 0, 1, 3)
    assert found["found_shares"].flatten().tolist() == [0, 1]
    assert found["found_gain"].item() == 0


def figure() -> LiveFigure:
    controls = {
        "gain": Range(0, 4, start=0.5, step=0.1),
        "deviation": Range(0.1, 4, start=0.5, step=0.1),
        "seeds": Range(2, SEEDS, start=5, step=1),
    }
    names = ("interval_above", "interval_apart")
    views = [
        View("picture", "intervals"),
        View("bars", "found_shares", (0, 1), names),
        View("values", "found_gain", digits=2),
    ]
    return LiveFigure(Repeated(), table(), controls=controls, views=views)


def test_the_graph_gives_what_the_module_gives_and_would_show_an_error_of_a_thousandth():
    made = figure()
    assert_agrees(made, count=24, most=20_000)
    with torch.no_grad():
        made.modules[""].quantiles.mul_(1.001)
    assert worst(made, 0, made.settings()) > TOLERANCE


def test_every_label_is_written_in_both_languages():
    raw = {
        "gain",
        "deviation",
        "seeds",
        "intervals",
        "found_shares",
        "found_gain",
        "interval_above",
    }
    assert_translated(figure, raw)
