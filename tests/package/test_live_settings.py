"""Settings found in a module: what they change, against the formula with the number put in."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from cbam_teach import CBAM, LADDER, ChannelAttention, Learnable, ResidualBlock, SpatialAttention
from cbam_teach.live import Choice, Range, settings_of
from cbam_teach.live.program import Program
from cbam_teach.live.settings import connect

SIZES = [(5, 9), (12, 7)]


def outputs(module: nn.Module, image: torch.Tensor, wanted: list[str], **numbers: float) -> list:
    controls = dict.fromkeys(dict.fromkeys(name.split("__")[0] for name in numbers))
    program = Program(module, {name.replace("_", "."): None for name in controls})
    program.choose(image, wanted)
    given = {name.replace("__", ".").replace("_by.", "_by"): v for name, v in numbers.items()}
    starts = program.starts() | {k: v for k, v in given.items() if k in program.controls}
    assert set(given) <= set(program.controls), (given, program.controls)
    return list(program.compute(image, starts))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("T", [0.1, 0.5, 3.0, 10.0])
@pytest.mark.parametrize("gate", [0, 1])
def test_temperature_and_gate_are_those_of_a_module_built_so(size, T, gate):
    word = ("sigmoid", "hardsigmoid")[gate]
    asked = SpatialAttention()
    built = SpatialAttention(temperature=T, gate=word)
    built.load_state_dict(asked.state_dict())
    x = torch.randn(2, 4, *size)
    (mask,) = outputs(asked, x, ["mask"], temperature=T, gate=gate)
    torch.testing.assert_close(mask, built(x), atol=1e-6, rtol=0)
    (other,) = outputs(asked, x, ["mask"], temperature=T, gate=1 - gate)
    assert (other - built(x)).abs().max() > 1e-4


@pytest.mark.parametrize("size", SIZES)
def test_a_learned_temperature_is_kept_where_only_the_gate_is_set(size):
    module = SpatialAttention(temperature=2.5, learnable_temperature=True)
    x = torch.randn(1, 3, *size)
    (mask,) = outputs(module, x, ["mask"], gate=0)
    torch.testing.assert_close(mask, module(x), atol=1e-6, rtol=0)


@pytest.mark.parametrize("m", [0.0, 0.3, 1.0])
def test_mix_goes_from_the_input_to_the_reweighted_map(m):
    module = CBAM(4, mix=Learnable(0.1))
    x = torch.randn(1, 4, 6, 9)
    plain = CBAM(4)
    plain.load_state_dict({k: v for k, v in module.state_dict().items() if not k.startswith("mix")})
    (y,) = outputs(module, x, ["output"], mix=m)
    torch.testing.assert_close(y, x + m * (plain(x) - x), atol=1e-6, rtol=0)


def test_lambda_is_the_input_mix_of_a_block():
    block = ResidualBlock(4, 4, placement="before", input_mix=Learnable(0.2))
    assert "input_mix.lambda" in settings_of(block)
    assert settings_of(block)["input_mix.lambda"].start == pytest.approx(0.2)


@pytest.mark.parametrize("fusion", ["sum", "softmax", "router"])
def test_fusion_weights_by_hand(fusion):
    module = ChannelAttention(6, fusion=fusion)
    x = torch.randn(1, 6, 5, 8)
    program = Program(module, {"fusion": None})
    program.choose(x, ["mask"])
    (own,) = program.compute(x, program.starts())
    torch.testing.assert_close(own, module(x), atol=1e-6, rtol=0)
    numbers = {"fusion.by_hand": 1, "fusion.avg": 0.25, "fusion.max": 0.6}
    (mask,) = program.compute(x, numbers)
    avg, top = x.mean((2, 3)), x.amax((2, 3))
    z = 0.25 * module.mlp(avg) + 0.6 * module.mlp(top)
    torch.testing.assert_close(mask[..., 0, 0], z.sigmoid(), atol=1e-6, rtol=0)


@pytest.mark.parametrize("step", ["dynamic", "pixel_routed"])
def test_router_shares_by_hand_sum_to_one(step):
    module = LADDER[step](4).eval()
    x = torch.randn(1, 4, 6, 7)
    program = Program(module, {"router": None})
    found = program.choose(x, ["router"])
    own = module.spatial.mask.router
    assert not torch.equal(found["router"], torch.zeros(()))
    numbers = {"router.by_hand": 1, "router.1": 0.2, "router.2": 0.6, "router.3": 0.0}
    (shares,) = program.compute(x, numbers)
    torch.testing.assert_close(shares.sum(1), torch.ones_like(shares[:, 0]))
    expected = torch.tensor([0.25, 0.75, 0.0]).view(1, 3, 1, 1).expand_as(shares)
    torch.testing.assert_close(shares, expected, atol=5e-6, rtol=0)
    (none,) = program.compute(x, dict.fromkeys(numbers, 0.0) | {"router.by_hand": 1})
    torch.testing.assert_close(none, torch.full_like(none, 1 / 3))
    assert own.per == ("pixel" if step == "pixel_routed" else "sample")


def test_a_name_with_a_module_before_it_means_those_below_it():
    module = LADDER["tempered"](4)
    assert [c.name for c in connect(module, "temperature")] == ["temperature"]
    (both,) = connect(module, "temperature")
    (one,) = connect(module, "spatial.temperature")
    assert (len(both.parts), len(one.parts)) == (2, 1)
    assert one.parts[0][0].path == "spatial.mask.gate"
    assert connect(module, "channel.router") == []


def test_settings_that_start_apart_are_asked_for_apart():
    module = CBAM(4, spatial=SpatialAttention(temperature=2.0))
    with pytest.raises(ValueError, match=r"do not start alike.*channel\.mask\.gate\.temperature"):
        connect(module, "temperature")
    assert connect(module, "spatial.temperature")[0].control.start == 2.0


def test_what_a_module_offers():
    found = settings_of(LADDER["dynamic"](4))
    T = found["channel.mask.gate.temperature"]
    assert (T.least, T.most, T.log, T.start) == (0.1, 10, True, pytest.approx(1))
    assert found["spatial.mask.gate.gate"] == Choice(("sigmoid", "hardsigmoid"), start=1)
    assert next(n for n in found if "router" in n) == "spatial.mask.router.router.by_hand"


def test_a_slider_reaches_as_far_as_the_module():
    far = SpatialAttention(temperature=40.0)
    assert settings_of(far)["gate.temperature"].most == 40.0
    tiny = SpatialAttention(temperature=0.004)
    assert settings_of(tiny)["gate.temperature"].least == 0.004
    mixed = settings_of(CBAM(4, mix=-0.5410156))["mix.mix"]
    assert (mixed.least, mixed.most, mixed.step) == (-0.55, 1, 0.01)
    assert mixed.start == pytest.approx(-0.5410156)


@pytest.mark.parametrize("training", [True, False])
def test_nothing_of_the_module_is_changed(training):
    block = ResidualBlock(3, 5, attention=LADDER["pixel_routed"]).train(training)
    before = {name: value.clone() for name, value in block.state_dict().items()}
    program = Program(block, {"temperature": None, "gate": None, "router": None})
    x = torch.rand(1, 3, 9, 6)
    program.choose(x, ["spatial.mask"])
    program.compute(x, program.starts() | {"temperature": 5.0})
    assert all(torch.equal(before[name], value) for name, value in block.state_dict().items())
    assert all(module.training == training for module in block.modules())
    hooks = [len(m._forward_hooks) for m in block.modules()]
    assert not any(hooks)


def test_scalars_of_forward_are_controls():
    class Weighted(nn.Module):
        def forward(self, image, a, b):
            return {"sum": a * image + b}

    program = Program(Weighted(), {"b": Range(-1, 1, start=0.5), "a": Range(0, 2, start=2)})
    x = torch.rand(1, 2, 3, 5)
    assert list(program.choose(x, ["sum"])) == ["sum"]
    (y,) = program.compute(x, {"a": 1.5, "b": -0.25})
    torch.testing.assert_close(y, 1.5 * x - 0.25)
    torch.testing.assert_close(program.look(x)["sum"], F.relu(2 * x + 0.5))
