"""Pictures of one whole digit among fragments of others, its place known to the pixel."""

import numpy as np
import torch

from cbam_teach import checks
from cbam_teach.digits import (
    SPLITS,
    add_noise,
    between,
    check_making,
    cut,
    draw,
    extent,
    place,
    read_size,
    source,
    whole,
)
from cbam_teach.pictures import Digits

DIGIT, NOISE, FIRST = 0, 1, 2  # streams of chance; the fragments' begin at FIRST


def cluttered_digits(
    count: int,
    *,
    seed: int,
    size: int | tuple[int, int] = 40,
    sides: tuple[int, int] = (12, 28),
    clutter: int = 4,
    noise: float = 0.1,
    split: str = "train",
) -> Digits:
    """Make grey pictures of one digit each, of random size and place, among clutter and noise.

    Each picture holds, the brighter winning where they meet: one whole digit; ``clutter``
    fragments, each a quarter (4 × 4 of 8 × 8 cells) of any digit of the split, its size drawn
    by the same rule and halved; each of these at any place inside the picture. Then noise is
    added, and what leaves [0, 1] is cut off. The three channels are equal.

    Args:
        count: N, the number of pictures. The first pictures do not depend on it.
        seed: an integer, at least 0. The same arguments give the same bytes everywhere; with
            other clutter or noise the digits, their sizes and places stay.
        size: (H, W) in pixels, or one number for both.
        sides: the least and the largest side, in pixels, of the square that a digit's cells
            fill; every whole number between them is equally likely. At least 8. The box is
            smaller where the digit does not fill its square.
        clutter: the number of fragments.
        noise: n, in brightness, from 0 to 1: every pixel gets a number spread evenly over
            [-n, n].
        split: ``"train"`` (1,285 digits of scikit-learn's to draw from), ``"validation"``
            (256) or ``"test"`` (256). No digit is in two of them.

    Returns:
        `Digits`: ``images`` (N, 3, H, W), ``labels`` (N,), ``boxes`` (N, 4), ``masks``
        (N, 1, H, W). The digit is at least as bright as 0.375 at its mask's pixels, before
        the noise, and not drawn elsewhere; fragments may touch it and lie over it.

    Raises:
        TypeError, ValueError: for an option that is not allowed.
        ImportError: where scikit-learn is missing.

    Source:
        Cluttered MNIST (Mnih et al., 2014, "Recurrent models of visual attention"), with
        another set of digits, with random sizes and noise. The digits: UCI, "Optical
        recognition of handwritten digits" (Alpaydin and Kaynak, 1998).
    """
    owner = "cluttered_digits"
    height, width = read_size(owner, size)
    check_options(owner, count, seed, sides, clutter, split)
    checks.integer(owner, "size", min(height, width), least=sides[1])
    checks.number(owner, "noise", noise, least=0, most=1)
    cells, labels = source(split)
    digit, *fragments = (
        draw(seed, split, stream, (count, 6)) for stream in (DIGIT, *range(FIRST, FIRST + clutter))
    )
    canvas = np.zeros((count, height, width), np.float32)
    which = whole(digit[:, 0], len(cells))
    place(canvas, cells[which], between(sides, digit[:, 1]), digit[:, 2], digit[:, 3])
    masks = canvas > 0  # (N, H, W)
    for chance in fragments:
        any_digit = cells[whole(chance[:, 0], len(cells))]
        quarter = cut(any_digit, chance[:, 4], chance[:, 5])
        place(canvas, quarter, between(sides, chance[:, 1]) // 2, chance[:, 2], chance[:, 3])
    images = add_noise(canvas, noise, draw(seed, split, NOISE, canvas.shape))
    return Digits(
        images=torch.from_numpy(images)[:, None].repeat(1, 3, 1, 1),  # (N, 3, H, W)
        labels=torch.from_numpy(labels[which]),
        boxes=torch.from_numpy(extent(masks)),
        masks=torch.from_numpy(masks)[:, None],  # (N, 1, H, W)
    )


def check_options(
    owner: str, count: int, seed: int, sides: tuple[int, int], clutter: int, split: str
) -> None:
    """Refuse options that describe no pictures."""
    check_making(owner, count, seed, sides)
    checks.integer(owner, "clutter", clutter, least=0)
    checks.choice(owner, "split", split, SPLITS)
