"""The scene of the chapter on spatial attention, against the package's own mask."""

import pytest
import torch
import torch.nn.functional as F
from live_parity import assert_agrees, assert_translated

from cbam_teach import SpatialAttention
from cbam_teach.live import Choice, Drag, LiveFigure, Range, View
from cbam_teach.live.scenes_spatial import BIAS, GAIN, LIGHT, SIDE, Told

SIZES = [(24, 28), (31, 24)]
NAMES = ("coloured", "white", "ground", "corner")


def scalars(*values: float) -> list[torch.Tensor]:
    return [torch.tensor(float(value)) for value in values]


def by_package(x, a, m, around) -> torch.Tensor:
    """The same mask by `SpatialAttention`, its picture continued by hand where that is asked."""
    mask = SpatialAttention(bias=True).requires_grad_(False)
    mask.conv.weight[0, 0], mask.conv.weight[0, 1] = GAIN * a / SIDE**2, GAIN * m / SIDE**2
    mask.conv.bias.fill_(BIAS)
    if not around:
        return mask(x)
    return mask(F.pad(x, [3] * 4, mode="circular"))[..., 3:-3, 3:-3]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("channel", [0, 1, 2])
@pytest.mark.parametrize(("a", "m", "around"), [(0.5, 0.5, 0), (-1, 1, 0), (0.3, -0.7, 1)])
def test_told_is_the_packages_mask(size, channel, a, m, around):
    ground = torch.full((1, 3, *size), 0.3)
    found = Told()(ground, *scalars(channel, a, m, around, 6, 7))
    x, row, column = ground.clone(), 3 * size[0] // 4, 3 * size[1] // 4
    x[..., row - 4 : row + 5, column - 4 : column + 5] = LIGHT
    x[0, :, 2:11, 3:12] = 0.3
    x[0, channel, 2:11, 3:12] = LIGHT
    assert torch.equal(found["drawn"], x)
    pooled = torch.stack([x.mean(1), x.max(1).values], 1)
    assert torch.allclose(found["two_maps"], pooled)
    alpha = by_package(x, a, m, around)
    assert torch.allclose(found["mask"], alpha, atol=1e-5)
    far = torch.sigmoid(torch.tensor(GAIN * 0.3 * (a + m) + BIAS))
    marks = [alpha[0, 0, 6, 7], alpha[0, 0, row, column], far, alpha[0, 0, -1, 0]]
    assert found["four_places"].flatten().tolist() == pytest.approx(
        [float(v) for v in marks], abs=1e-5
    )


def test_the_mask_does_not_know_the_channel_and_equal_weights_never_prefer_the_colour():
    ground = torch.full((1, 3, 48, 48), 0.3)
    masks = [Told()(ground, *scalars(c, -1, 1, 0, 12, 12))["mask"] for c in range(3)]
    assert torch.allclose(masks[0], masks[1])
    assert torch.allclose(masks[0], masks[2])
    for weight in (-1, -0.4, 0.1, 0.5, 1):
        marks = Told()(ground, *scalars(0, weight, weight, 1, 12, 12))["four_places"].flatten()
        assert marks[0] < marks[1:3].max()
    marks = Told()(ground, *scalars(0, -1, 1, 1, 12, 12))["four_places"].flatten()
    assert marks[0] > 10 * marks[1:].max()


def told(size=(3, 24, 28)) -> LiveFigure:
    weight = Range(-1, 1, start=0.5, step=0.1)
    controls = {
        "lit": Choice(("red", "green", "blue")), "of_mean": weight, "of_max": weight,
        "beyond": Choice(("zeros", "around")),
        "object_row": Range(0, size[1] - 1, start=6, step=1),
        "object_column": Range(0, size[2] - 1, start=7, step=1),
        "object": Drag("object_column", "object_row"),
    }  # fmt: skip
    views = [View("picture", "drawn"), View("heatmap", "two_maps", (0, 1), ("avg", "max"))]
    views += [View("heatmap", "mask", (0, 1)), View("bars", "four_places", (0, 1), NAMES)]
    return LiveFigure(Told(), torch.full(size, 0.3), controls=controls, views=views)


@pytest.mark.parametrize("size", [(3, 24, 28), (3, 48, 48)])
def test_the_graph_gives_what_the_module_gives(size):
    assert_agrees(told(size))


def test_every_label_is_written_in_both_languages():
    raw = {"lit", "of_mean", "of_max", "beyond", "two_maps", "four_places"}
    assert_translated(told, raw)
