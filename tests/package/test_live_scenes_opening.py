"""The scene of the opening, against pictures drawn another way and the networks themselves."""

import numpy
import pytest
import torch
from live_parity import TOLERANCE, Graph, assert_agrees, assert_translated, random_settings, worst

from cbam_teach.cued import COLOURS
from cbam_teach.live import Choice, Drag, Flag, LiveFigure, Range, View
from cbam_teach.live.scenes_opening import LEFT, RIGHT, ROW, SIDE, SIZE, Asked, two_digits
from cbam_teach.opening import load
from cbam_teach.trace import trace

PLACES = ("orange_row", "orange_column", "blue_row", "blue_column", "sign_row", "sign_column")
STARTS = (ROW, LEFT, ROW, RIGHT, 2, 20)
DIGITS = tuple("0123456789")


def figure() -> LiveFigure:
    knobs = {n: Range(0, SIZE - 1, start=s, step=1) for n, s in zip(PLACES, STARTS, strict=True)}
    knobs |= {"sign_shown": Flag(True), "sign_colour": Choice(("sign.orange", "sign.blue"))}
    knobs |= {f"{n}_place": Drag(f"{n}_column", f"{n}_row") for n in ("sign", "orange", "blue")}
    views = [
        View("picture", "scene"), View("bars", "plain_says", (0, 1), DIGITS),
        View("bars", "attended_says", (0, 1), DIGITS),
        View("bars", "mask_without", (0, 1), DIGITS[1:9]),
        View("bars", "mask_with", (0, 1), DIGITS[1:9]),
    ]  # fmt: skip
    scene = Asked(load("plain"), load("cbam"))
    return LiveFigure(scene, two_digits((3, 8), (7, 4)), controls=knobs, views=views)


@torch.no_grad()
def seen(x: torch.Tensor, *numbers: float) -> dict[str, torch.Tensor]:
    scene = Asked(load("plain"), load("cbam"))
    return scene(x[None], *(torch.tensor(float(number)) for number in numbers))


def by_hand(x, orange, blue, cue, shown, colour):
    """The scene drawn by cutting squares out and pasting them in."""
    half, out = SIDE // 2, numpy.zeros((3, SIZE, SIZE), numpy.float32)
    for (row, column), home, channel in ((orange, LEFT, 0), (blue, RIGHT, 2)):
        row, column = (min(max(k, half), SIZE - half) for k in (row, column))
        patch = x[channel, ROW - half : ROW + half, home - half : home + half].numpy()
        ink = COLOURS[channel // 2][:, None, None] * patch
        out[:, row - half : row + half, column - half : column + half] += ink
    if shown:
        top, left = (min(max(k - 2, 0), SIZE - 4) for k in cue)
        out[:, top : top + 4, left : left + 4] = COLOURS[colour][:, None, None]
    return torch.from_numpy(out)


@pytest.mark.parametrize(
    ("orange", "blue", "cue"),
    [((20, 10), (20, 30), (2, 20)), ((7, 33), (33, 7), (39, 0)), ((0, 39), (39, 0), (20, 20)),
     ((12, 15), (30, 22), (0, 39))],
)  # fmt: skip
@pytest.mark.parametrize("shown", [0, 1])
@pytest.mark.parametrize("colour", [0, 1])
@torch.no_grad()
def test_both_networks_read_the_picture_that_is_drawn(orange, blue, cue, shown, colour):
    (x,) = two_digits((3, 8)).values()
    found = seen(x, *orange, *blue, *cue, shown, colour)
    wanted = by_hand(x, orange, blue, cue, shown, colour)
    torch.testing.assert_close(found["scene"][0], wanted)
    bare = by_hand(x, orange, blue, cue, 0, colour)
    says = {name: load(name)(wanted[None]).softmax(1) for name in ("plain", "cbam")}
    torch.testing.assert_close(found["plain_says"], says["plain"], atol=1e-5, rtol=0)
    torch.testing.assert_close(found["attended_says"], says["cbam"], atol=1e-5, rtol=0)
    for name, picture in (("mask_without", bare), ("mask_with", wanted)):
        net = load("cbam")
        with trace(net) as maps:
            net(picture[None])
        mask = maps["block1.attention.channel.mask"]
        torch.testing.assert_close(found[name], mask, atol=1e-5, rtol=0)


def test_unmoved_digits_are_the_picture_offered_and_nothing_overlaps():
    for image in two_digits((3, 8), (0, 1)).values():
        found = seen(image, *STARTS, 0, 0)
        torch.testing.assert_close(found["scene"][0], image)
        assert image.min() == 0
        assert 0.9 < image.max() <= 1
        assert not image[2, :, : SIZE // 2].any()  # orange on the left has no blue
        assert not image[0, :, SIZE // 2 :].any()


def test_pictures_have_names_and_the_digits_asked_for():
    album = two_digits((3, 8), (8, 3))
    assert list(album) == ["orange 3 and blue 8", "orange 8 and blue 3"]
    first, second = album.values()
    half = SIZE // 2
    assert torch.equal(first[0, :, :half], second[2, :, half:])


def test_the_graph_gives_what_the_module_gives_and_would_show_an_error_of_a_thousandth():
    made = figure()
    assert_agrees(made, whole=PLACES, count=12)
    settings = random_settings(made, 0, 0)
    assert worst(made, 0, settings) < TOLERANCE  # places between pixels are rounded alike
    graph, image = Graph(made, 0), made.album.images[:1]
    with torch.no_grad():
        made.modules[""].attended.head[2].weight.mul_(1.01)
    ours, theirs = made.run(0, made.settings(), image), graph.run(image, made.settings())
    assert (ours["attended_says"] - theirs["attended_says"]).abs().max() > TOLERANCE


def test_every_label_is_written_in_both_languages():
    raw = {*PLACES, "scene", "plain_says", "attended_says", "mask_without", "mask_with"}
    assert_translated(figure, raw, DIGITS)
