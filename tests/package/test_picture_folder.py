"""How pictures are read and cut: places, sizes, colours, and what is drawn."""

import math
import pickle

import numpy as np
import pytest
import torch
from PIL import Image

from cbam_teach.picture_folder import (
    CentreView,
    PictureFolder,
    RandomView,
    random_box,
    read,
    to_tensor,
)

RNG = np.random.default_rng(0)


def ramp(width: int, height: int) -> Image.Image:
    """A picture whose red is the column and whose green is the row, in steps of 2."""
    rows, columns = np.indices((height, width))
    values = np.stack([2 * columns, 2 * rows, 0 * rows], axis=2)
    return Image.fromarray(values.astype(np.uint8))


@pytest.mark.parametrize(("width", "height"), [(50, 40), (40, 50), (120, 30)])
def test_a_drawn_part_has_the_size_and_shape_that_are_allowed(width, height):
    boxes = [random_box(width, height, RNG) for _ in range(400)]
    areas, ratios = [], []
    for left, upper, right, lower in boxes:
        assert 0 <= left < right <= width
        assert 0 <= upper < lower <= height
        areas.append((right - left) * (lower - upper) / (width * height))
        ratios.append((right - left) / (lower - upper))
    assert min(areas) > 0.06  # 0.08, but for whole pixels
    assert 0.7 < min(ratios) < 0.8
    assert 1.25 < max(ratios) < 1.43
    assert len({box[0] for box in boxes}) > 20
    assert len({box[1] for box in boxes}) > 10
    # Evenly on a logarithmic scale: as many wide as tall, where both fit.
    if max(width, height) < 60:
        assert abs(np.mean(np.log(ratios))) < 0.05
        assert 0.4 < np.mean(areas) < 0.6


def test_a_part_that_never_fits_is_the_largest_in_the_middle():
    assert random_box(1000, 3, RNG) == (498, 0, 502, 3)
    assert random_box(3, 1000, RNG) == (0, 498, 3, 502)


def test_the_random_view_is_the_resized_part_mirrored_or_not():
    picture, view = ramp(50, 40), RandomView(16)
    mirrored = 0
    for seed in range(40):
        found = np.array(view(picture, np.random.default_rng(seed)), dtype=float)
        box = random_box(50, 40, np.random.default_rng(seed))
        left, upper, right, lower = box
        assert found.shape == (16, 16, 3)
        assert found[:, :, 1].mean() / 2 == pytest.approx((upper + lower - 1) / 2, abs=0.6)
        assert found[:, :, 0].mean() / 2 == pytest.approx((left + right - 1) / 2, abs=0.6)
        mirrored += found[:, 0, 0].mean() > found[:, -1, 0].mean()
    assert 8 < mirrored < 32


@pytest.mark.parametrize(("width", "height", "size", "side"), [(50, 40, 20, 40), (40, 51, 17, 40)])
def test_the_centre_view_is_the_middle(width, height, size, side):
    """Nothing is resized here: the short side has its length already."""
    found = np.array(CentreView(size, side)(ramp(width, height), RNG))
    left, upper = round((width - size) / 2), round((height - size) / 2)
    assert found.shape == (size, size, 3)
    assert found[0, :, 0].tolist() == [2 * (left + column) for column in range(size)]
    assert found[:, 0, 1].tolist() == [2 * (upper + row) for row in range(size)]


def test_the_short_side_is_resized_first():
    found = np.array(CentreView(20, 20)(ramp(100, 60), RNG), dtype=float)
    # 100 × 60 becomes 33 × 20, of which columns 6 to 25 are kept; one is 100 / 33 wide
    assert found[10, 0, 0] / 2 == pytest.approx(6.5 * 100 / 33 - 0.5, abs=0.6)
    assert found[10, -1, 0] / 2 == pytest.approx(25.5 * 100 / 33 - 0.5, abs=0.6)
    assert found[0, 0, 1] / 2 == pytest.approx(1, abs=0.6)


def test_colours_become_numbers_in_their_order():
    picture = Image.new("RGB", (5, 4), (255, 0, 51))
    found = to_tensor(picture)
    assert found.shape == (3, 4, 5)
    wanted = [(1 - 0.485) / 0.229, -0.456 / 0.224, (0.2 - 0.406) / 0.225]
    assert found[:, 3, 4].tolist() == pytest.approx(wanted, rel=1e-5)


@pytest.mark.parametrize(
    ("mode", "colour", "seen"),
    [("L", 90, (90, 90, 90)), ("CMYK", (0, 255, 255, 0), (255, 0, 0)),
     ("RGBA", (10, 20, 30, 255), (10, 20, 30))],
)  # fmt: skip
def test_every_kind_of_colour_is_read(tmp_path, mode, colour, seen):
    path = tmp_path / ("a.png" if mode == "RGBA" else "a.jpg")
    Image.new(mode, (8, 6), colour).save(path)
    found = np.array(read(str(path)))
    assert found.shape == (6, 8, 3)
    assert np.abs(found - np.array(seen)).max() <= 2


def test_classes_are_numbered_by_name_and_other_files_passed_over(tmp_path):
    for name in ("zebra", "ant"):
        (tmp_path / name).mkdir()
        Image.new("RGB", (6, 5)).save(tmp_path / name / "b.JPEG")
        Image.new("RGB", (6, 5), (9, 9, 9)).save(tmp_path / name / "a.png")
        (tmp_path / name / "list.txt").write_text("b.JPEG")
    (tmp_path / "readme.md").write_text("classes")
    found = PictureFolder(tmp_path, CentreView(4, 4))
    assert found.classes == ["ant", "zebra"]
    assert [found[index][1] for index in range(4)] == [0, 0, 1, 1]
    assert [path[-5:] for path in found.paths] == [b"a.png", b".JPEG"] * 2
    assert found[0][0].mean() > found[1][0].mean()


def test_a_list_as_long_as_the_folder_is_kept_nowhere_and_every_name_is_read(tmp_path):
    """A worker that reads a list comes to hold a copy of it, at 1.28 million pictures."""
    (tmp_path / "çiçek").mkdir()
    for name in ("ığdır 1", "a", "a much longer name"):
        Image.new("RGB", (6, 5)).save(tmp_path / "çiçek" / f"{name}.png")
    found = pickle.loads(pickle.dumps(PictureFolder(tmp_path, CentreView(4, 4))))
    assert [found[index][0].shape for index in range(len(found))] == [(3, 4, 4)] * 3
    assert {
        name: type(value)
        for name, value in vars(found).items()
        if hasattr(value, "__len__") and len(value) == 3
    } == {"paths": np.ndarray, "labels": np.ndarray}
    assert found.paths.dtype.kind == "S"


def test_views_depend_on_seed_epoch_and_index_alone(tmp_path):
    (tmp_path / "one").mkdir()
    for name in "ab":
        ramp(50, 40).save(tmp_path / "one" / f"{name}.png")
    folder, other = (PictureFolder(tmp_path, RandomView(12), seed=seed) for seed in (0, 1))
    first = folder[0][0]
    torch.manual_seed(5)
    folder[1]
    assert torch.equal(folder[0][0], first)
    assert not torch.equal(folder[1][0], first), "the same picture, at another index"
    assert not torch.equal(other[0][0], first)
    folder.set_epoch(1)
    assert not torch.equal(folder[0][0], first)
    folder.set_epoch(0)
    assert torch.equal(folder[0][0], first)
    assert math.isfinite(first.sum())
