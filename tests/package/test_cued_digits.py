"""Cued digits: the cue alone says which digit is asked for, and everything is where it is said."""

from collections import Counter
from dataclasses import fields

import numpy
import pytest
import torch
from cued_pictures import bare
from pair_pictures import digest, in_order
from torch.utils.data import DataLoader

from cbam_teach import SimpleCNN, data
from cbam_teach.cued import COLOURS
from cbam_teach.cued_places import PLACES
from cbam_teach.digits import FAINT, SPLITS, source
from cbam_teach.pairs import CLASSES

# The bytes of 6 pictures of 36 × 41, seed 5: every machine must make the same.
PINNED = "488aad632920bab7d36111ecf7d128a7a95777be0f5a341097b9a398142bbef8"

FIELDS = [field.name for field in fields(data.Cued)]
KINDS = ("", "other_", "cue_")
SIZES = [(40, 40), (36, 53), (61, 38)]


def gaps(made: data.Cued, kind: str) -> torch.Tensor:
    """Rows or columns, whichever are more, between the cue and a digit; negative: they meet."""
    cue, box = made.cue_boxes, getattr(made, f"{kind}boxes")
    apart_by = torch.cat([cue[:, :2] - box[:, 2:], box[:, :2] - cue[:, 2:]], dim=1)
    return apart_by.amax(dim=1)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("count", [1, 5])
def test_shapes_and_units(count, size):
    made = data.cued_digits(count, seed=0, size=size)
    assert made.images.shape == (count, 3, *size)
    assert made.labels.shape == made.other_labels.shape == made.asked.shape == (count,)
    for kind in KINDS:
        assert getattr(made, f"{kind}boxes").shape == (count, 4)
        assert getattr(made, f"{kind}masks").shape == (count, 1, *size)
    kinds = {str(getattr(made, field).dtype) for field in FIELDS if "mask" not in field}
    assert kinds == {"torch.float32", "torch.int64"}
    assert 0 <= made.images.min() < made.images.max() <= 1
    assert all(getattr(made, field).is_contiguous() for field in FIELDS)


def test_one_number_is_both_sides():
    both, one = (data.cued_digits(2, seed=1, size=size) for size in ((37, 37), 37))
    assert digest(both) == digest(one)


@pytest.mark.parametrize("cue", ["colour", "hollow"])
@pytest.mark.parametrize("size", SIZES)
def test_boxes_hold_their_masks_and_no_two_digits_meet(size, cue):
    made = bare(60, size=size, cue=cue)
    for kind in KINDS:
        boxes, masks = getattr(made, f"{kind}boxes"), getattr(made, f"{kind}masks")
        for (x0, y0, x1, y1), mask in zip(boxes.tolist(), masks[:, 0], strict=True):
            rows, columns = mask.nonzero(as_tuple=True)
            assert (x0, x1) == (columns.min(), columns.max() + 1)
            assert (y0, y1) == (rows.min(), rows.max() + 1)
    (a, b), together = (made.boxes, made.other_boxes), made.masks.int() + made.other_masks
    apart_by = torch.cat([a[:, :2] - b[:, 2:], b[:, :2] - a[:, 2:]], dim=1).amax(dim=1)
    assert apart_by.min() >= 0
    assert (together + made.cue_masks).max() == 1


@pytest.mark.parametrize("size", SIZES)
def test_the_masks_are_where_the_colours_are(size):
    made = bare(50, size=size)
    red, green, blue = made.images.unbind(dim=1)
    drawn = (made.masks | made.other_masks | made.cue_masks)[:, 0]
    assert torch.equal(made.images.amax(dim=1) > 0, drawn)
    assert torch.equal(green, (red + blue) / 2)
    assert not ((red > 0) & (blue > 0)).any()
    masks, channels = in_order(made, "masks")[:, :, 0], torch.stack([red, blue], dim=1)
    assert channels[masks].min() >= FAINT
    assert channels.flip(1)[masks].max() == 0
    for i, asked in enumerate(made.asked.tolist()):
        for place in (made.cue_masks[i, 0], made.masks[i, 0]):
            assert channels[i, asked][place].min() >= FAINT  # the cue has the digit's colour,
        assert channels[i, 1 - asked][made.cue_masks[i, 0]].max() == 0  # and no other
        assert (made.images[i, :, made.cue_masks[i, 0]].T.numpy() == COLOURS[asked]).all()


