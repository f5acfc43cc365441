"""Without gradients CBAM takes a shorter way: values, hooks and changed masks stay the same."""

import pytest
import torch
from test_fast import layouts

from cbam_teach import (
    CBAM,
    LADDER,
    ChannelAttention,
    CoordinateAttention,
    SpatialAttention,
    fold,
)

MODULES = [LADDER[step] for step in LADDER] + [
    lambda c: CBAM(c, channel=CoordinateAttention(c)),
    lambda c: CBAM(c, spatial=CoordinateAttention(c)),
    lambda c: CBAM(c, spatial=ChannelAttention(c)),
    lambda c: CBAM(c, spatial=SpatialAttention(norm_momentum=0.1)),
    lambda c: CBAM(c, channel=SpatialAttention()),
    lambda c: fold(LADDER["separable"](c)),
    lambda c: fold(LADDER["pixel_routed"](c)),
]


@pytest.mark.parametrize("make", MODULES)
@pytest.mark.parametrize("size", [(1, 5, 9, 4), (3, 5, 2, 7)])
def test_without_gradients_the_values_are_the_same(make, size):
    module = make(5).eval()
    for x in layouts(torch.randn(size)):
        expected = module(x).detach()
        with torch.no_grad():
            torch.testing.assert_close(module(x), expected)
        with torch.inference_mode():
            torch.testing.assert_close(module(x), expected)
        before = x.clone()
        assert torch.equal(x, before)
    for dtype in (torch.float16, torch.bfloat16):
        with torch.autocast("cpu", dtype=dtype):
            expected = module(x).detach()
            with torch.no_grad():
                seen = module(x)
        assert seen.dtype == expected.dtype
        torch.testing.assert_close(seen, expected, rtol=2e-2, atol=2e-2)


class Louder(SpatialAttention):
    """A reader's own mask, made from one of ours."""

    def forward(self, x):
        return super().forward(x) / 2


def test_a_mask_that_somebody_changed_is_used_as_it_is():
    module, x = CBAM(4, spatial=Louder()), torch.randn(2, 4, 5, 3)
    expected = module(x).detach()
    with torch.no_grad():
        torch.testing.assert_close(module(x), expected)


@pytest.mark.parametrize("where", ["channel", "channel.mask", "spatial", "spatial.mask"])
@pytest.mark.parametrize("before", [True, False])
def test_hooks_are_called_with_and_without_gradients(where, before):
    module, x, calls = CBAM(4), torch.randn(2, 4, 5, 3), []
    part = module.get_submodule(where)
    listen = part.register_forward_pre_hook if before else part.register_forward_hook
    listen(lambda *_: calls.append(where))
    module(x)
    with torch.no_grad():
        module(x)
    assert calls == [where, where]


def test_a_batch_of_none_goes_through():
    x = torch.zeros(0, 4, 5, 3)
    for module in (LADDER["cbam"](4), LADDER["pixel_routed"](4), fold(LADDER["dynamic"](4))):
        assert module(x).shape == x.shape
        with torch.no_grad():
            assert module(x).shape == x.shape
