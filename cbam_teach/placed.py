"""Pictures of two digits that look alike, and whose place alone says which one to read."""

import numpy as np
import torch
from jaxtyping import Float, Int
from numpy import ndarray

from cbam_teach import checks
from cbam_teach.digits import (
    SPLITS,
    add_noise,
    between,
    check_making,
    draw,
    put,
    read_size,
    source,
    whole,
)
from cbam_teach.language import problem
from cbam_teach.pairs import answers, one_of, two_classes
from cbam_teach.pictures import Pair

SCENE, NOISE = 0, 1  # streams of chance
LABELS = ("upper", "brighter")


def placed_digits(
    count: int,
    *,
    seed: int,
    size: int | tuple[int, int] = 40,
    sides: tuple[int, int] = (12, 16),
    gap: int = 2,
    dim: float = 0.6,
    label: str = "upper",
    noise: float = 0.1,
    split: str = "train",
) -> Pair:
    """Make pictures of one digit in the upper half and one in the lower; the upper is asked for.

    The two are of two classes, every ordered pair equally likely, and of random sizes; one of
    them, either equally likely, is as bright as it is, the other dimmer. Upper and lower are
    drawn by the same rules, each for itself, and only then is one moved H/2 rows down. So the
    picture rolled by H/2 rows, which shows the same two digits in each other's half, is exactly
    as likely, and has the other label. A network for which a picture and its roll are the same
    (circular padding everywhere, strides whose product divides H/2, pooling over all pixels at
    the end) can read both digits, but not tell which one is asked for: of a picture and its
    roll it gets one right at most. Coordinates tell, and so does padding with zeros anywhere,
    be it around the map of a spatial mask.

    ``label="brighter"`` is the control: the very same pictures, and what they ask for is told
    by its look, wherever it stands. Noise is added, and what leaves [0, 1] is cut off. The
    three channels are equal.

    Args:
        count: N, the number of pictures. The first pictures do not depend on it.
        seed: an integer, at least 0. The same arguments give the same bytes everywhere; with
            another gap, dimness, label or noise the digits, their sizes and their columns stay.
        size: (H, W) in pixels, or one number for both. H is even and at least 2·(s + gap), W
            at least s, where s is the largest side.
        sides: the least and the largest side, in pixels, of the square that a digit's cells
            fill; every whole number between them is equally likely. At least 8. The box is
            smaller where the digit does not fill its square.
        gap: g, in pixels: at least so many rows lie between the two squares, in the middle of
            the picture as over its lower and upper edge. Each half leaves ⌊g/2⌋ rows free at
            its top and ⌈g/2⌉ at its bottom; between these every row, and across the picture
            every column, is equally likely.
        dim: the brightness of the dimmer digit, a part of its own, above 0 and below 1.
        label: which digit is asked for, ``"upper"`` or ``"brighter"``. Nothing else depends on
            it.
        noise: n, in brightness, from 0 to 1: every pixel gets a number spread evenly over
            [-n, n].
        split: ``"train"`` (1,285 digits of scikit-learn's to draw from), ``"validation"``
            (256) or ``"test"`` (256). No digit is in two of them.

    Returns:
        `Pair`: ``images`` (N, 3, H, W); of the digit that is asked for ``labels`` (N,),
        ``boxes`` (N, 4), ``masks`` (N, 1, H, W); ``asked`` (N,), 0 for the upper one, 1 for
        the lower; ``other_labels``, ``other_boxes``, ``other_masks`` of the other digit. Before
        the noise a digit is at least 0.375, the dimmer one 0.375·dim, at its mask's pixels, and
        all is 0 outside of the two masks.

    Raises:
        TypeError, ValueError: for an option that is not allowed.
        ImportError: where scikit-learn is missing.

    Source:
        Made for this book, after Liu et al. (2018, "An intriguing failing of convolutional
        neural networks and the CoordConv solution"), whose tasks need coordinates, and Islam
        et al. (2020, "How much position information do convolutional neural networks
        encode?"), who find that padding with zeros gives position away. The digits:
        UCI, "Optical recognition of handwritten digits" (Alpaydin and Kaynak, 1998).
    """
    owner = "placed_digits"
    height, width = read_size(owner, size)
    check_making(owner, count, seed, sides)
    checks.integer(owner, "gap", gap, least=0)
    check_room(owner, (height, width), sides[1], gap)
    checks.number(owner, "dim", dim, above=0, below=1)
    checks.choice(owner, "label", label, LABELS)
    checks.number(owner, "noise", noise, least=0, most=1)
    checks.choice(owner, "split", split, SPLITS)
    pair, light, *chance = draw(seed, split, SCENE, (count, 10)).T
    cells, labels = source(split, owner)
    classes, bright = two_classes(pair), whole(light, 2)  # (2, N), (N,): 0 where the upper is
    drawn = np.zeros((2, count, height, width), np.float32)  # the upper digits, the lower ones
    canvas = np.zeros((count, height, width), np.float32)
    for k in (0, 1):
        which, long, down, right = chance[k::2]
        lengths = between(sides, long)
        top = k * (height // 2) + within(height // 2, gap, lengths, down)
        digits = cells[one_of(labels, classes[k], which)]
        put(drawn[k], digits, lengths, top, whole(right, width - lengths + 1))
        canvas += drawn[k] * np.where(bright == k, 1, dim).astype(np.float32)[:, None, None]
    images = add_noise(canvas, noise, draw(seed, split, NOISE, canvas.shape))
    return Pair(
        images=torch.from_numpy(images)[:, None].repeat(1, 3, 1, 1),  # (N, 3, H, W)
        **answers(drawn, classes, bright if label == "brighter" else np.zeros_like(bright)),
    )


def within(
    half: int, gap: int, sides: Int[ndarray, " n"], chance: Float[ndarray, " n"]
) -> Int[ndarray, " n"]:
    """Return at which row of its half each square begins, every row that it may equally likely."""
    return gap // 2 + whole(chance, half - gap - sides + 1)


def check_room(owner: str, size: tuple[int, int], side: int, gap: int) -> None:
    """Refuse a picture without two equal halves that the largest digits and the gap fit into."""
    least = 2 * (side + gap)
    if size[0] % 2 or size[0] < least or size[1] < side:
        raise problem(
            ValueError, "error.placed_room", owner=owner,
            given=size, allowed=f"H = {least}, {least + 2}, …; W ≥ {side}",
        )  # fmt: skip