def test_the_digits_are_those_that_the_labels_say_and_of_the_split():
    """At a side of 8 nothing is resized: the cells are in the picture as they are."""
    known = {}
    for split in SPLITS:
        for place, (cells, label) in enumerate(zip(*source(split), strict=True)):
            key = numpy.where(cells < FAINT, 0, cells).tobytes()
            known[key] = split, int(label), place / len(source(split)[1])
    options = {"size": (17, 20), "sides": (8, 8), "cue_side": 2, "distance": 2}
    for split in ("test", "train"):
        made, places = bare(60, split=split, **options), []
        for image, pair in zip(made.images, in_order(made, "labels").tolist(), strict=True):
            for channel, label in zip((image[0], image[2]), pair, strict=True):
                windows = channel.unfold(0, 8, 1).unfold(1, 8, 1).reshape(-1, 8, 8).numpy()
                found = {known[key] for window in windows if (key := window.tobytes()) in known}
                assert {of[:2] for of in found} == {(split, label)}
                places += [of[2] for of in found]
        orange, blue = numpy.reshape(places, (60, 2)).T
        assert abs(numpy.corrcoef(orange, blue)[0, 1]) < 0.4  # each is drawn for itself
        assert numpy.corrcoef(orange, orange + blue)[0, 1] > 0.4
        assert set(made.labels.tolist()) == set(range(CLASSES))


@pytest.mark.parametrize("at", PLACES)
@pytest.mark.parametrize(("size", "cue_side", "distance"), [(40, 4, 8), ((33, 45), 2, 6)])
def test_the_cue_is_far_from_both_digits(size, cue_side, distance, at):
    shape = {"size": size, "cue_side": cue_side, "cue_at": at}
    made, near = (bare(200, distance=d, **shape) for d in (distance, 0))
    for kind in ("", "other_"):
        assert gaps(made, kind).min() >= distance
        if at != "corner":
            assert 0 <= gaps(near, kind).min() < distance  # where it may be nearer, it is
    assert torch.equal(in_order(near, "boxes"), in_order(made, "boxes"))


def test_the_cue_stands_where_it_is_told_to():
    touched = {}
    for at in PLACES:
        x0, y0, x1, y1 = bare(300, size=(39, 46), cue_at=at, cue_side=3).cue_boxes.T
        assert torch.equal(x1 - x0, torch.full((300,), 3))
        assert torch.equal(y1 - y0, torch.full((300,), 3))
        edge = torch.stack([x0 == 0, y0 == 0, x1 == 46, y1 == 39], dim=1)
        touched[at] = Counter(edge.sum(dim=1).tolist())
        assert edge.sum(dim=0).min() >= 5
    assert set(touched["corner"]) == {2}
    assert set(touched["border"]) == {1, 2}
    assert set(touched["anywhere"]) == {0, 1, 2}


def test_a_hollow_cue_has_no_colour_and_another_filling():
    made = bare(60, cue="hollow", cue_side=5)
    assert {0, 1} == set(made.asked.tolist())
    for image, asked, mask, (x0, y0, x1, y1) in zip(
        made.images, made.asked, made.cue_masks[:, 0], made.cue_boxes.tolist(), strict=True
    ):
        want = torch.ones(3, 5, 5)
        if asked == 1:
            want[:, 1:4, 1:4] = 0
        assert torch.equal(image[:, y0:y1, x0:x1], want)
        assert torch.equal(mask[y0:y1, x0:x1], want[0] > 0)
    assert set(bare(40, cue="hollow").cue_masks.flatten(1).sum(dim=1).tolist()) == {16, 12}
    assert set(bare(40, cue="colour").cue_masks.flatten(1).sum(dim=1).tolist()) == {16}


