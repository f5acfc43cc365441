"""Where a maximum is held more than once: whose is its gradient?"""

import oracles
import pytest
import torch
from agreement import agree, shaken

from cbam_teach import CBAM, ChannelAttention, SpatialAttention, plain
from cbam_teach.fast import pool_channels, pool_pixels

SIZES = [(1, 5, 3, 4), (3, 6, 5, 2), (2, 9, 4, 7)]


def tied(size: tuple[int, ...]) -> torch.Tensor:
    """Return whole numbers from 0 to 2, as a ReLU leaves many zeros: most maxima are tied."""
    x = torch.randint(0, 3, size).double()
    x[0, 0] = 0
    return x.requires_grad_()


@pytest.mark.parametrize("size", SIZES)
def test_the_first_pixel_that_holds_the_maximum_gets_its_gradient(size):
    x = tied(size)
    probe = torch.randn(size[:2], dtype=torch.float64)
    (got,) = torch.autograd.grad((pool_pixels(x)[1] * probe).sum(), x)
    wanted = torch.zeros(size, dtype=torch.float64)
    for b in range(size[0]):
        for c in range(size[1]):
            pixels = [(i, j) for i in range(size[2]) for j in range(size[3])]
            i, j = max(pixels, key=lambda at: x[b, c, at[0], at[1]].item())  # the first of them
            wanted[b, c, i, j] = probe[b, c]
    assert torch.equal(got, wanted)
    layer = torch.nn.functional.adaptive_max_pool2d(x, 1)[:, :, 0, 0]
    assert torch.equal(got, torch.autograd.grad((layer * probe).sum(), x)[0])


def test_the_plain_pooling_shares_that_gradient_which_is_the_same_only_without_ties():
    x = tied((2, 3, 4, 5))
    (first,) = torch.autograd.grad(pool_pixels(x)[1].sum(), x)
    (shared,) = torch.autograd.grad(plain.pool_pixels(x)[1].sum(), x)
    assert not torch.allclose(first, shared)
    torch.testing.assert_close(first.sum((2, 3)), shared.sum((2, 3)))
    x = torch.randn(2, 3, 4, 5, dtype=torch.float64, requires_grad=True)
    (first,) = torch.autograd.grad(pool_pixels(x)[1].sum(), x)
    assert torch.equal(first, torch.autograd.grad(plain.pool_pixels(x)[1].sum(), x)[0])


@pytest.mark.parametrize("pool", [pool_channels, plain.pool_channels])
@pytest.mark.parametrize("size", SIZES)
def test_channels_that_share_a_maximum_share_its_gradient(size, pool):
    x = tied(size)
    probe = torch.randn(size[0], 2, *size[2:], dtype=torch.float64)
    (got,) = torch.autograd.grad((pool(x) * probe).sum(), x)
    for b in range(size[0]):
        for i in range(size[2]):
            for j in range(size[3]):
                column = x[b, :, i, j].tolist()
                for c, value in enumerate(column):
                    share = (value == max(column)) / column.count(max(column))
                    wanted = probe[b, 0, i, j] / size[1] + share * probe[b, 1, i, j]
                    torch.testing.assert_close(got[b, c, i, j], wanted)


@pytest.mark.parametrize("size", SIZES)
def test_ties_share_alike_in_a_gradient_that_is_differentiated_again(size):
    x = tied(size)
    probe = torch.randn(size[0], 2, *size[2:], dtype=torch.float64)
    (once,) = torch.autograd.grad((pool_channels(x) * probe).sum(), x)
    (again,) = torch.autograd.grad((pool_channels(x) * probe).sum(), x, create_graph=True)
    torch.testing.assert_close(again, once)


@pytest.mark.parametrize("size", SIZES)
def test_whole_modules_on_tied_maps(size):
    x = tied(size)
    channel = shaken(ChannelAttention(size[1]))
    first, second = channel.mlp[0].weight, channel.mlp[2].weight
    agree(channel, x, oracles.channel_mask(x, first, second))
    spatial = shaken(SpatialAttention(kernel_size=3))
    agree(spatial, x, oracles.spatial_mask(x, spatial.conv.weight))
    both = CBAM(size[1], channel=channel, spatial=spatial)
    agree(both, x, oracles.cbam(x, first, second, spatial.conv.weight))


def test_a_constant_map_has_all_ties():
    x = torch.ones(1, 2, 2, 3, dtype=torch.float64, requires_grad=True)
    (pixels,) = torch.autograd.grad(pool_pixels(x)[1].sum(), x)
    assert pixels.tolist() == [[[[1, 0, 0], [0, 0, 0]]] * 2]
    (channels,) = torch.autograd.grad(pool_channels(x)[:, 1].sum(), x)
    assert channels.tolist() == [[[[0.5] * 3] * 2] * 2]
