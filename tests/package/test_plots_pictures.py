"""Pictures are drawn as they are, and each map beside its own picture, box and highest cell."""

import pytest
import torch

from cbam_teach.plots_pictures import beside, pictures

pytestmark = pytest.mark.usefixtures("as_released")


def coloured(n=2, size=(6, 10)):
    return torch.rand(n, 3, *size, generator=torch.Generator().manual_seed(n))


def images_of(axis):
    return [image.get_array() for image in axis.get_images()]


def test_pictures_of_several_sizes_show_their_own_colours(shown):
    wanted = [coloured(1, (6, 10))[0], 3 * coloured(1, (9, 4))[0] - 1]
    pictures(wanted, titles=["a", "b"], title="q?", columns=3)
    for axis, picture, name in zip(shown[0].axes, wanted, "ab", strict=False):
        (found,) = images_of(axis)
        assert torch.allclose(torch.as_tensor(found.data), picture.clamp(0, 1).movedim(0, 2))
        assert axis.get_title() == name
    assert len(shown[0].axes) == 2


def test_places_without_a_picture_stay_empty(shown):
    pictures(list(coloured(4)), columns=3)
    assert [len(images_of(axis)) for axis in shown[0].axes] == [1, 1, 1, 1, 0, 0]


@pytest.mark.parametrize("cells", [(3, 5), (2, 4)])
def test_a_map_stands_beside_its_picture_with_box_and_highest_cell(shown, cells):
    images, boxes = coloured(2, (12, 20)), torch.tensor([[2, 1, 8, 7], [10, 3, 19, 11]])
    maps = torch.zeros(2, 1, *cells)
    maps[0, 0, 1, 2], maps[1, 0, 0, 3] = 1.0, 2.0
    beside(images, {"one": maps, "other": -maps}, boxes=boxes, first="picture")
    rows = [shown[0].axes[k : k + 3] for k in (0, 3)]
    assert [axis.get_title() for axis in rows[0]] == ["picture", "one", "other"]
    for n, (row, (r, c)) in enumerate(zip(rows, [(1, 2), (0, 3)], strict=True)):
        (found,) = images_of(row[1])
        assert torch.equal(torch.as_tensor(found.data), maps[n, 0])
        x, y = (c + 0.5) * 20 / cells[1], (r + 0.5) * 12 / cells[0]
        assert all(line.get_xydata().tolist() == [[x, y]] for line in row[1].get_lines())
        for axis in row:
            x0, y0, x1, y1 = boxes[n].tolist()
            for frame in axis.patches:
                assert frame.get_bbox().extents.tolist() == [x0, y0, x1, y1]
            assert len(axis.patches) == 2


def test_of_several_highest_cells_the_first_is_marked(shown):
    beside(
        coloured(1), {"flat": torch.ones(1, 1, 2, 5)}, boxes=torch.tensor([[0, 0, 3, 3]]), first=""
    )
    assert shown[0].axes[1].get_lines()[0].get_xydata().tolist() == [[1.0, 1.5]]


def test_other_shapes_are_refused():
    boxes = torch.tensor([[0, 0, 3, 3]])
    with pytest.raises(TypeError, match="pictures: `images`"):
        pictures(coloured(2))
    with pytest.raises(ValueError, match=r"Given: \(1, 6, 10\)"):
        pictures([torch.rand(1, 6, 10)])
    with pytest.raises(ValueError, match="titles"):
        pictures(list(coloured(2)), titles=["one"])
    with pytest.raises(ValueError, match=r"Allowed: \(1, 1, h, w\)"):
        beside(coloured(1), {"a": torch.rand(2, 1, 3, 3)}, boxes=boxes, first="")
    with pytest.raises(ValueError, match="beside"):
        beside(coloured(2), {"a": torch.rand(2, 1, 3, 3)}, boxes=boxes, first="")
    with pytest.raises(ValueError, match="maps"):
        beside(coloured(1), {"a": torch.full((1, 1, 3, 3), torch.nan)}, boxes=boxes, first="")
