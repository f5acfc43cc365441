"""Where two digits and a cue stand in a picture: apart from each other, the cue far from both.

A square's corner is its top row and its left column. Chance comes as numbers spread evenly
over [0, 1), as in `cbam_teach.digits`.
"""

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy import ndarray

from cbam_teach.digits import whole

PLACES = ("corner", "border", "anywhere")


def apart(
    size: tuple[int, int], sides: Int[ndarray, "2 n"], chance: Float[ndarray, "5 n"]
) -> Int[ndarray, "2 2 n"]:
    """Return the corners, [square, row or column], of two squares that do not overlap.

    They stand one above the other or side by side, and either comes first, all equally likely.
    Along that axis the free room is cut at two random places; across it each square stands
    anywhere.
    """
    turn = whole(chance[0], 4)
    below, swapped = turn >= 2, turn % 2 == 1
    along, across = np.where(below, np.array(size)[:, None], np.array(size)[::-1, None])
    low, high = np.sort([whole(cut, along - sides.sum(axis=0) + 1) for cut in chance[1:3]], axis=0)
    first = np.where(swapped, high + sides[1], low)
    second = np.where(swapped, low, high + sides[0])
    aside = [whole(chance[3 + k], across - sides[k] + 1) for k in (0, 1)]
    corners = np.array([[first, aside[0]], [second, aside[1]]])  # [square, along or across, n]
    return np.where(below, corners, corners[:, ::-1])


def far_from(
    size: tuple[int, int],
    corners: Int[ndarray, "2 n"],
    sides: Int[ndarray, " n"],
    side: int,
    distance: int,
) -> Bool[ndarray, "n r c"]:
    """Say where a square of side ``side`` may begin: at least ``distance`` rows, or so many
    columns, lie between it and the square that is there."""
    meets = []
    for length, start in zip(size, corners, strict=True):
        at = np.arange(length - side + 1)
        before, after = start - side - distance, start + sides + distance
        meets.append((at > before[:, None]) & (at < after[:, None]))
    rows, columns = meets  # (n, r), (n, c)
    return ~(rows[:, :, None] & columns[:, None, :])


def edges(size: tuple[int, int], side: int, at: str) -> Bool[ndarray, "r c"]:
    """Say where a square may begin so that it stands in a corner, at the border, or anywhere."""
    rows, columns = (np.isin(np.arange(k := length - side + 1), (0, k - 1)) for length in size)
    touched = rows[:, None].astype(int) + columns  # edges of the picture, 0 to 2
    return touched >= {"corner": 2, "border": 1, "anywhere": 0}[at]


def pick(free: Bool[ndarray, "n r c"], chance: Float[ndarray, " n"]) -> Int[ndarray, "2 n"]:
    """Return row and column of one of each picture's free places, each equally likely."""
    counted = free.reshape(len(free), -1).cumsum(axis=1, dtype=np.int32)  # (n, r·c)
    nth = whole(chance, counted[:, -1].astype(np.int64))
    return np.stack(np.divmod((counted > nth[:, None]).argmax(axis=1), free.shape[2]))
