"""trace records masks and shares by their qualified names, and leaves the model as it was."""

import pytest
import torch
from torch import nn

from cbam_teach import (
    CBAM,
    LADDER,
    ChannelAttention,
    DynamicSpatialAttention,
    ResidualBlock,
    Reweight,
    SimpleCNN,
    trace,
)


def hooks(model: nn.Module) -> int:
    return sum(len(module._forward_hooks) for module in model.modules())


def test_masks_are_recorded_by_qualified_name():
    block, x = ResidualBlock(4, 6, stride=2), torch.randn(2, 4, 5, 7)
    with trace(block) as maps:
        block(x)
    assert {name: tuple(mask.shape) for name, mask in maps.items()} == {
        "attention.channel.mask": (2, 6, 1, 1),
        "attention.spatial.mask": (2, 1, 3, 4),
    }


def test_at_any_depth():
    model = nn.Sequential(SimpleCNN())
    with trace(model) as maps:
        model(torch.randn(1, 3, 9, 6).repeat(2, 1, 1, 1))
    parts = [f"0.res{i}.attention.{part}.mask" for i in (1, 2) for part in ("channel", "spatial")]
    assert sorted(maps) == sorted(parts)


def test_what_is_recorded_is_what_was_computed_and_holds_no_graph():
    module, x = CBAM(4), torch.randn(2, 4, 5, 3)
    with trace(module) as maps:
        module(x)
    alpha = module.channel.mask(x)
    assert torch.equal(maps["channel.mask"], alpha)
    assert torch.equal(maps["spatial.mask"], module.spatial.mask(x * alpha))
    assert not any(mask.requires_grad for mask in maps.values())


def test_the_last_call_stays():
    mask, one, two = ChannelAttention(4), torch.randn(1, 4, 3, 2), torch.randn(2, 4, 5, 3)
    with trace(mask) as maps:
        assert maps == {}
        mask(one)
        mask(two)
    assert torch.equal(maps[""], mask(two))


def test_nothing_is_recorded_outside_and_the_result_is_the_same():
    model, x = CBAM(4), torch.randn(2, 4, 5, 3)
    before = model(x)
    with trace(model) as maps:
        assert torch.equal(model(x), before)
    seen = dict(maps)
    model(torch.randn(3, 4, 5, 3))
    assert maps.keys() == seen.keys()
    assert all(maps[name] is seen[name] for name in seen)
    assert hooks(model) == 0


@pytest.mark.usefixtures("as_released")
def test_hooks_are_removed_after_an_exception():
    model = CBAM(4)
    with pytest.raises(ValueError, match="must have 4 channels"), trace(model):
        model(torch.zeros(1, 5, 3, 2))
    assert hooks(model) == 0


def test_traces_nest_and_keep_other_hooks():
    model, x, calls = CBAM(4), torch.randn(2, 4, 5, 3), []
    own = model.channel.mask.register_forward_hook(lambda *_: calls.append(1))
    with trace(model) as outer, trace(model.channel) as inner:
        model(x)
    assert sorted(inner) == ["mask"]
    assert sorted(outer) == ["channel.mask", "spatial.mask"]
    assert hooks(model) == 1
    own.remove()
    assert calls == [1]


def test_the_shares_of_a_router_are_recorded_too():
    model = LADDER["pixel_routed"](4)
    with trace(model) as maps:
        model(torch.randn(2, 4, 5, 3))
    assert {name: tuple(value.shape) for name, value in maps.items()} == {
        "channel.mask": (2, 4, 1, 1),
        "channel.mask.fusion": (2, 2, 1, 1),
        "spatial.mask": (2, 1, 5, 3),
        "spatial.mask.router": (2, 3, 5, 3),
    }
    for name in ("channel.mask.fusion", "spatial.mask.router"):
        torch.testing.assert_close(maps[name].sum(1), torch.ones_like(maps[name][:, 0]))
        assert maps[name].min() > 0
        assert not maps[name].requires_grad


def test_learned_shares_are_recorded_and_fixed_ones_are_none():
    x, shapes = torch.randn(3, 4, 5, 2), {}
    for fusion in ("sum", "softmax", "router"):
        mask = ChannelAttention(4, fusion=fusion)
        with trace(mask) as maps:
            mask(x)
        shapes[fusion] = {name: tuple(value.shape) for name, value in maps.items() if name}
    assert shapes == {
        "sum": {},
        "softmax": {"fusion": (1, 2, 1, 1)},
        "router": {"fusion": (3, 2, 1, 1)},
    }


def test_recorded_shares_are_those_that_were_used():
    mask, x = DynamicSpatialAttention(kernels=(1, 3), dilated=None), torch.randn(2, 4, 5, 3)
    with trace(mask) as maps:
        alpha = mask(x)
    assert torch.equal(maps[""], alpha)
    pooled = torch.stack([x.mean(1), x.amax(1)], 1)
    logits = torch.cat([branch(pooled) for branch in mask.branches], 1)
    expected = (maps["router"] * logits).sum(1, keepdim=True).sigmoid()
    torch.testing.assert_close(alpha, expected)
    assert not torch.allclose(alpha, (maps["router"].flip(1) * logits).sum(1, True).sigmoid())


def test_a_model_of_weights_alone_has_the_empty_name():
    router = LADDER["dynamic"](4).spatial.mask.router
    with trace(router) as maps:
        shares = router(torch.randn(2, 2, 5, 3))
    assert torch.equal(maps[""], shares)


@pytest.mark.parametrize("gradients", [True, False])
@pytest.mark.parametrize("step", LADDER)
def test_what_is_seen_without_gradients_is_the_same(step, gradients):
    model, x = LADDER[step](4).eval(), torch.randn(2, 4, 5, 3)
    with trace(model) as expected:
        y = model(x).detach()
    with torch.set_grad_enabled(gradients), trace(model) as maps:
        torch.testing.assert_close(model(x), y)
    torch.testing.assert_close(maps, expected)
    assert "spatial.mask" in maps


def test_a_mask_in_two_places_has_the_first_name_and_the_last_output():
    mask, x = ChannelAttention(4), torch.randn(2, 4, 5, 3)
    model = nn.Sequential(Reweight(mask), Reweight(mask))
    with trace(model) as maps:
        model(x)
    assert list(maps) == ["0.mask"]
    assert torch.equal(maps["0.mask"], mask(x * mask(x)))


@pytest.mark.parametrize("size", [(5, 3), (4, 9)])
def test_with_the_graph_a_loss_of_masks_reaches_the_parameters(size):
    module, x = CBAM(4), torch.randn(2, 4, *size)
    with trace(module, graph=True) as maps:
        module(x)
    z = x * module.channel.mask(x)
    (module.spatial.mask(z) ** 2).sum().backward()
    expected = {name: p.grad.clone() for name, p in module.named_parameters()}
    module.zero_grad()
    (maps["spatial.mask"] ** 2).sum().backward()
    for name, parameter in module.named_parameters():
        torch.testing.assert_close(parameter.grad, expected[name])
        assert parameter.grad.abs().max() > 0, name
    with trace(module) as detached:
        module(x)
    torch.testing.assert_close(dict(detached), {k: v.detach() for k, v in maps.items()})
    assert hooks(module) == 0


@pytest.mark.usefixtures("as_released")
@pytest.mark.parametrize("graph", [1, None, "yes"])
def test_graph_is_true_or_false(graph):
    with (
        pytest.raises(TypeError, match="`graph` must be True or False"),
        trace(CBAM(4), graph=graph),
    ):
        pass
