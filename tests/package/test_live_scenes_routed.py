"""The scene of the chapter on coordinates, against the package's own modules."""

import pytest
import torch
from live_parity import assert_agrees, assert_translated

from cbam_teach import DynamicSpatialAttention
from cbam_teach.live import LiveFigure, Range, View
from cbam_teach.live.scenes_routed import Routed, middles

SIZES = [(32, 48), (33, 45)]
KINDS = ("s5.sample", "s5.pixel")
FOUR = ("s5.bl", "s5.br", "s5.dl", "s5.dr")


def figure(size=(32, 48)) -> LiveFigure:
    controls = {
        "column_in_branches": Range(-12, 12, start=0), "lean": Range(-4, 4, start=0),
        "column_in_router": Range(-12, 12, start=8),
    }  # fmt: skip
    views = [View("picture", "four_squares"), View("heatmap", "both_shares", (0, 1), KINDS),
             View("heatmap", "both_masks", (0, 1), KINDS),
             View("bars", "sample_squares", (0, 1), FOUR),
             View("bars", "pixel_squares", (0, 1), FOUR)]  # fmt: skip
    return LiveFigure(Routed(), torch.full((1, *size), 0.5), controls=controls, views=views)


def run(size, *numbers):
    ground = torch.full((1, 1, *size), 0.5, dtype=torch.float64)
    return Routed().double()(ground, *(torch.tensor(float(n)).double() for n in numbers))


@torch.no_grad()
def written(per, plane, lean, steer):
    """Return a module of the package with the weights that the three numbers stand for."""
    ours = Routed().mask
    made = DynamicSpatialAttention(
        kernels=(7, 7), dilated=None, coordinates=True, router=per, router_hidden=2
    )
    for branch, other in zip(made.branches, ours.branches, strict=True):
        branch.weight.copy_(other.weight)
        branch.weight[0, 2, 3, 3] = plane
    first, last = made.router.mlp[0], made.router.mlp[2]
    first.weight.copy_(torch.tensor([[0.0, 0, 1, 0], [0, 0, -1, 0]]))  # relu(c), relu(-c)
    first.bias.zero_()
    last.weight.copy_(torch.tensor([[-steer, steer], [0, 0]]))
    last.bias.copy_(torch.tensor([lean, 0.0]))
    return made.double().requires_grad_(False)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("numbers", [(0, 0, 8), (2.5, -1, 3), (-4, 2, -9), (0, 0, 0)])
def test_the_masks_are_those_of_the_package(size, numbers):
    found = run(size, *numbers)
    x = found["four_squares"]
    for k, (per, name) in enumerate([("sample", "sample_squares"), ("pixel", "pixel_squares")]):
        alpha = written(per, *numbers)(x)[0, 0]
        assert torch.allclose(found["both_masks"][0, k], alpha, atol=1e-6)
        at = [alpha[row, column].item() for row, column, _ in middles(x)]
        assert found[name].flatten().tolist() == pytest.approx(at, abs=1e-6)


@pytest.mark.parametrize("size", SIZES)
def test_the_squares_are_where_their_masks_are_read(size):
    x = run(size, 0, 0, 0)["four_squares"][0, 0]
    for row, column, light in middles(x[None, None]):
        assert (x[row - 2 : row + 3, column - 2 : column + 3] == light).all()
        assert (x[row - 3, column], x[row, column + 3]) == (0.5, 0.5)
    assert (x != 0.5).sum() == 100


def test_only_the_router_of_each_pixel_prefers_by_place():
    bright_left, bright_right, dark_left, dark_right = run((32, 48), 0, 0, 8)[
        "pixel_squares"
    ].flatten()
    assert min(bright_left, dark_right) > 0.9 > 0.1 > max(bright_right, dark_left)
    for numbers in [(0, 0, 8), (3, 1, -5), (-6, 4, 12), (5, -2, 0)]:
        z = torch.logit(run((32, 48), *numbers)["sample_squares"].flatten())
        assert z[0] - z[2] == pytest.approx((z[1] - z[3]).item(), abs=1e-9)


@pytest.mark.parametrize("size", SIZES)
def test_the_graph_gives_what_the_module_gives(size):
    assert_agrees(figure(size))


def test_every_label_is_written_in_both_languages():
    raw = {"lean", "both_shares", "both_masks", *KINDS, *FOUR}
    assert_translated(figure, raw)
