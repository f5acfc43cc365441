"""A change reaches the result on every way through a model, and leaves the model as it was."""

import pytest
import torch
from torch import nn

from cbam_teach import CBAM, LADDER, ChannelAttention, Reweight, fold, trace
from cbam_teach.interventions import WORDS, intervene

ROUTED = list(LADDER)[list(LADDER).index("dynamic") :]


def hooks(model: nn.Module) -> int:
    return sum(len(module._forward_hooks) for module in model.modules())


@pytest.mark.parametrize("gradients", [True, False])
@pytest.mark.parametrize("step", LADDER)
def test_both_masks_at_1_give_the_input_back(step, gradients):
    model, x = LADDER[step](4).eval(), torch.randn(2, 4, 5, 3)
    with torch.set_grad_enabled(gradients):
        before = model(x)
        with intervene(model, {"channel.mask": "ones", "spatial.mask": "ones"}) as calls:
            torch.testing.assert_close(model(x), x)
        assert calls == {"channel.mask": 1, "spatial.mask": 1}
        assert torch.equal(model(x), before)
    assert not torch.allclose(before, x, atol=1e-2)
    assert hooks(model) == 0


@pytest.mark.parametrize("gradients", [True, False])
@pytest.mark.parametrize(
    "names", [["channel.mask"], ["spatial.mask"], ["channel.mask", "spatial.mask"]]
)
@pytest.mark.parametrize("step", LADDER)
def test_every_way_through_every_rung_honours_a_change(step, names, gradients):
    """Against the equation, step by step: the later mask sees what the earlier one has left."""
    model, x = LADDER[step](4).eval(), torch.randn(2, 4, 5, 3)
    given = {"channel.mask": torch.rand(2, 4, 1, 1), "spatial.mask": torch.rand(2, 1, 5, 3)}
    alpha_c = given["channel.mask"] if names[0] == "channel.mask" else model.channel.mask(x)
    y = alpha_c * x
    alpha_s = given["spatial.mask"] if "spatial.mask" in names else model.spatial.mask(y)
    y = alpha_s * y
    expected = y if model.mix is None else x + model.mix.amount() * (y - x)
    with torch.set_grad_enabled(gradients):
        with intervene(model, {name: given[name] for name in names}), trace(model) as maps:
            torch.testing.assert_close(model(x), expected)
        with intervene(model, {name: given[name] for name in names}):
            torch.testing.assert_close(model(x), expected)
        assert not torch.allclose(model(x), expected, atol=1e-3)
    torch.testing.assert_close(maps["channel.mask"], alpha_c)
    torch.testing.assert_close(maps["spatial.mask"], alpha_s)


@pytest.mark.parametrize("gradients", [True, False])
@pytest.mark.parametrize("step", ROUTED)
def test_shares_by_hand_leave_one_branch(step, gradients):
    model, x = LADDER[step](4).eval(), torch.randn(2, 4, 5, 3)
    only = torch.tensor([0.0, 1, 0]).view(1, 3, 1, 1)
    with torch.set_grad_enabled(gradients):
        with intervene(model, {"spatial.mask.router": only}), trace(model) as maps:
            model(x)
        y = x * model.channel.mask(x)
        with intervene(model, {"spatial.mask.router": "ones"}):
            even = model.spatial.mask(y)
        with intervene(model, {"spatial.mask.router": only}):
            found = model(x)  # the quick way: nobody listens to the mask itself
    assert torch.equal(maps["spatial.mask.router"], only.expand_as(maps["spatial.mask.router"]))
    s = torch.cat([y.mean(1, True), y.amax(1, True)], 1)
    if model.spatial.mask.coordinates:
        columns = torch.linspace(-1, 1, 3).expand(2, 1, 5, 3)
        rows = torch.linspace(-1, 1, 5)[:, None].expand(2, 1, 5, 3)
        s = torch.cat([s, columns, rows], 1)
    logits = torch.cat([branch(s) for branch in model.spatial.mask.branches], 1)
    gate = model.spatial.mask.gate
    torch.testing.assert_close(maps["spatial.mask"], gate(logits[:, 1:2]))
    torch.testing.assert_close(even, gate(logits.mean(1, True)))
    torch.testing.assert_close(found, model.mix(x, y * gate(logits[:, 1:2])))
    assert not torch.allclose(model(x), found, atol=1e-4)


@pytest.mark.parametrize("step", ROUTED)
def test_folded_models_honour_a_change(step):
    model, x = fold(LADDER[step](4)), torch.randn(2, 4, 5, 3)
    before = model(x)
    with torch.no_grad(), intervene(model, {"channel.mask": "ones", "spatial.mask": "ones"}):
        torch.testing.assert_close(model(x), x)
    with torch.no_grad(), intervene(model, {"spatial.mask.router": "shuffled"}) as calls:
        assert not torch.allclose(model(x), before, atol=1e-6)
    assert calls == {"spatial.mask.router": 1}


def test_fused_shares():
    mask, x = ChannelAttention(4, fusion="router"), torch.randn(2, 4, 5, 3)
    with intervene(mask, {"fusion": torch.tensor([1.0, 0.0]).view(1, 2, 1, 1)}):
        torch.testing.assert_close(mask(x).flatten(1), mask.mlp(x.mean((2, 3))).sigmoid())


@pytest.mark.parametrize("word", WORDS)
def test_what_all_samples_share_has_no_other_sample(word):
    mask, x = ChannelAttention(4, fusion="softmax"), torch.randn(3, 4, 5, 2)
    with torch.no_grad():
        mask.fusion.logits.copy_(torch.tensor([1.0, 0.0]))
    own = torch.softmax(torch.tensor([1.0, 0.0]), 0).view(1, 2, 1, 1)
    with intervene(mask, {"fusion": word}), trace(mask) as maps:
        mask(x)
    wanted = {"ones": torch.full((1, 2, 1, 1), 0.5), "shuffled": own.flip(1)}.get(word, own)
    torch.testing.assert_close(maps["fusion"], wanted)


def test_gradients_flow_through_what_is_left():
    model, x = CBAM(4), torch.randn(2, 4, 5, 3, requires_grad=True)
    with intervene(model, {"channel.mask": "ones", "spatial.mask": "flat"}):
        model(x).sum().backward()
    assert all(p.grad is None for p in model.channel.parameters())
    assert model.spatial.mask.conv.weight.grad.abs().sum() > 0


def test_a_module_in_two_places_or_run_twice_is_changed_each_time():
    mask, x = ChannelAttention(4), torch.randn(2, 4, 5, 3)
    model = nn.Sequential(Reweight(mask), Reweight(mask))
    half = torch.tensor(0.5)
    with intervene(model, {"0.mask": half}) as calls:
        assert torch.equal(model(x), x / 4)
        model(x)
    assert calls == {"0.mask": 4}


@pytest.mark.usefixtures("as_released")
def test_hooks_are_removed_after_an_exception_and_others_stay():
    model = CBAM(4)
    model.channel.mask.register_forward_hook(lambda *_: None)
    ones = {"channel.mask": "ones"}
    with pytest.raises(ValueError, match="must have 4 channels"), intervene(model, ones):
        model(torch.zeros(1, 5, 3, 2))
    assert hooks(model) == 1
