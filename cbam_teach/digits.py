"""Handwritten digits, and how they are put into pictures: drawn, resized, placed, boxed.

The digits are those that ship inside scikit-learn. All chance comes from evenly spread
numbers of a seeded NumPy generator, and all arithmetic is done element by element, so that
a seed gives the same bytes on every machine.
"""

from functools import cache

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy import ndarray

from cbam_teach import checks
from cbam_teach.pictures import need

SPLITS = ("train", "validation", "test")

CELLS = 8  # side of scikit-learn's digits
FAINT = 0.375  # a pixel with less of the digit's brightness than this is not the digit's


@cache
def source(
    split: str, owner: str = "cluttered_digits"
) -> tuple[Float[ndarray, "n 8 8"], Int[ndarray, " n"]]:
    """Return the digits to draw from, brightness 0 to 1, and what they are.

    Of every seven digits in scikit-learn's order five are for training, one for validation
    and one for the test, so that all splits are spread over the whole set.
    """

    def load() -> tuple[ndarray, ndarray]:
        from sklearn.datasets import load_digits

        digits = load_digits()
        return digits.images, digits.target

    cells, labels = need(owner, "scikit-learn", "pip install scikit-learn", load)
    turn = np.arange(len(labels)) % 7
    kept = {"train": turn < 5, "validation": turn == 5, "test": turn == 6}[split]
    return (cells[kept] / 16).astype(np.float32), labels[kept].astype(np.int64)


def draw(seed: int, split: str, stream: int, shape: tuple[int, ...]) -> Float[ndarray, "..."]:
    """Return numbers spread evenly over [0, 1); the first rows do not depend on how many follow.

    Each stream has numbers of its own, so that more of one thing leaves the others as they were.
    """
    return np.random.default_rng((seed, SPLITS.index(split), stream)).random(shape)


def whole(chance: Float[ndarray, " n"], choices: int | Int[ndarray, " n"]) -> Int[ndarray, " n"]:
    """Turn numbers in [0, 1) into 0, 1, …, choices - 1, each equally likely."""
    return (chance * choices).astype(np.int64)


def between(ends: tuple[int, int], chance: Float[ndarray, " n"]) -> Int[ndarray, " n"]:
    """Turn numbers in [0, 1) into whole numbers from one end to the other, both included."""
    return ends[0] + whole(chance, ends[1] - ends[0] + 1)


def place(
    canvas: Float[ndarray, "n h w"],
    cells: Float[ndarray, "n k k"],
    side: Int[ndarray, " n"],
    down: Float[ndarray, " n"],
    right: Float[ndarray, " n"],
) -> None:
    """Draw one thing into each picture, in place; the brighter wins.

    Args:
        canvas: the pictures.
        cells: what is drawn.
        side: the side of the square that it fills, in pixels.
        down, right: where in its free room the square stands, from 0 (top, left) up to, and
            without, 1 (bottom, right).
    """
    height, width = canvas.shape[1:]
    put(canvas, cells, side, whole(down, height - side + 1), whole(right, width - side + 1))


def put(
    canvas: Float[ndarray, "n h w"],
    cells: Float[ndarray, "n k k"],
    side: Int[ndarray, " n"],
    top: Int[ndarray, " n"],
    left: Int[ndarray, " n"],
) -> None:
    """Draw as `place` does, at the row and column where each square begins."""
    for length in np.unique(side).tolist():
        (here,) = np.nonzero(side == length)  # the pictures in which it has this side
        steps = np.arange(length)
        rows = top[here, None] + steps  # (n, side)
        columns = left[here, None] + steps  # (n, side)
        spot = here[:, None, None], rows[:, :, None], columns[:, None, :]  # (n, side, side)
        canvas[spot] = np.maximum(canvas[spot], enlarge(cells[here], length))


def enlarge(cells: Float[ndarray, "n k k"], side: int) -> Float[ndarray, "n side side"]:
    """Stretch squares to a side of ``side`` pixels, linear between the cells' centres.

    What is fainter than `FAINT` becomes 0, so that a thing ends where it ends.
    """
    last = cells.shape[-1] - 1
    at = (2 * np.arange(side) + 1) * (last + 1) / (2 * side) - 0.5  # pixel centres, in cells
    at = at.clip(0, last)
    low = at.astype(np.int64)
    high = (low + 1).clip(max=last)
    part = (at - low).astype(np.float32)
    rows = cells[:, low] * (1 - part)[:, None] + cells[:, high] * part[:, None]  # (n, side, k)
    drawn = rows[:, :, low] * (1 - part) + rows[:, :, high] * part  # (n, side, side)
    return np.where(drawn < FAINT, np.float32(0), drawn)


def cut(
    cells: Float[ndarray, "n 8 8"], down: Float[ndarray, " n"], right: Float[ndarray, " n"]
) -> Float[ndarray, "n 4 4"]:
    """Cut a square of half the side out of each digit, at any place inside it."""
    half = cells.shape[-1] // 2
    steps = np.arange(half)
    rows = whole(down, half + 1)[:, None] + steps
    columns = whole(right, half + 1)[:, None] + steps
    return cells[np.arange(len(cells))[:, None, None], rows[:, :, None], columns[:, None, :]]


def add_noise(
    canvas: Float[ndarray, "*n h w"], noise: float, chance: Float[ndarray, "*n h w"]
) -> Float[ndarray, "*n h w"]:
    """Add numbers spread evenly over [-noise, noise], and keep to [0, 1]."""
    return (canvas + noise * (2 * chance - 1)).clip(0, 1).astype(np.float32)


def extent(masks: Bool[ndarray, "n h w"]) -> Int[ndarray, "n 4"]:
    """Return x0, y0, x1, y1 of the smallest box around each mask; x1 and y1 are outside it."""
    edges = []
    for axis in (1, 2):
        seen = np.logical_or.reduce(masks, axis=axis)  # (n, W), then (n, H)
        length = seen.shape[1]
        edges.append((seen.argmax(axis=1), length - seen[:, ::-1].argmax(axis=1)))
    (x0, x1), (y0, y1) = edges
    return np.stack([x0, y0, x1, y1], axis=1)


def read_size(owner: str, size: int | tuple[int, int]) -> tuple[int, int]:
    """Return (H, W), or refuse what is neither one length nor two."""
    if isinstance(size, int):
        size = (size, size)
    checks.sequence(owner, "size", size, length=2)
    for length in size:
        checks.integer(owner, "size", length)
    return size[0], size[1]


def check_making(owner: str, count: int, seed: int, sides: tuple[int, int]) -> None:
    """Refuse what describes no pictures of digits."""
    checks.integer(owner, "count", count)
    checks.integer(owner, "seed", seed, least=0)
    checks.sequence(owner, "sides", sides, length=2)
    checks.integer(owner, "sides", sides[0], least=CELLS)
    checks.integer(owner, "sides", sides[1], least=sides[0])
