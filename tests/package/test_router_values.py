"""The router and the fusions by themselves, against plain loops."""

import oracles
import oracles_dynamic
import pytest
import torch
from agreement import agree, differ, picture, shaken

from cbam_teach.fusion import Routed, Softmax, Sum
from cbam_teach.router import Router

SIZES = [(1, 2, 3, 4), (3, 4, 5, 2), (2, 1, 1, 1)]


def expected(router: Router, s: torch.Tensor) -> torch.Tensor:
    channels = list(s.unbind(1))
    if router.per == "sample":
        channels = [c.flatten(1).sum(1)[:, None, None] / c[0].numel() for c in channels]
    return torch.stack(oracles_dynamic.router(router, channels), 1)


@pytest.mark.parametrize("per", ["sample", "pixel"])
@pytest.mark.parametrize(("branches", "hidden"), [(2, 8), (5, 3)])
@pytest.mark.parametrize("size", SIZES)
def test_router(size, branches, hidden, per):
    s = picture(size)
    router = shaken(Router(size[1], branches, hidden=hidden, per=per))
    agree(router, s, expected(router, s))


def test_a_router_that_averages_its_shares_instead_of_its_input_differs():
    s = picture((3, 4, 5, 2))
    router = shaken(Router(4, 3, per="sample"))
    late = torch.stack(oracles_dynamic.router(router, list(s.unbind(1))), 1)
    assert differ(router, s, late.mean(dim=(2, 3), keepdim=True))


@pytest.mark.parametrize("size", [(1, 5), (3, 1)])
def test_fusions(size):
    avg, top = picture(size), picture(size)
    assert Sum()(avg, top).tolist() == [[[[1.0]], [[1.0]]]]
    assert Sum()(avg, top).dtype == avg.dtype
    softmax = shaken(Softmax())
    got = softmax(avg, top)
    torch.testing.assert_close(got.flatten(), torch.stack(oracles.softmax(list(softmax.logits))))
    routed = shaken(Routed(size[1]))
    shares = oracles_dynamic.router(routed, [*avg.unbind(1), *top.unbind(1)])
    agree(routed, (avg, top), torch.stack(shares, 1)[..., None, None])
    turned = oracles_dynamic.router(routed, [*top.unbind(1), *avg.unbind(1)])
    assert differ(routed, (avg, top), torch.stack(turned, 1)[..., None, None])
