"""The fast steps against the plain ones: values, gradients, and what is unusual."""

import itertools

import pytest
import torch
from torch import nn

from cbam_teach import (
    CBAM,
    ChannelAttention,
    CoordinateAttention,
    DynamicSpatialAttention,
    SpatialAttention,
    fast,
    plain,
)

SIZES = [
    (1, 1, 1, 1),
    (1, 3, 1, 7),
    (2, 5, 9, 1),
    (3, 4, 2, 3),
    (1, 2, 40, 3),
    (2, 3, 4, 41),
    (2, 17, 13, 11),  # 143 and 13 · 11: no small divisor
    (1, 6, 14, 14),
]


def picture(size: tuple[int, ...]) -> torch.Tensor:
    return torch.randn(size, dtype=torch.double)


def layouts(x: torch.Tensor) -> list[torch.Tensor]:
    """Return the same numbers in other places of the memory."""
    wide = torch.zeros(*x.shape[:3], 2 * x.shape[3], dtype=x.dtype)
    wide[..., ::2] = x
    return [
        x,
        x.contiguous(memory_format=torch.channels_last),
        x.mT.contiguous().mT,
        x.transpose(0, 1).contiguous().transpose(0, 1),
        wide[..., ::2],
    ]


def gradients(step, x: torch.Tensor, seed: int = 0) -> tuple[list[torch.Tensor], torch.Tensor]:
    """Return the values of a step, and the gradient of their sum with fixed weights."""
    x = x.detach().requires_grad_()
    values = step(x)
    values = list(values) if isinstance(values, tuple) else [values]
    generator = torch.Generator().manual_seed(seed)
    probes = [torch.randn(v.shape, dtype=v.dtype, generator=generator) for v in values]
    total = sum((v * probe).sum() for v, probe in zip(values, probes, strict=True))
    return [v.detach() for v in values], torch.autograd.grad(total, x)[0]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", ["pool_pixels", "pool_channels"])
def test_pooling_agrees_in_values_and_gradients(name, size):
    for x in layouts(picture(size)):
        quick, slow = getattr(fast, name), getattr(plain, name)
        torch.testing.assert_close(gradients(quick, x), gradients(slow, x), rtol=1e-12, atol=1e-14)
        with torch.no_grad():
            torch.testing.assert_close(quick(x), slow(x), rtol=0, atol=0)


@pytest.mark.parametrize("name", ["pool_pixels", "pool_channels"])
def test_pooling_of_something_else_is_noticed(name):
    x = picture((2, 4, 5, 3))
    values, gradient = gradients(getattr(fast, name), x)
    others, other = gradients(lambda x: getattr(plain, name)(-x), x)
    assert not torch.allclose(values[0], others[0])
    assert not torch.allclose(gradient, other)


@pytest.mark.parametrize("channels", [1, 2, 255, 256, 300, 600])
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.float16, torch.bfloat16])
def test_channels_that_share_a_maximum_share_its_gradient(channels, dtype):
    x = torch.full((2, channels, 2, 3), 0.5, dtype=dtype)
    _, gradient = gradients(fast.pool_channels, x)
    _, expected = gradients(plain.pool_channels, x.double(), seed=0)
    probes = gradients(plain.pool_channels, x)[1]
    torch.testing.assert_close(gradient, probes)
    assert expected.shape == gradient.shape
    assert torch.equal(gradient, gradient[:, :1].expand_as(gradient))


def test_only_the_channels_on_top_share():
    x = torch.zeros(1, 5, 1, 2, dtype=torch.double)
    x[0, [1, 3], 0, 0] = 2.0
    x[0, 4, 0, 1] = 1.0
    x.requires_grad_()
    gradient = torch.autograd.grad(fast.pool_channels(x)[:, 1].sum(), x)[0]
    assert gradient[0, :, 0].T.tolist() == [[0, 0.5, 0, 0.5, 0], [0, 0, 0, 0, 1]]


@pytest.mark.parametrize("size", [(1, 1, 1, 4), (2, 3, 5, 4), (1, 2, 9, 7), (1, 1, 14, 14)])
def test_the_first_of_the_pixels_on_top_gets_the_gradient(size):
    for at in (slice(None), slice(1, None), slice(-2, None)):
        x = torch.zeros(size, dtype=torch.double)
        x.flatten(2)[..., at] = 3.0
        x.requires_grad_()
        top = torch.autograd.grad(fast.pool_pixels(x)[1].sum(), x)[0].flatten(2)
        pooled = nn.functional.adaptive_max_pool2d(x, 1)
        assert torch.equal(top, torch.autograd.grad(pooled.sum(), x)[0].flatten(2))
        first = range(size[2] * size[3])[at][0]
        assert (top[..., first] == 1).all()
        assert top.sum() == size[0] * size[1]


