"""trace records every mask by its qualified name, and leaves the model as it was."""

import pytest
import torch
from torch import nn

from cbam_teach import CBAM, ChannelAttention, ResidualBlock, SimpleCNN, trace


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
