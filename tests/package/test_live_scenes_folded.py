"""The scene of the chapter on folding, against the package's modules, and as a live figure."""

import pytest
import torch
import torch.nn.functional as F
from live_parity import assert_agrees, assert_translated

from cbam_teach import DynamicSpatialAttention, fold
from cbam_teach.live import Drag, LiveFigure, Range, View
from cbam_teach.live.scenes_folded import KernelHere
from cbam_teach.plain import pool_channels

SIZES = [(1, 20, 24), (3, 17, 13)]


def seen(x, *numbers):
    return KernelHere()(x, *(torch.tensor(float(number)) for number in numbers))


def module(router: str) -> DynamicSpatialAttention:
    """The scene's weights in a module of the package."""
    mask = DynamicSpatialAttention(router_hidden=1, router=router).requires_grad_(False)
    mask.load_state_dict(KernelHere().attention.state_dict())
    return mask.eval()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("say", "router"), [(0, "sample"), (1, "pixel")])
def test_its_ends_are_the_two_routers(size, say, router):
    x, mask = torch.rand(1, *size), module(router)
    found = seen(x, say, 3, 5)
    shares = mask.router(pool_channels(x)).expand(1, 3, *size[1:])
    torch.testing.assert_close(found["mask"], mask(x), rtol=0, atol=1e-5)
    torch.testing.assert_close(found["fold_shares"], shares, rtol=0, atol=1e-5)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("say", "row", "column"), [(0, 4, 4), (0.4, 0, 12), (1, 16, 2)])
def test_the_kernel_of_a_position(size, say, row, column):
    x = torch.rand(1, *size)
    found, s = seen(x, say, row, column), pool_channels(x)
    w = found["fold_shares"][0, :, row, column]
    kernel = (w @ fold(module("sample")).kernels.flatten(1)).view(1, 2, 13, 13)
    torch.testing.assert_close(found["fold_kernel"], kernel[:, :1], rtol=0, atol=1e-5)
    gap = torch.sigmoid(F.conv2d(s, kernel, padding=6)) - found["mask"]
    torch.testing.assert_close(found["fold_gap"], gap, rtol=0, atol=1e-5)
    here, most = found["fold_off"].flatten().tolist()
    assert here < 1e-5
    assert most == pytest.approx(gap.abs().max().item(), abs=1e-5)
    assert (most > 1e-2) == (say > 0)  # one kernel for a picture, or one for each position


def figure(size=(1, 20, 24)) -> LiveFigure:
    controls = {
        "own_say": Range(0, 1, start=1), "fold_row": Range(0, size[1] - 1, start=3, step=1),
        "fold_column": Range(0, size[2] - 1, start=5, step=1),
        "fold_place": Drag("fold_column", "fold_row"),
    }  # fmt: skip
    three = ("s3.k3", "s3.k7", "s3.d7")
    views = [
        View("overlay", "mask"), View("heatmap", "fold_shares", (0, 1), three),
        "fold_kernel", View("heatmap", "fold_gap", (-1, 1)),
        View("values", "fold_off", names=("fold_here", "fold_most"), digits=5),
    ]  # fmt: skip
    return LiveFigure(KernelHere(), torch.rand(size), controls=controls, views=views)


@pytest.mark.parametrize("size", SIZES)
def test_the_graph_gives_what_the_module_gives(size):
    assert_agrees(figure(size), whole=("fold_row", "fold_column"))


def test_every_label_is_written_in_both_languages():
    raw = {"own_say", "fold_row", "fold_column", "fold_off", "fold_here"}
    assert_translated(figure, raw, {"3×3", "7×7", "7×7, d=2"})
