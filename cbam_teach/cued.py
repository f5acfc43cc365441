"""Pictures of two digits, and of a small cue far from both that says which one to read."""

import numpy as np
import torch

from cbam_teach import checks
from cbam_teach.cued_places import PLACES, apart, edges, far_from, pick
from cbam_teach.digits import (
    SPLITS,
    add_noise,
    between,
    check_making,
    draw,
    extent,
    put,
    read_size,
    source,
    whole,
)
from cbam_teach.language import problem
from cbam_teach.pairs import answers, one_of, two_classes
from cbam_teach.pictures import Cued

SCENE, CUE, NOISE = 0, 1, 2  # streams of chance
COLOURS = np.array([[1, 0.5, 0], [0, 0.5, 1]], np.float32)  # orange, blue: mirrored, equal means
WHITE = np.ones((1, 3), np.float32)
CUES = ("colour", "hollow")


def cued_digits(
    count: int,
    *,
    seed: int,
    size: int | tuple[int, int] = 40,
    sides: tuple[int, int] = (12, 16),
    cue: str = "colour",
    cue_side: int = 4,
    cue_at: str = "border",
    distance: int = 6,
    noise: float = 0.1,
    split: str = "train",
) -> Cued:
    """Make pictures of an orange digit, a blue one, and a cue that says which one to read.

    The digits are of two classes, every ordered pair equally likely, and of random sizes. They
    stand side by side or one above the other, each equally likely, with anything from no gap at
    all to the whole of the free room between them. What the cue says does not depend on anything
    else in the picture, so that neither digit and no place tells the label: whoever reads both
    digits without the cue is right half of the time. Noise is added to each channel for itself,
    and what leaves [0, 1] is cut off.

    Args:
        count: N, the number of pictures. The first pictures do not depend on it.
        seed: an integer, at least 0. The same arguments give the same bytes everywhere; with
            another cue or noise the digits, their sizes and places stay, and which is asked for.
        size: (H, W) in pixels, or one number for both. Each at least 2·s and at least
            s + 2·(cue_side + distance), where s is the largest side: then two corners are
            always free for the cue.
        sides: the least and the largest side, in pixels, of the square that a digit's cells
            fill; every whole number between them is equally likely. At least 8. The box is
            smaller where the digit does not fill its square.
        cue: ``"colour"``: a square in the colour of the digit that is asked for; ``"hollow"``,
            which is harder: a white square, filled for the orange digit, only its edge, one
            pixel wide, for the blue one.
        cue_side: the side of the cue, in pixels; a hollow one has at least 3.
        cue_at: ``"corner"``, ``"border"`` (it touches an edge of the picture) or
            ``"anywhere"``; all such places that are far enough from both digits are equally
            likely.
        distance: d, in pixels: at least so many rows, or so many columns, lie between the cue
            and the square of each digit.
        noise: n, in brightness, from 0 to 1: every number gets one spread evenly over [-n, n].
        split: ``"train"`` (1,285 digits of scikit-learn's to draw from), ``"validation"``
            (256) or ``"test"`` (256). No digit is in two of them.

    Returns:
        `Cued`: ``images`` (N, 3, H, W); of the digit that is asked for ``labels`` (N,),
        ``boxes`` (N, 4), ``masks`` (N, 1, H, W); ``asked`` (N,), 0 for orange, 1 for blue;
        ``other_labels``, ``other_boxes``, ``other_masks`` of the other digit; ``cue_boxes``
        (N, 4) and ``cue_masks`` (N, 1, H, W). Before the noise, red or blue is at least 0.375
        at a digit's mask's pixels, and all is 0 outside of the three masks.

    Raises:
        TypeError, ValueError: for an option that is not allowed.
        ImportError: where scikit-learn is missing.

    Source:
        Made for this book, after the partial report (Averbach and Coriell, 1961, "Short-term
        memory in vision"), where a mark says which of several letters to name. The digits:
        UCI, "Optical recognition of handwritten digits" (Alpaydin and Kaynak, 1998).
    """
    owner = "cued_digits"
    shape = read_size(owner, size)
    check_making(owner, count, seed, sides)
    checks.choice(owner, "cue", cue, CUES)
    checks.integer(owner, "cue_side", cue_side, least=3 if cue == "hollow" else 1)
    checks.choice(owner, "cue_at", cue_at, PLACES)
    checks.integer(owner, "distance", distance, least=0)
    checks.number(owner, "noise", noise, least=0, most=1)
    checks.choice(owner, "split", split, SPLITS)
    check_room(owner, shape, max(2 * sides[1], sides[1] + 2 * (cue_side + distance)))
    pair, *chance = draw(seed, split, SCENE, (count, 10)).T
    said, spot = draw(seed, split, CUE, (count, 2)).T
    cells, labels = source(split, owner)
    classes, asked = two_classes(pair), whole(said, 2)  # (2, N), (N,)
    lengths = np.stack([between(sides, chance[k]) for k in (0, 1)])  # (2, N)
    corners = apart(shape, lengths, np.stack(chance[4:]))  # (2, 2, N)
    things = np.zeros((3, count, *shape), np.float32)  # orange digit, blue digit, cue
    free = edges(shape, cue_side, cue_at)  # (r, c), then (N, r, c)
    for k in (0, 1):
        which = one_of(labels, classes[k], chance[2 + k])
        put(things[k], cells[which], lengths[k], *corners[k])
        free = free & far_from(shape, corners[k], lengths[k], cue_side, distance)
    marks = np.ones((count, cue_side, cue_side), np.float32)
    if cue == "hollow":
        marks[asked == 1, 1:-1, 1:-1] = 0
    put(things[2], marks, np.full(count, cue_side), *pick(free, spot))
    colours = [*COLOURS[:, None], COLOURS[asked] if cue == "colour" else WHITE]
    canvas = np.zeros((count, 3, *shape), np.float32)
    for thing, colour in zip(things, colours, strict=True):
        canvas += thing[:, None] * colour[:, :, None, None]
    cues = things[2] > 0  # (N, H, W)
    return Cued(
        images=torch.from_numpy(add_noise(canvas, noise, draw(seed, split, NOISE, canvas.shape))),
        **answers(things[:2], classes, asked),
        cue_boxes=torch.from_numpy(extent(cues)),
        cue_masks=torch.from_numpy(cues)[:, None],  # (N, 1, H, W)
    )


def check_room(owner: str, size: tuple[int, int], least: int) -> None:
    """Refuse a picture in which the two digits or the cue may find no place."""
    if min(size) < least:
        raise problem(
            ValueError, "error.cued_room", owner=owner,
            given=size, allowed=f"H ≥ {least}, W ≥ {least}",
        )  # fmt: skip
