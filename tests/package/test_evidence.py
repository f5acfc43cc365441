"""The measures of a map against boxes and masks, worked out by hand and by loops."""

import math

import pytest
import torch

from cbam_teach.data import cluttered_digits
from cbam_teach.evidence import chance, inside_outside, pointing_game, readable


def at(cells: list[tuple[int, int]], size: tuple[int, int]) -> torch.Tensor:
    """One map, 1 at the cells given and 0 elsewhere."""
    one = torch.zeros(1, 1, *size)
    for row, column in cells:
        one[0, 0, row, column] = 1
    return one


def test_pointing_on_paper():
    """Pictures of 8 × 12 pixels, maps of 2 × 3 cells: centres at rows 2, 6 and columns 2, 6, 10."""
    box = torch.tensor([[5, 1, 9, 5]])  # x0, y0, x1, y1: columns 5 to 8, rows 1 to 4

    def hit(*cells, box=box):
        return pointing_game(at(cells, (2, 3)), box, (8, 12))

    assert hit((0, 1)) == 1.0
    assert hit((1, 1)) == hit((0, 0)) == hit((0, 2)) == 0.0
    assert hit((0, 1), (1, 1)) == 1 / 2
    assert hit((0, 0), (0, 1), (0, 2), (1, 0)) == 1 / 4
    assert hit() == 1 / 6  # a constant map: chance
    assert hit((0, 1), box=torch.tensor([[6, 2, 7, 3]])) == 1.0  # the first pixel counts
    assert hit((0, 1), box=torch.tensor([[2, 2, 6, 3]])) == 0.0  # the one outside does not
    assert hit((0, 1), box=torch.tensor([[6, 0, 7, 2]])) == 0.0


def test_pointing_is_the_mean_over_samples():
    maps = torch.cat([at([(0, 4)], (3, 5)), at([(2, 1)], (3, 5)), at([(1, 1)], (3, 5))])
    boxes = torch.tensor([[4, 0, 5, 1], [1, 2, 2, 3], [0, 0, 5, 1]])
    assert pointing_game(maps, boxes, (3, 5)) == 2 / 3
    assert pointing_game(maps, boxes[:, [1, 0, 3, 2]], (3, 5)) == 0.0  # rows for columns


