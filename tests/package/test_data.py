"""Cluttered digits: what is in the picture is what the label, the box and the mask say."""

import hashlib

import numpy
import pytest
import torch
from torch.utils.data import DataLoader

from cbam_teach import SimpleCNN, data
from cbam_teach.cluttered import DIGIT
from cbam_teach.digits import (
    FAINT,
    add_noise,
    between,
    draw,
    enlarge,
    extent,
    source,
    whole,
)

# The bytes of 6 pictures of 30 × 36, seed 5: every machine must make the same.
PINNED = "e6d00fcfa2055c1abf9ca5f4d10bb821e8d5d4323a4eaa305df4f1b81c02a3f2"

FIELDS = ("images", "labels", "boxes", "masks")
SIZES = [(40, 40), (33, 47), (50, 29)]


def bare(count: int, **options) -> data.Digits:
    """Digits alone, without clutter and noise."""
    return data.cluttered_digits(count, **{"seed": 3, "clutter": 0, "noise": 0} | options)


def digest(pictures: data.Digits) -> str:
    sums = hashlib.sha256()
    for field in FIELDS:
        sums.update(getattr(pictures, field).numpy().tobytes())
    return sums.hexdigest()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("count", [1, 5])
def test_shapes_and_units(count, size):
    made = data.cluttered_digits(count, seed=0, size=size)
    assert made.images.shape == (count, 3, *size)
    assert made.labels.shape == (count,)
    assert made.boxes.shape == (count, 4)
    assert made.masks.shape == (count, 1, *size)
    kinds = [getattr(made, field).dtype for field in FIELDS]
    assert kinds == [torch.float32, torch.int64, torch.int64, torch.bool]
    assert 0 <= made.images.min() < made.images.max() <= 1
    assert torch.equal(made.images[:, 0], made.images[:, 2])
    assert made.images.is_contiguous()


def test_one_number_is_both_sides():
    both, one = (data.cluttered_digits(2, seed=1, size=size) for size in ((31, 31), 31))
    assert digest(both) == digest(one)


@pytest.mark.parametrize("size", SIZES)
def test_the_box_is_the_masks_extent(size):
    made = data.cluttered_digits(60, seed=2, size=size)
    for (x0, y0, x1, y1), mask in zip(made.boxes.tolist(), made.masks[:, 0], strict=True):
        rows, columns = mask.nonzero(as_tuple=True)
        assert (x0, x1) == (columns.min(), columns.max() + 1)
        assert (y0, y1) == (rows.min(), rows.max() + 1)
        assert mask[y0:y1, x0:x1].sum() == mask.sum()


@pytest.mark.parametrize("size", SIZES)
def test_the_mask_is_where_the_digit_is(size):
    alone = bare(40, size=size)
    assert torch.equal(alone.images[:, :1] > 0, alone.masks)
    assert alone.images[:, :1][alone.masks].min() >= FAINT
    full = data.cluttered_digits(40, seed=3, size=size, noise=0)
    assert torch.equal(full.masks, alone.masks)
    drawn = full.images[:, :1]
    assert (drawn >= alone.images[:, :1]).all()
    assert (drawn[~full.masks] > 0).any()  # the clutter is there, and is not in the mask


def test_the_digit_is_the_one_the_label_says():
    """At a side of 8 nothing is resized: the cells are in the picture as they are."""
    made = bare(200, size=(9, 11), sides=(8, 8), split="test")
    cells, labels = source("test")
    known = {numpy.where(c < FAINT, 0, c).tobytes(): k for c, k in zip(cells, labels, strict=True)}
    seen = set()
    for picture, label in made:
        windows = picture[0].unfold(0, 8, 1).unfold(1, 8, 1).reshape(-1, 8, 8).numpy()
        found = {known[key] for window in windows if (key := window.tobytes()) in known}
        assert found == {label.item()}
        seen |= found
    assert seen == set(range(10))


def test_every_allowed_side_is_used_and_no_other():
    made = bare(400, size=(14, 17), sides=(9, 12))
    (cells, _), chance = source("train"), draw(3, "train", DIGIT, (400, 6))
    sides = between((9, 12), chance[:, 1])
    assert set(sides) == {9, 10, 11, 12}
    area = made.masks.flatten(1).sum(dim=1)
    for i, side in enumerate(sides):
        drawn = enlarge(cells[whole(chance[i : i + 1, 0], len(cells))], int(side)) > 0
        assert drawn.sum() == area[i]


def test_the_same_seed_gives_the_same_bytes_and_another_does_not():
    one = data.cluttered_digits(6, seed=5, size=(30, 36))
    assert digest(one) == digest(data.cluttered_digits(6, seed=5, size=(30, 36)))
    for other in ({"seed": 6}, {"split": "test"}, {"clutter": 3}, {"noise": 0.2}):
        assert digest(one) != digest(
            data.cluttered_digits(6, **{"seed": 5, "size": (30, 36)} | other)
        )
    assert digest(one) == PINNED


