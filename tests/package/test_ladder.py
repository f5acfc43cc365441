"""The ladder: its order, what each step adds to the one before it, and what that weighs."""

import copy
import inspect

import pytest
import torch
from torch import nn

from cbam_teach import (
    CBAM,
    LADDER,
    DynamicSpatialAttention,
    ResidualBlock,
    SimpleCNN,
    SpatialAttention,
    trace,
)
from cbam_teach.fusion import Routed, Softmax, Sum

ORDER = [
    "cbam",
    "gated",
    "fused",
    "mixed",
    "tempered",
    "dynamic",
    "routed_fusion",
    "coordinate",
    "separable",
    "pixel_routed",
]


def test_the_steps_stand_in_chapter_order():
    assert list(LADDER) == ORDER


def test_nobody_can_change_the_ladder():
    with pytest.raises(TypeError):
        LADDER["cbam"] = CBAM
    with pytest.raises(TypeError):
        del LADDER["cbam"]
    one, other = LADDER["mixed"](4), LADDER["mixed"](4)
    assert one is not other
    assert one.mix.p is not other.mix.p


def description(step: str) -> dict[str, object]:
    """Return what a step is made of, read off the modules that it builds."""
    module = LADDER[step](32)
    channel, spatial = module.channel.mask, module.spatial.mask
    dynamic = isinstance(spatial, DynamicSpatialAttention)
    branches = list(spatial.branches) if dynamic else []
    windows = [getattr(branch, "depthwise", branch) for branch in branches]
    return {
        "act": type(channel.mlp[1]),
        "gates": (type(channel.gate.squash), type(spatial.gate.squash)),
        "fusion": type(channel.fusion),
        "mix": None if module.mix is None else (module.mix.learnable, module.mix.amount().item()),
        "tempered": (channel.gate.temperature.learnable, spatial.gate.temperature.learnable),
        "temperatures": [round(part.gate.temperature().item(), 5) for part in (channel, spatial)],
        "windows": [(window.kernel_size[0], window.dilation[0]) for window in windows],
        "coordinates": dynamic and spatial.coordinates,
        "separable": any(hasattr(branch, "depthwise") for branch in branches),
        "router": spatial.router.per if dynamic else None,
        "side": None if dynamic else spatial.conv.kernel_size[0],
        "hidden": channel.mlp[0].out_features,
        "bias": channel.mlp[0].bias is not None,
    }


ADDED = {
    "gated": {"act": nn.SiLU, "gates": (nn.Hardsigmoid, nn.Hardsigmoid)},
    "fused": {"fusion": Softmax},
    "mixed": {"mix": (True, pytest.approx(0.1))},
    "tempered": {"tempered": (True, True)},
    "dynamic": {"windows": [(3, 1), (7, 1), (7, 2)], "router": "sample", "side": None},
    "routed_fusion": {"fusion": Routed},
    "coordinate": {"coordinates": True},
    "separable": {"separable": True},
    "pixel_routed": {"router": "pixel"},
}


def test_the_first_step_is_the_paper():
    expected = {
        "act": nn.ReLU,
        "gates": (nn.Sigmoid, nn.Sigmoid),
        "fusion": Sum,
        "mix": None,
        "tempered": (False, False),
        "temperatures": [1.0, 1.0],
        "windows": [],
        "coordinates": False,
        "separable": False,
        "router": None,
        "side": 7,
        "hidden": 4,
        "bias": False,
    }
    assert description("cbam") == expected
    first, plain = LADDER["cbam"](32), CBAM(32)
    plain.load_state_dict(first.state_dict())
    x = torch.randn(2, 32, 5, 4)
    assert torch.equal(first(x), plain(x))


@pytest.mark.parametrize("step", ORDER[1:])
def test_each_step_adds_what_it_names_and_nothing_else(step):
    before = description(ORDER[ORDER.index(step) - 1])
    now = description(step)
    changed = {key: value for key, value in now.items() if value != before[key]}
    assert changed == ADDED[step]


