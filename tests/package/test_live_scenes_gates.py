"""The scene of the chapter on gates, against gradients that PyTorch finds, and as a live figure."""

import pytest
import torch
import torch.nn.functional as F
from live_parity import assert_agrees, assert_translated

from cbam_teach.live import LiveFigure, Range, View
from cbam_teach.live.scenes_gates import STEPS, Reopened

CASES = [(-4, 1, 10), (-2, 1, 10), (0, 0.9, 50), (2.5, 0, 3), (5, 0.5, 20)]


def run(x: torch.Tensor, *numbers: float) -> dict[str, torch.Tensor]:
    return Reopened()(x, *(torch.tensor(float(number)) for number in numbers))


def path(gate, start: float, goal: float, rate: float) -> tuple[list[float], float]:
    """The masks before each step and the first slope, with gradients from autograd."""
    z, masks, slopes = torch.tensor(float(start), dtype=torch.float64), [], []
    for _ in range(STEPS):
        z.requires_grad_()
        alpha = gate(z)
        (slope,) = torch.autograd.grad(alpha, z)
        masks.append(alpha.item())
        slopes.append(slope.item())
        z = (z - rate * (alpha - goal) * slope).detach()
    return masks, slopes[0]


@pytest.mark.parametrize(("start", "goal", "rate"), CASES)
def test_both_ways_are_those_of_gradient_descent(start, goal, rate):
    x = torch.rand(1, 1, 5, 7)
    found = run(x, start, goal, rate)
    ways = [path(gate, start, goal, rate) for gate in (torch.sigmoid, F.hardsigmoid)]
    for name, (masks, _) in zip(("gate_soft", "gate_hard"), ways, strict=True):
        assert found[name].flatten().tolist() == pytest.approx(masks, abs=1e-4)
    slopes = found["gate_slopes"].flatten().tolist()
    assert slopes == pytest.approx([slope for _, slope in ways], abs=1e-6)
    last = torch.tensor([masks[-1] for masks, _ in ways]).view(1, 2, 1, 1)
    assert torch.allclose(found["gate_after"], last * x, atol=1e-4)


def test_a_logit_beyond_the_straight_part_moves_with_the_sigmoid_alone():
    found = run(torch.rand(1, 1, 5, 7), -4, 1, 10)
    assert found["gate_soft"].flatten()[-1] > 0.8
    assert not found["gate_hard"].any()


def test_a_step_over_the_end_leaves_hardsigmoid_there():
    found = run(torch.rand(1, 1, 5, 7), 0, 0.9, 50)
    assert set(found["gate_hard"].flatten()[1:].tolist()) == {1.0}
    soft = found["gate_soft"].flatten()[1:]
    assert (soft.diff() < 0).all()


def figure() -> LiveFigure:
    controls = {
        "gate_start": Range(-6, 6, start=-4),
        "gate_goal": Range(0, 1, start=1),
        "gate_rate": Range(0.1, 100, start=10, log=True),
    }
    both = ("sigmoid", "hardsigmoid")
    views = [
        View("bars", "gate_soft", (0, 1)),
        View("bars", "gate_hard", (0, 1)),
        View("bars", "gate_slopes", (0, 0.25), both),
        View("heatmap", "gate_after", (0, 1), both),
    ]
    return LiveFigure(Reopened(), torch.rand(1, 12, 16), controls=controls, views=views)


def test_the_graph_gives_what_the_module_gives():
    assert_agrees(figure())


def test_every_label_is_written_in_both_languages():
    raw = {"gate_start", "gate_goal", "gate_rate", "gate_soft", "gate_hard", "gate_slopes"}
    assert_translated(figure, raw, {"sigmoid", "hardsigmoid"})