def test_global_seeds_play_no_part():
    before = digest(data.cluttered_digits(2, seed=5))
    torch.manual_seed(9)
    state = torch.get_rng_state()
    assert digest(data.cluttered_digits(2, seed=5)) == before
    assert torch.equal(torch.get_rng_state(), state)


def test_the_first_pictures_do_not_depend_on_how_many_follow():
    few, many = (data.cluttered_digits(count, seed=4, size=(30, 36)) for count in (3, 8))
    for field in FIELDS:
        assert torch.equal(getattr(few, field), getattr(many, field)[:3])


def test_more_clutter_leaves_what_was_there():
    less, more = (data.cluttered_digits(9, seed=4, clutter=n, noise=0) for n in (2, 3))
    assert torch.equal(less.boxes, more.boxes)
    assert (more.images >= less.images).all()
    assert (more.images > less.images).flatten(1).any(dim=1).sum() >= 7


def test_fragments_are_at_most_half_as_large_as_digits():
    alone, with_one = bare(80, sides=(12, 20)), bare(80, sides=(12, 20), clutter=1)
    added = (with_one.images != alone.images)[:, 0].numpy()
    x0, y0, x1, y1 = extent(added[added.any(axis=(1, 2))]).T
    assert 6 <= max((x1 - x0).max(), (y1 - y0).max()) <= 10


def test_noise_is_even_around_the_picture_and_cut_to_the_unit_interval():
    made, alone = bare(50, noise=0.25).images[:, 0], bare(50).images[:, 0]
    dark, middle = alone == 0, (alone > 0.4) & (alone < 0.6)
    assert (made[dark] == 0).float().mean() == pytest.approx(0.5, abs=0.02)
    assert made[dark].max() == pytest.approx(0.25, abs=0.005)
    change = (made - alone)[middle]
    assert change.abs().max() <= 0.25 + 1e-6
    assert change.mean().item() == pytest.approx(0, abs=0.01)
    assert change.std().item() == pytest.approx(0.5 / 12**0.5, abs=0.005)
    loud = add_noise(numpy.full((1, 2, 2), 0.9), 1.0, numpy.array([[[0, 0.999], [0.5, 0.5]]]))
    assert loud[0].ravel().tolist() == pytest.approx([0, 1, 0.9, 0.9])


def test_they_feed_a_loader_and_a_network():
    made = data.cluttered_digits(5, seed=0, size=(28, 31))
    assert len(made) == 5
    assert len(list(made)) == 5
    image, label = made[1]
    assert torch.equal(image, made.images[1])
    assert label == made.labels[1]
    with pytest.raises(IndexError):
        made[5]
    (x, y), (last, _) = DataLoader(made, batch_size=3)
    assert torch.equal(x, made.images[:3])
    assert torch.equal(y, made.labels[:3])
    assert SimpleCNN()(last).shape == (2, 10)


CALLS = [
    ({"count": 0}, ValueError, "`count` must be at least 1"),
    ({"count": 2.0}, TypeError, "`count` must be an integer"),
    ({"seed": -1}, ValueError, "`seed` must be at least 0"),
    ({"seed": None}, TypeError, "`seed` must be an integer"),
    ({"size": 27}, ValueError, "`size` must be at least 28.*Given: 27"),
    ({"size": (60, 27)}, ValueError, "`size` must be at least 28.*Given: 27"),
    ({"size": (60, 0)}, ValueError, "`size` must be at least 1"),
    ({"size": (60, 40, 3)}, ValueError, "`size` must be a tuple or list of the expected"),
    ({"size": True}, TypeError, "`size` must be an integer"),
    ({"size": 40.0}, TypeError, "`size` must be a tuple"),
    ({"sides": 20}, TypeError, "`sides` must be a tuple"),
    ({"sides": (20,)}, ValueError, "`sides` must be a tuple"),
    ({"sides": (7, 20)}, ValueError, "`sides` must be at least 8"),
    ({"sides": (20, 12)}, ValueError, "`sides` must be at least 20.*Given: 12"),
    ({"sides": (12, 20.0)}, TypeError, "`sides` must be an integer"),
    ({"clutter": -1}, ValueError, "`clutter` must be at least 0"),
    ({"noise": 1.5}, ValueError, "`noise` must be finite and within"),
    ({"noise": float("nan")}, ValueError, "`noise` must be finite"),
    ({"split": "dev"}, ValueError, "`split` must be one of.*Allowed: train, validation, test"),
]


@pytest.mark.usefixtures("as_released")
@pytest.mark.parametrize(("options", "kind", "said"), CALLS)
def test_options_that_describe_no_pictures_are_refused(options, kind, said):
    with pytest.raises(kind, match=f"cluttered_digits: {said}"):
        data.cluttered_digits(**{"count": 2, "seed": 0} | options)