@pytest.mark.parametrize("side", [20, 40])
def test_the_object_itself_is_found(side):
    digits = cluttered_digits(20, seed=3, size=(40, 60))
    shape = (side, side * 3 // 2)
    maps = torch.nn.functional.adaptive_avg_pool2d(digits.masks.float(), shape)
    assert pointing_game(maps, digits.boxes, (40, 60)) == 1.0
    assert pointing_game(-maps, digits.boxes, (40, 60)) < 0.5
    found = inside_outside(maps, digits.masks)
    assert found.auc > 0.95
    assert found.difference > 0.5
    assert inside_outside(1 - maps, digits.masks).auc < 0.05
    constant = inside_outside(torch.full_like(maps, 0.3), digits.masks)
    assert constant == pytest.approx((0, 0.5), abs=1e-12)


def by_pixels(maps, masks) -> tuple[float, float]:
    """Both measures by looking at every pair of pixels of the enlarged map."""
    found = []
    scale = [masks.shape[k] // maps.shape[k] for k in (2, 3)]
    large = maps.repeat_interleave(scale[0], 2).repeat_interleave(scale[1], 3)
    for values, mask in zip(large, masks, strict=True):
        inside, outside = values[mask].tolist(), values[~mask].tolist()
        wins = sum((a > b) + (a == b) / 2 for a in inside for b in outside)
        gap = sum(inside) / len(inside) - sum(outside) / len(outside)
        found.append((gap, wins / len(inside) / len(outside)))
    return tuple(sum(part) / len(found) for part in zip(*found, strict=True))


@pytest.mark.parametrize("shape", [(6, 8), (3, 4), (2, 8), (1, 1)])
@pytest.mark.parametrize("levels", [3, 1000])
def test_inside_against_outside_pixel_by_pixel(shape, levels):
    maps = torch.randint(levels, (5, 1, *shape)) / levels - 0.4
    masks = torch.rand(5, 1, 6, 8) < 0.3
    found = inside_outside(maps, masks)
    assert found == pytest.approx(by_pixels(maps, masks), abs=1e-7)
    if shape != (1, 1):
        assert found != pytest.approx(by_pixels(maps, masks.flip(3)), abs=1e-3)


def test_the_rank_measure_knows_no_unit():
    maps, masks = torch.rand(4, 1, 3, 5), torch.rand(4, 1, 6, 10) < 0.4
    one, other = inside_outside(maps, masks), inside_outside((7 * maps).exp(), masks)
    assert one.auc == pytest.approx(other.auc, abs=1e-12)
    assert one.difference != pytest.approx(other.difference, abs=1e-2)


def refused(function, *arguments, kind=ValueError, said):
    with pytest.raises(kind, match=said):
        function(*arguments)


@pytest.mark.usefixtures("as_released")
def test_what_is_refused():
    maps, boxes = torch.rand(2, 1, 3, 5), torch.zeros(2, 4, dtype=torch.int64)
    masks = torch.zeros(2, 1, 6, 10, dtype=torch.bool)
    masks[0, 0, 1, 1] = True
    refused(
        pointing_game, maps[:, 0], boxes, 8, said=r"`maps`.*Given: \(2, 3, 5\)\. Allowed: \(N, 1"
    )
    refused(pointing_game, maps, boxes[:1], 8, said=r"`boxes`.*Given: \(1, 4\)\. Allowed: \(2, 4\)")
    refused(pointing_game, maps, boxes, (8, 0), said=r"`size` must be at least 1")
    refused(pointing_game, [1], boxes, 8, kind=TypeError, said=r"`maps`.*Given: list")
    refused(pointing_game, maps / 0, boxes, 8, said=r"finite.*Given: 30 / 30\. Allowed: 0")
    refused(inside_outside, maps, masks[:1], said=r"`masks`.*Allowed: \(2, 1, H, W\)")
    refused(inside_outside, maps, masks, said=r"inside and an outside.*Given: 0 … 0\.0166667")
    refused(inside_outside, maps, ~masks, said=r"inside and an outside.*Given: 0\.983333 … 1\.")


def marks(count: int, shift: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Maps (N, 1, 2, 3) of noise, one of whose cells is raised: its number is the class."""
    labels = torch.arange(count) % 6
    maps = torch.randn(count, 1, 2, 3)
    maps.view(count, 6)[torch.arange(count), labels] += shift
    return maps, labels


@pytest.mark.parametrize(("shift", "least", "most"), [(20, 1, 1), (3, 0.7, 0.97), (0, 0.08, 0.26)])
def test_what_can_be_read(shift, least, most):
    train, test = marks(600, shift), marks(300, shift)
    scale, offset = 10 ** torch.linspace(-6, 6, 6).view(2, 3), 1e3 * torch.arange(6.0).view(2, 3)
    found = readable(*train, *test)
    assert least <= found <= most
    other = readable(scale * train[0].double() + offset, train[1],
                     scale * test[0].double() + offset, test[1])  # fmt: skip
    assert other == pytest.approx(found, abs=0.005)  # the unit of a feature does not matter
    by_chance = chance(*train, *test)
    assert 0.08 <= by_chance <= 0.26
    assert chance(*train, *test) == by_chance
    assert {chance(*train, *test, seed=seed) for seed in range(4)} != {by_chance}


def test_features_that_never_change_say_nothing():
    train, test = marks(120, 20), marks(60, 20)
    wide = [
        torch.cat([maps, torch.full((len(maps), 1, 2, 40), 0.7)], 3) for maps in (train[0], test[0])
    ]
    assert readable(wide[0], train[1], wide[1], test[1]) == 1.0
    nothing = [torch.full((n, 4), 0.7) for n in (120, 60)]
    assert readable(nothing[0], train[1], nothing[1], test[1]) == 1 / 6


@pytest.mark.usefixtures("as_released")
def test_what_cannot_be_read_is_refused():
    (train, labels), (test, others) = marks(12, 1), marks(6, 1)
    refused(readable, train, labels[:-1], test, others, said=r"`train_labels`.*Allowed: \(12,\)")
    refused(readable, train, labels, test, others[1:], said=r"`test_labels`.*Given: \(5,\)")
    refused(
        readable, train, labels, test.flatten(2), others, said=r"`test_features`.*\(M, 1, 2, 3\)"
    )
    refused(
        readable,
        train / 0,
        labels,
        test,
        others,
        said=r"`train_features` must hold finite.*72 / 72",
    )
    refused(readable, train, 0 * labels, test, others, said=r"two classes or more.*Given: 0\. All")
    refused(readable, train, labels, test + math.nan, others, said=r"`test_features`.*36 / 36")
    with pytest.raises(ValueError, match=r"`seed`.*Given: -1"):
        chance(train, labels, test, others, seed=-1)