def test_every_allowed_side_is_used_and_no_other():
    made = bare(300, sides=(9, 11), size=40)
    x0, y0, x1, y1 = in_order(made, "boxes").unbind(dim=2)
    longer = torch.maximum(x1 - x0, y1 - y0)
    assert set(longer.flatten().tolist()) == {9, 10, 11}
    assert longer[:, 0].bincount()[9:].min() >= 60
    assert set((longer[:, 0] - longer[:, 1]).tolist()) == {-2, -1, 0, 1, 2}


def test_the_same_seed_gives_the_same_bytes_and_another_does_not():
    options = {"seed": 5, "size": (36, 41)}
    one = data.cued_digits(6, **options)
    assert digest(one) == digest(data.cued_digits(6, **options))
    for other in (
        {"seed": 6}, {"split": "test"}, {"noise": 0.2}, {"sides": (12, 15)}, {"cue": "hollow"},
        {"cue_side": 3}, {"cue_at": "anywhere"}, {"distance": 5},
    ):  # fmt: skip
        assert digest(one) != digest(data.cued_digits(6, **options | other))
    assert digest(one) == PINNED


def test_global_seeds_play_no_part():
    before = digest(data.cued_digits(2, seed=5))
    torch.manual_seed(9)
    state = torch.get_rng_state()
    assert digest(data.cued_digits(2, seed=5)) == before
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize("cue", ["colour", "hollow"])
def test_the_first_pictures_do_not_depend_on_how_many_follow(cue):
    few, many = (data.cued_digits(count, seed=4, size=(38, 36), cue=cue) for count in (3, 40))
    for field in FIELDS:
        assert torch.equal(getattr(few, field), getattr(many, field)[:3])


@pytest.mark.parametrize(
    "other", [{"cue": "hollow"}, {"cue_side": 1}, {"cue_at": "corner"}, {"distance": 0}]
)
def test_another_cue_leaves_the_digits_and_what_is_asked(other):
    one, two = bare(40), bare(40, **other)
    for field in set(FIELDS) - {"images", "cue_boxes", "cue_masks"}:
        assert torch.equal(getattr(one, field), getattr(two, field))
    elsewhere = ~(one.cue_masks | two.cue_masks).expand_as(one.images)
    assert torch.equal(one.images[elsewhere], two.images[elsewhere])
    assert not torch.equal(one.images, two.images)


def test_noise_is_even_and_of_its_own_in_each_channel():
    made, alone = bare(50, noise=0.25).images, bare(50).images
    middle = (alone > 0.4) & (alone < 0.6)
    change = (made - alone)[middle]
    assert change.abs().max() <= 0.25 + 1e-6
    assert change.mean().item() == pytest.approx(0, abs=0.01)
    assert change.std().item() == pytest.approx(0.5 / 12**0.5, abs=0.005)
    dark = (alone == 0).all(dim=1)
    red, green, blue = ((made[:, k][dark] > 0) for k in range(3))
    for one, two in ((red, green), (green, blue), (blue, red)):
        assert (one == two).float().mean().item() == pytest.approx(0.5, abs=0.02)
    assert 0 <= made.min() < made.max() <= 1


def test_they_feed_a_loader_and_a_network():
    made = data.cued_digits(5, seed=0, size=(36, 39))
    image, label = made[1]
    assert torch.equal(image, made.images[1])
    assert label == made.labels[1]
    (x, y), (last, _) = DataLoader(made, batch_size=3)
    assert torch.equal(x, made.images[:3])
    assert torch.equal(y, made.labels[:3])
    assert SimpleCNN()(last).shape == (2, 10)
