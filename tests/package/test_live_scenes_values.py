"""The scenes of the chapters' live figures, against formulas written another way."""

import math

import numpy
import pytest
import torch

from cbam_teach.live.scenes_placed import EDGES, PLACES, REACH, Placed
from cbam_teach.live.scenes_spread import STRENGTH, Spread
from cbam_teach.live.scenes_tempered import Tempered
from cbam_teach.mask import Mask, Reweight
from cbam_teach.placement import Attended

SIZES = [(3, 6, 8), (5, 9, 4)]
PLANES = [(12, 16), (7, 5)]


def scalars(*values: float) -> list[torch.Tensor]:
    return [torch.tensor(float(value)) for value in values]


def full_mask(channels: int, rows: int, columns: int) -> numpy.ndarray:
    """The windows, one number after another."""
    alpha = numpy.zeros((channels, rows, columns))
    for c, h, w in numpy.ndindex(alpha.shape):
        middle = (c + 0.5) / channels
        far = ((h + 0.5) / rows - middle) ** 2 + ((w + 0.5) / columns - middle) ** 2
        alpha[c, h, w] = STRENGTH[c % 3] * (0.1 + 0.9 * math.exp(-8 * far))
    return alpha


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("number", range(8))
def test_spread(size, number):
    full = [bool(number & bit) for bit in (1, 2, 4)]
    x = torch.rand(1, *size)
    found = Spread()(x, *scalars(*full))
    closed = tuple(axis for axis, one in enumerate(full) if not one)
    alpha = full_mask(*size).mean(axis=closed, keepdims=True)
    spread = numpy.broadcast_to(alpha, size)
    assert numpy.allclose(found["spread"][0], spread, atol=1e-6)
    assert numpy.allclose(found["product"][0], x[0].numpy() * spread, atol=1e-6)
    assert torch.equal(found["x"], x)
    assert found["sizes"].flatten().tolist() == [1, *alpha.shape, alpha.size]


def test_a_full_axis_is_one_along_which_the_mask_changes():
    x = torch.ones(1, 3, 6, 8)
    for number in range(8):
        full = [bool(number & bit) for bit in (1, 2, 4)]
        spread = Spread()(x, *scalars(*full))["spread"]
        steps = [spread.diff(dim=axis).abs().max() for axis in (1, 2, 3)]
        assert [step > 0.01 for step in steps] == full
        assert 0 < spread.min() < spread.max() <= 1 or not any(full)


class Held(Mask):
    """A mask that was computed before, for the package's own block."""

    def __init__(self, alpha: torch.Tensor) -> None:
        super().__init__()
        self.alpha = alpha

    def forward(self, f):
        return self.alpha


class Edges(Attended):
    """A residual block whose branch is the scene's convolution."""

    def __init__(self, placement: str, alpha: torch.Tensor) -> None:
        super().__init__()
        self.place(1, 1, lambda channels: Reweight(Held(alpha)), placement, None)

    def skip(self, x):
        return x

    def branch(self, x):
        padded = numpy.pad(x[0, 0].double().numpy(), 1, mode="edge")
        rows, columns = x.shape[2:]
        f = sum(
            EDGES[i][j] / 8 * padded[i : i + rows, j : j + columns]
            for i in range(3)
            for j in range(3)
        )
        return torch.from_numpy(f).to(x)[None, None]


def window(size, mask, row, column) -> torch.Tensor:
    alpha = torch.ones(1, 1, *size)
    top, left = max(row - REACH, 0), max(column - REACH, 0)
    alpha[..., top : row + REACH + 1, left : column + REACH + 1] = mask
    return alpha


@pytest.mark.parametrize("size", PLANES)
@pytest.mark.parametrize(
    ("mask", "by_window", "row", "column"),
    [
        (0.0, 0, 3, 2),
        (0.3, 0, 0, 0),
        (1.0, 0, 3, 2),
        (0.0, 1, 3, 2),
        (0.4, 1, 0, 4),
        (1.0, 1, 6, 4),
    ],
)
def test_placed_is_the_blocks_of_the_package(size, mask, by_window, row, column):
    x = torch.rand(1, 1, *size)
    found = Placed()(x, *scalars(mask, by_window, row, column))
    alpha = window(size, mask, row, column) if by_window else torch.full((1, 1, *size), mask)
    assert torch.allclose(found["mask"], alpha)
    for place, y, kept in zip(PLACES, found["y"][0], found["kept"].flatten(), strict=True):
        assert torch.allclose(y, Edges(place, alpha)(x)[0, 0], atol=1e-6), place
        share = 1.0 if place in ("inside", "before") else (alpha * x).sum() / x.sum()
        assert kept == pytest.approx(float(share), abs=1e-6)


def test_a_shut_mask_leaves_x_only_where_it_stands_on_the_branch():
    x = torch.rand(1, 1, 7, 5)
    inside, before, after, beside = Placed()(x, *scalars(0, 0, 3, 2))["y"][0]
    assert torch.equal(inside, x[0, 0])
    assert torch.equal(before, x[0, 0])
    assert torch.equal(after, torch.zeros(7, 5))
    assert not torch.allclose(beside, x[0, 0])
    assert beside.any()


def test_a_black_picture_keeps_nothing_and_divides_by_nothing():
    found = Placed()(torch.zeros(1, 1, 7, 5), *scalars(0.5, 1, 3, 2))
    assert torch.equal(found["kept"], torch.zeros(1, 4, 1, 1))


@pytest.mark.parametrize("size", PLANES)
@pytest.mark.parametrize("temperature", [0.1, 0.7, 1.0, 10.0])
def test_tempered(size, temperature):
    z = 8 * torch.randn(1, 1, *size)
    found = Tempered()(z, torch.tensor(temperature))
    alpha = 1 / (1 + numpy.exp(-z.double().numpy() / temperature))
    assert numpy.allclose(found["mask"], alpha, atol=1e-6)
    share = ((alpha < 0.01) | (alpha > 0.99)).mean()
    assert found["limits"].flatten().tolist() == pytest.approx([share, 0.95], abs=1e-6)


def test_the_doctors_limit_is_passed_as_the_temperature_falls():
    z = 8 * torch.randn(1, 1, 12, 16)
    shares = [Tempered()(z, torch.tensor(T))["limits"][0, 0].item() for T in (10, 1.0, 0.1)]
    assert shares == sorted(shares)
    assert shares[0] == 0
    assert shares[1] < 0.95 < shares[2]