@pytest.mark.parametrize("name", ["pool_pixels", "pool_channels"])
def test_what_is_no_number_stays_visible(name):
    x = picture((2, 4, 5, 3))
    x[0, 1, 2, 1] = torch.nan
    x[1, 2, 0, 0] = torch.inf
    quick, slow = gradients(getattr(fast, name), x), gradients(getattr(plain, name), x)
    torch.testing.assert_close(quick[0], slow[0], equal_nan=True)
    assert any(value.isnan().any() for value in quick[0])
    untouched = ~slow[1].isnan()
    torch.testing.assert_close(quick[1][untouched], slow[1][untouched])


KERNELS = [1, 3, 7, 13]
MAPS = [(1, 1), (1, 9), (9, 1), (5, 3), (3, 40), (40, 3), (27, 14), (64, 5)]


def both_gradients(slide, s: torch.Tensor, kernel: torch.Tensor, *bias: torch.Tensor) -> tuple:
    """Return the values, and the gradients for the map and for the kernel."""
    return (
        gradients(lambda part: slide(part, kernel, *bias), s),
        gradients(lambda part: slide(s, part, *bias), kernel),
    )


@pytest.mark.parametrize("side", KERNELS)
@pytest.mark.parametrize("channels", [2, 4])
@pytest.mark.parametrize("each", [False, True])
def test_sliding_agrees_in_values_and_gradients(side, channels, each):
    bias = picture((1,))
    for batch, size in itertools.product([1, 3], MAPS):
        s = picture((batch, channels, *size))
        kernel = picture((batch if each else 1, channels, side, side))
        for arguments in ((), (bias,)):
            left = both_gradients(fast.slide, s, kernel, *arguments)
            right = both_gradients(plain.slide, s, kernel, *arguments)
            torch.testing.assert_close(left, right, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("batch", [2, 4, 7, 8, 9, 16, 17])
def test_sliding_agrees_around_the_number_of_lanes(batch):
    s, one = picture((batch, 2, 23, 6)), picture((1, 2, 5, 5))
    for kernel in (one, picture((batch, 2, 5, 5))):
        torch.testing.assert_close(
            fast.slide(s, kernel), plain.slide(s, kernel), rtol=1e-12, atol=1e-12
        )


def test_sliding_reads_any_layout():
    kernel = picture((1, 2, 3, 3))
    for s in layouts(picture((2, 2, 17, 6))):
        expected = plain.slide(s, kernel)
        torch.testing.assert_close(fast.slide(s, kernel), expected, rtol=1e-12, atol=1e-12)
        turned = fast.slide(s, kernel.mT.contiguous().mT)
        torch.testing.assert_close(turned, expected, rtol=1e-12, atol=1e-12)


def test_a_turned_window_is_noticed():
    s, kernel = picture((2, 2, 17, 6)), picture((1, 2, 3, 3))
    assert not torch.allclose(fast.slide(s, kernel.mT), plain.slide(s, kernel))
    assert not torch.allclose(fast.slide(s, kernel.flip(1)), plain.slide(s, kernel))


@pytest.mark.parametrize("each", [1, 0])
def test_sliding_over_no_sample_gives_none(each):
    s = torch.zeros(0, 2, 5, 3)
    for step in (fast.slide, plain.slide):
        assert step(s, torch.ones(each, 2, 3, 3)).shape == (0, 1, 5, 3)


SMOOTH = [
    ChannelAttention(3, act="silu", fusion="router", learnable_temperature=True),
    SpatialAttention(kernel_size=3, learnable_temperature=True),
    DynamicSpatialAttention(kernels=(1, 3), dilated=None, router="pixel"),
    CoordinateAttention(3).eval(),
    CBAM(3, spatial=SpatialAttention(kernel_size=3), mix=0.3),
]


@pytest.mark.parametrize("module", SMOOTH)
def test_a_second_gradient_is_right(module):
    module = module.double()
    x = picture((2, 3, 3, 2)).requires_grad_()
    assert torch.autograd.gradcheck(module, (x,))
    assert torch.autograd.gradgradcheck(module, (x,))


@pytest.mark.parametrize("name", ["pool_pixels", "pool_channels"])
def test_a_second_gradient_agrees(name):
    x = picture((2, 4, 5, 3))

    def twice(step) -> torch.Tensor:
        part = x.clone().requires_grad_()
        values = step(part)
        values = values if isinstance(values, tuple) else (values,)
        total = sum(value.pow(3).sum() for value in values)
        first = torch.autograd.grad(total, part, create_graph=True)[0]
        return torch.autograd.grad(first.pow(2).sum(), part)[0]

    expected = twice(getattr(plain, name))
    torch.testing.assert_close(twice(getattr(fast, name)), expected, rtol=1e-10, atol=1e-12)
    assert expected.abs().min() > 0
