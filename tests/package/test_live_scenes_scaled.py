"""The scene of the chapter on temperature, against autograd, and as a live figure."""

import pytest
import torch
from live_parity import assert_agrees, assert_translated

from cbam_teach.live import LiveFigure, Range, View
from cbam_teach.live.scenes_scaled import BIAS, GAIN, Scaled

SIZES = [(12, 16), (7, 9)]
SETTINGS = [(1.0, 1.0), (4.0, 4.0), (8.0, 0.5), (0.5, 8.0)]


def run(x: torch.Tensor, *numbers: float) -> dict[str, torch.Tensor]:
    return Scaled()(x, *(torch.tensor(number) for number in numbers))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("T", "scale"), SETTINGS)
def test_scaled(size, T, scale):
    x = torch.rand(1, 1, *size)
    found = run(x, T, scale)
    z = (scale * (GAIN * x + BIAS)).double().requires_grad_()
    alpha = torch.sigmoid(z / T)
    with_t = torch.autograd.grad(alpha.sum(), z)[0].mean()
    u = (scale * GAIN / T * x.double() + scale * BIAS / T).requires_grad_()
    divided = torch.sigmoid(u)
    without_t = torch.autograd.grad(divided.sum(), u)[0].mean()
    assert torch.allclose(found["mask"].double(), alpha, atol=1e-5)
    for number, expected in enumerate((alpha, divided)):
        assert torch.allclose(found["twin_masks"][:, number].double(), expected[:, 0], atol=1e-5)
    expected = pytest.approx([with_t.item(), without_t.item()], abs=1e-6)
    assert found["pulls"].flatten().tolist() == expected


def test_equal_masks_get_gradients_that_differ_by_the_temperature():
    x = torch.rand(1, 1, 7, 9)
    one, other = run(x, 1.0, 1.0), run(x, 8.0, 8.0)
    assert torch.allclose(one["mask"], other["mask"], atol=1e-6)
    assert torch.allclose(one["pulls"], other["pulls"] * torch.tensor([8.0, 1.0]).view(2, 1, 1))


def figure(size=(12, 16)) -> LiveFigure:
    controls = {
        "temperature": Range(0.5, 8, start=4, log=True),
        "weight_scale": Range(0.5, 8, start=4, log=True),
    }
    names = ("with_temperature", "weights_divided")
    views = [
        View("overlay", "mask", (0, 1)),
        View("heatmap", "twin_masks", (0, 1), names),
        View("bars", "pulls", (0, 0.25), names),
    ]
    return LiveFigure(Scaled(), torch.rand(1, *size), controls=controls, views=views)


@pytest.mark.parametrize("size", SIZES)
def test_the_graph_gives_what_the_module_gives(size):
    assert_agrees(figure(size))


def test_every_label_is_written_in_both_languages():
    raw = {"weight_scale", "twin_masks", "pulls", "with_temperature", "weights_divided"}
    assert_translated(figure, raw)
