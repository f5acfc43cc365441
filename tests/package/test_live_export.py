"""The exported graph: the same numbers, nothing of the machine, the same bytes."""

import os

import onnx
import pytest
import torch
from live_parity import TOLERANCE, Graph, random_settings, worst
from torch import nn

from cbam_teach import LADDER, CoordinateAttention, EfficientChannelAttention, SqueezeExcitation
from cbam_teach.blocks import ResidualBlock
from cbam_teach.live import LiveFigure, Range, View
from cbam_teach.models import SimpleCNN

CONTROLS = ("channel.temperature", "spatial.temperature", "gate", "mix", "fusion", "router")
VIEWS = ("output", "channel.mask", "spatial.mask", "fusion", "router")
SIZE = (10, 17)


def wanted(module: nn.Module, names: tuple[str, ...]) -> tuple[str, ...]:
    from cbam_teach.live.settings import connect

    return tuple(name for name in names if connect(module, name))


def figure_of(step: str, size: tuple[int, int] = SIZE) -> LiveFigure:
    torch.manual_seed(3)
    module = LADDER[step](8)
    for parameter in module.parameters():
        torch.nn.init.normal_(parameter, std=0.5)
    return LiveFigure(
        module, torch.randn(8, *size), controls=wanted(module, CONTROLS),
        views=tuple(v for v in VIEWS if v in offered(step)),
    )  # fmt: skip


def offered(step: str) -> tuple[str, ...]:
    steps = list(LADDER)
    have = VIEWS[:3]
    have += VIEWS[3:4] if steps.index(step) >= steps.index("fused") else ()
    return have + (VIEWS[4:] if steps.index(step) >= steps.index("dynamic") else ())


@pytest.mark.parametrize("step", list(LADDER))
def test_a_step_and_its_graph_agree_at_any_setting(step, as_released):
    figure = figure_of(step)
    found = [worst(figure, 0, random_settings(figure, 0, seed)) for seed in range(20)]
    assert max(found) < TOLERANCE
    assert len(figure.models[0]) < 100_000


def test_an_error_of_a_thousandth_is_seen(as_released):
    figure = figure_of("dynamic")
    settings = random_settings(figure, 0, 1)
    with torch.no_grad():
        figure.modules[""].spatial.mask.branches[1].weight.mul_(1.001)
    assert worst(figure, 0, settings) > TOLERANCE


@pytest.mark.parametrize(
    "module",
    [
        SqueezeExcitation(6),
        EfficientChannelAttention(6),
        CoordinateAttention(6),
        ResidualBlock(6, 4, stride=2),
    ],
    ids=lambda module: type(module).__name__,
)
def test_other_modules_agree(module, as_released):
    figure = LiveFigure(module.eval(), torch.randn(6, 7, 12), views=["output"])
    assert worst(figure, 0, {}) < TOLERANCE


def test_a_whole_network_agrees(as_released):
    torch.manual_seed(0)
    network = SimpleCNN(attention=LADDER["fused"])
    figure = LiveFigure(
        network,
        torch.rand(3, 9, 14),
        controls=("temperature",),
        views=["res1.attention.spatial.mask"],
    )
    assert max(worst(figure, 0, {"temperature": T}) for T in (0.1, 1.0, 7.0)) < TOLERANCE


def test_the_graph_is_the_same_twice_and_names_nothing_of_the_machine(as_released):
    first, second = figure_of("separable").models[0], figure_of("separable").models[0]
    assert first == second
    for trace in (os.getcwd(), os.path.expanduser("~"), "site-packages", ".py", "/tmp", "2.13"):
        assert trace.encode() not in first
    graph = onnx.load_from_string(first)
    assert next(item.name for item in graph.graph.input) == "image"
    assert not graph.metadata_props
    assert not any(node.metadata_props or node.doc_string for node in graph.graph.node)
    onnx.checker.check_model(graph)


def test_coordinates_are_computed_and_not_stored(as_released):
    small, large = (len(figure_of("coordinate", size).models[0]) for size in ((9, 9), (96, 96)))
    assert large - small < 1_000


class Spectrum(nn.Module):
    def forward(self, x):
        return torch.special.bessel_j0(x)


class Branching(nn.Module):
    def forward(self, image, a):
        return image if a > 0.5 else -image


def test_what_has_no_operator_is_named(as_released):
    with pytest.raises(ValueError, match=r"bessel_j0"):
        LiveFigure(Spectrum(), torch.rand(1, 4, 6))


def test_a_branch_on_a_value_is_refused(as_released):
    with pytest.raises(ValueError, match=r"Branching must be made of operators.*torch\.where"):
        LiveFigure(Branching(), torch.rand(1, 4, 6), controls={"a": Range(0, 1, start=0)})


def test_without_the_exporter_only_a_kernel_computes(as_released, monkeypatch):
    monkeypatch.setattr("cbam_teach.live.figure.can_export", lambda: False)
    figure = LiveFigure(LADDER["cbam"](3), torch.rand(3, 5, 8), views=["spatial.mask"])
    assert figure.models == []
    assert figure.compute()["spatial.mask"].shape == (1, 1, 5, 8)


@pytest.mark.parametrize(("said", "count"), [(None, 1), ("1", 1), ("0", 0)])
def test_graphs_can_be_done_without(as_released, monkeypatch, said, count):
    monkeypatch.delenv("CBAM_TEACH_GRAPHS", raising=False)
    if said:
        monkeypatch.setenv("CBAM_TEACH_GRAPHS", said)
    figure = LiveFigure(LADDER["cbam"](3), torch.rand(3, 5, 8), views=["spatial.mask"])
    assert len(figure.models) == count
    assert [figure.graph(*figure.modules)] * count == figure.models


class Namesake(nn.Module):
    def forward(self, image, mask):
        return {"mask": image * mask}


def test_a_setting_and_an_output_may_share_a_name(as_released):
    figure = LiveFigure(
        Namesake(), torch.rand(2, 5, 7), controls={"mask": Range(0, 1, start=1)}, views=["mask"]
    )
    assert max(worst(figure, 0, {"mask": a}) for a in (0.0, 0.3, 1.0)) < TOLERANCE


def test_graphs_take_only_their_inputs(as_released):
    figure = figure_of("cbam")
    names = {item.name for item in Graph(figure, 0).session.get_inputs()}
    assert names == {"image", *(f"set {name}" for name in figure.controls)}


class Summed(nn.Module):
    """Means and sums over several axes, kept and not kept."""

    def forward(self, image):
        return {
            "kept": image.mean((2, 3), keepdim=True),
            "flat": image.sum((1, 2, 3))[:, None],
            "first": image.mean((0, 2)),
            "single": image.sum(3),
        }


def test_sums_go_axis_by_axis(as_released):
    figure = LiveFigure(
        Summed(), torch.rand(3, 31, 64), views=[View("values", n) for n in ("kept", "flat")]
        + [View("histogram", n) for n in ("first", "single")],
    )  # fmt: skip
    graph = onnx.load_from_string(figure.models[0])
    sizes = {item.name: len(item.dims) and item.dims[0] for item in graph.graph.initializer}
    reductions = [node for node in graph.graph.node if node.op_type.startswith("Reduce")]
    assert len(reductions) == 2 + 3 + 2 + 1
    assert all(sizes.get(node.input[1], 1) == 1 for node in reductions)
    onnx.checker.check_model(graph)
    found = Graph(figure, 0).run(figure.album.images[:1], {})
    for name, value in figure.compute().items():
        torch.testing.assert_close(found[name], value, atol=0, rtol=1e-6)
