"""The scene of the chapter on temperature, against autograd, and as a live figure."""

import pytest
import torch
from live_parity import TOLERANCE, random_settings, worst

from cbam_teach.language import set_language
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
    made = figure(size)
    assert len(made.models[0]) < 100_000
    for seed in range(8):
        assert worst(made, 0, random_settings(made, 0, seed)) < TOLERANCE


def test_every_label_is_written_in_both_languages():
    said = {}
    for language in ("en", "tr"):
        set_language(language)
        spec = figure().spec
        labels = [c["label"] for c in spec["controls"]] + [v["label"] for v in spec["views"]]
        said[language] = labels + [n for v in spec["views"] for n in v["names"] or ()]
        raw = {"weight_scale", "twin_masks", "pulls", "with_temperature", "weights_divided"}
        assert not raw & set(said[language])
    assert not set(said["en"]) & set(said["tr"])
