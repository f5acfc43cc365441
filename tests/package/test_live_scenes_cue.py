"""The scene of the cue that is moved, against the network whose mask it shows."""

import pytest
import torch
from live_parity import TOLERANCE, assert_agrees, assert_translated, worst

from cbam_teach.cued import COLOURS, cued_digits
from cbam_teach.live import Drag, LiveFigure, Range, View
from cbam_teach.live.scenes_cue import Followed, covered_square, without_cue
from cbam_teach.probes import ProbeNet, trained
from cbam_teach.trace import trace

RUN = "cued,cbam-before,seed=0"
BY = ("avg", "max", "both")


def followed() -> Followed:
    net = trained.load(RUN)
    return Followed(net.stem, net.block1.attention.channel.mask)


def seen(scene: Followed, x: torch.Tensor, *numbers: float) -> dict[str, torch.Tensor]:
    return scene(x, *(torch.tensor(float(number)) for number in numbers))


def masked(net: ProbeNet, x: torch.Tensor) -> torch.Tensor:
    """The channel mask of the first block, as the whole network computes it."""
    with trace(net) as maps:
        net(x)
    return maps["block1.attention.channel.mask"]


@pytest.mark.parametrize(
    ("row", "column", "side", "top", "left"),
    [(2, 20, 4, 0, 18), (0, 0, 4, 0, 0), (39, 39, 4, 36, 36), (5, 7, 3, 4, 6), (9, 9, 1, 9, 9)],
)
@pytest.mark.parametrize("blue", [0.0, 0.25, 1.0])
@torch.no_grad()
def test_followed_shows_the_networks_own_mask(row, column, side, top, left, blue):
    net = trained.load(RUN)
    x = next(iter(without_cue(1).values()))[None]
    found = seen(followed(), x, row, column, side, blue)
    colour = (1 - blue) * torch.from_numpy(COLOURS[0]) + blue * torch.from_numpy(COLOURS[1])
    drawn = x.clone()
    drawn[..., top : top + side, left : left + side] = colour.view(1, 3, 1, 1)
    assert torch.allclose(found["with_cue"], drawn)
    f = net.stem(drawn)
    assert torch.allclose(found["cue_means"], f.mean((2, 3), keepdim=True), atol=1e-5)
    assert torch.allclose(found["cue_maxima"], f.amax((2, 3), keepdim=True), atol=1e-5)
    mask = masked(net, drawn)
    assert torch.allclose(found["cue_mask"], mask, atol=1e-6)
    moved = (mask - masked(net, x)).abs().mean().item()
    assert found["cue_moves"].flatten()[2].item() == pytest.approx(moved, abs=1e-6)


@torch.no_grad()
def test_without_a_side_nothing_is_drawn_and_nothing_moves():
    x = torch.rand(1, 3, 40, 40)
    found = seen(followed(), x, 5, 30, 0, 1)
    assert torch.equal(found["with_cue"], x)
    assert not found["cue_moves"].any()


@torch.no_grad()
def test_the_maxima_carry_the_cue_and_the_means_do_not():
    scene = followed()
    for x in without_cue(3).values():
        for blue in (0, 1):
            means, maxima, both = seen(scene, x[None], 2, 2, 4, blue)["cue_moves"].flatten()
            assert means < 0.01
            assert maxima > 0.04
            assert both == pytest.approx(maxima.item(), abs=0.01)


@pytest.mark.parametrize("size", [(12, 17), (9, 8)])
def test_a_cue_keeps_its_side_wherever_it_is(size):
    x = torch.zeros(1, 1, *size)
    for side in range(7):
        for row, column in ((0, 0), (3, 5), (size[0] - 1, size[1] - 1), (4.4, 2.6)):
            numbers = (torch.tensor(float(n)) for n in (row, column, side))
            square = covered_square(x, *numbers)
            assert square.shape == size
            assert square.sum() == side**2
            assert square.sum(0).max() == square.sum(1).max() == side


def test_pictures_are_the_test_sets_without_noise_and_cue():
    made = cued_digits(3, seed=0, split="test", noise=0)
    found = without_cue(3)
    for k, (name, image) in enumerate(found.items()):
        digits = [made.labels[k].item(), made.other_labels[k].item()]
        orange, blue = digits if made.asked[k] == 0 else digits[::-1]
        assert name == f"orange {orange}, blue {blue}"
        cue = made.cue_masks[k].expand(3, -1, -1)
        assert not image[cue].any()
        assert torch.equal(image[~cue], made.images[k][~cue])


def figure() -> LiveFigure:
    place = {name: Range(0, 39, start=2, step=1) for name in ("cue_row", "cue_column")}
    controls = {
        **place, "cue_place": Drag("cue_column", "cue_row"),
        "cue_side": Range(0, 6, start=4, step=1), "cue_colour": Range(0, 1, start=1, step=0.05),
    }  # fmt: skip
    views = [
        View("picture", "with_cue"),
        View("bars", "cue_mask", (0, 1)),
        View("bars", "cue_moves", (0, 0.3), BY),
        View("bars", "cue_means", (0, 0.8)),
        View("bars", "cue_maxima", (0, 10)),
    ]
    return LiveFigure(followed(), without_cue(1), controls=controls, views=views)


def test_the_graph_gives_what_the_module_gives_and_would_show_an_error_of_a_thousandth():
    made = figure()
    assert_agrees(made, count=20, most=20_000)
    with torch.no_grad():
        made.modules[""].attention.mlp[0].weight.mul_(1.001)
    assert worst(made, 0, made.settings()) > TOLERANCE


def test_every_label_is_written_in_both_languages():
    raw = {"cue_row", "cue_side", "cue_mask", "cue_moves", "cue_means", "with_cue", *BY[:2]}
    assert_translated(figure, raw)