def weights(step: str, channels: int) -> int:
    """Return how many parameters the formulas of the parts give."""
    above = ORDER.index(step)

    def has(name: str) -> bool:
        return above >= ORDER.index(name)

    total = 2 * channels * max(channels // 16, 4)  # the MLP, without bias
    if has("routed_fusion"):
        total += (2 * channels * 8 + 8) + (8 * 2 + 2)
    elif has("fused"):
        total += 2
    total += has("mixed") + 2 * has("tempered")
    if not has("dynamic"):
        return total + 2 * 7 * 7
    inputs = 4 if has("coordinate") else 2
    pixels = 3 * 3 + 7 * 7 + 7 * 7
    total += inputs * pixels + (inputs * 3 if has("separable") else 0)
    return total + (inputs * 8 + 8) + (8 * 3 + 3)


@pytest.mark.parametrize("channels", [1, 6, 64, 96])
@pytest.mark.parametrize("step", ORDER)
def test_the_weights_are_as_many_as_the_formula_says(step, channels):
    module = LADDER[step](channels)
    assert sum(part.numel() for part in module.parameters()) == weights(step, channels)


def test_the_weights_at_64_channels():
    counted = [sum(part.numel() for part in LADDER[step](64).parameters()) for step in ORDER]
    assert counted == [610, 610, 612, 613, 615, 782, 1830, 2060, 2072, 2072]


def test_every_step_is_another_function():
    x = torch.randn(2, 16, 9, 7)
    results = []
    for step in ORDER:
        torch.manual_seed(0)
        module = LADDER[step](16)
        with torch.no_grad():
            for parameter in module.parameters():  # coordinates and shares should show
                parameter.add_(0.3 * torch.randn(parameter.shape))
            results.append(module(x))
    for i, one in enumerate(results):
        for other in results[:i]:
            assert not torch.allclose(one, other, atol=1e-4)


def test_the_router_s_shares_and_the_masks_can_be_watched():
    seen = {}
    for step in ORDER:
        module = LADDER[step](6)
        with trace(module) as maps:
            module(torch.randn(2, 6, 5, 4))
        seen[step] = {name: tuple(value.shape) for name, value in maps.items()}
    masks = {"channel.mask": (2, 6, 1, 1), "spatial.mask": (2, 1, 5, 4)}
    fused = masks | {"channel.mask.fusion": (1, 2, 1, 1)}
    assert seen["cbam"] == masks == seen["gated"]
    assert seen["fused"] == fused == seen["tempered"]
    assert seen["dynamic"] == fused | {"spatial.mask.router": (2, 3, 1, 1)}
    routed = seen["dynamic"] | {"channel.mask.fusion": (2, 2, 1, 1)}
    assert seen["routed_fusion"] == seen["coordinate"] == seen["separable"] == routed
    assert seen["pixel_routed"] == routed | {"spatial.mask.router": (2, 3, 5, 4)}


@pytest.mark.parametrize("step", ORDER)
def test_a_step_is_a_factory_like_any_other(step):
    assert next(iter(inspect.signature(LADDER[step]).parameters)) == "channels"
    module = LADDER[step](channels=5)
    assert type(module) is CBAM
    assert module.channels == 5
    block = ResidualBlock(4, 6, attention=copy.deepcopy(LADDER[step]), placement="beside")
    assert block(torch.randn(2, 4, 3, 5)).shape == (2, 6, 3, 5)


def test_the_last_step_makes_a_model():
    model = SimpleCNN(attention=LADDER["pixel_routed"])
    assert model(torch.randn(2, 3, 9, 6)).shape == (2, 10)
    assert sum(isinstance(part, DynamicSpatialAttention) for part in model.modules()) == 2
    assert not any(isinstance(part, SpatialAttention) for part in model.modules())
