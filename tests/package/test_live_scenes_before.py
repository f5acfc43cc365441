"""The scene of the chapter on Pattern 3, against formulas written another way, and as a figure."""

import math

import numpy
import pytest
import torch
from live_parity import assert_agrees, assert_translated

from cbam_teach.live import LiveFigure, Range, View
from cbam_teach.live.scenes_before import EPS, Sifted

SIZES = [(12, 16), (7, 9)]


def run(x: torch.Tensor, *numbers: float) -> dict[str, torch.Tensor]:
    return Sifted()(x, *(torch.tensor(float(number)) for number in numbers))


def norm(z: numpy.ndarray) -> numpy.ndarray:
    return (z - z.mean()) / math.sqrt(z.var() + EPS)


def scene(size=(12, 16)) -> torch.Tensor:
    x = 0.2 * torch.rand(1, 1, *size)
    x[..., 2:6, 3:8] = 0.9
    return x


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("numbers", [(1, 1, 0.3), (0.8, 0.2, 1), (0.1, 0.5, 0.6), (0, 0, 1)])
def test_sifted(size, numbers):
    x = scene(size)
    found = {name: value[0].double().numpy() for name, value in run(x, *numbers).items()}
    stripes = numpy.tile([1, 0.5, 0, 0.5], 5)[: size[1]]
    first, second = x[0, 0].double().numpy(), numpy.tile(stripes, (size[0], 1))
    m, n = (1 - numbers[2] + numbers[2] * alpha for alpha in numbers[:2])
    within = numpy.stack([m * norm(first + second), n * norm(first - second)])
    ahead = numpy.stack([norm(m * first + n * second), norm(m * first - n * second)])
    assert numpy.allclose(found["sifted"], [m * first, n * second], atol=1e-5)
    assert numpy.allclose(found["within"], within, atol=1e-4)
    assert numpy.allclose(found["ahead"], ahead, atol=1e-4)
    sizes = [math.sqrt((y**2).mean()) for y in (within, ahead)]
    assert found["strength"].flatten().tolist() == pytest.approx(sizes, abs=1e-4)
    of = [a * a * second.var() / max(a * a * second.var() + b * b * first.var(), 1e-9)
          for a, b in ((1, 1), (n, m))]  # fmt: skip
    assert found["stripes"].flatten().tolist() == pytest.approx(of, abs=1e-4)


def test_an_even_mask_dims_the_branch_inside_only():
    x = scene()
    full, dim = run(x, 1, 1, 1), run(x, 0.2, 0.2, 1)
    assert torch.allclose(dim["within"], 0.2 * full["within"])
    assert torch.allclose(dim["ahead"], full["ahead"], atol=0.02)
    assert torch.allclose(dim["stripes"], full["stripes"])


def test_a_mask_on_the_stripes_sifts_them_out_before_only():
    inside, before = run(scene(), 1, 0.1, 1)["stripes"].flatten()
    assert inside > 0.5
    assert before < 0.05


def figure(size=(12, 16)) -> LiveFigure:
    controls = {name: Range(0, 1, start=1) for name in ("alpha_1", "alpha_2", "lam")}
    names, places = ("channel_1", "channel_2"), ("placement.inside", "placement.before")
    views = [View("heatmap", "sifted", (0, 1), names)]
    views += [View("heatmap", of, (-3, 3), ("plus", "minus")) for of in ("within", "ahead")]
    views += [View("bars", of, (0, 1), places) for of in ("stripes", "strength")]
    return LiveFigure(Sifted(), scene(size)[0], controls=controls, views=views)


@pytest.mark.parametrize("size", SIZES)
def test_the_graph_gives_what_the_module_gives(size):
    assert_agrees(figure(size))


def test_every_label_is_written_in_both_languages():
    raw = {"alpha_1", "sifted", "within", "ahead", "stripes", "strength", "channel_1", "plus"}
    assert_translated(figure, raw, {"λ", "inside", "before"})
