"""Two digits of two classes in one picture, and which of them is asked for."""

import numpy as np
import torch
from jaxtyping import Float, Int
from numpy import ndarray
from torch import Tensor

from cbam_teach.digits import extent, whole

CLASSES = 10


def two_classes(chance: Float[ndarray, " n"]) -> Int[ndarray, "2 n"]:
    """Turn numbers in [0, 1) into two different classes, every ordered pair equally likely."""
    first, second = np.divmod(whole(chance, CLASSES * (CLASSES - 1)), CLASSES - 1)
    return np.stack([first, second + (second >= first)])


def one_of(
    labels: Int[ndarray, " m"], wanted: Int[ndarray, " n"], chance: Float[ndarray, " n"]
) -> Int[ndarray, " n"]:
    """Return the place of any label that is the wanted one, each equally likely."""
    counts = np.bincount(labels, minlength=CLASSES)
    first = counts.cumsum() - counts  # where each class begins in the order below
    return labels.argsort(kind="stable")[first[wanted] + whole(chance, counts[wanted])]


def answers(
    drawn: Float[ndarray, "2 n h w"], classes: Int[ndarray, "2 n"], asked: Int[ndarray, " n"]
) -> dict[str, Tensor]:
    """Return what `Pair` holds beside the images.

    Args:
        drawn: the first digits and the second ones, each alone on black.
        classes: what they are.
        asked: 0 where the first is asked for, 1 where the second is.
    """
    masks, rows = drawn > 0, np.arange(len(asked))
    mine, other = masks[asked, rows], masks[1 - asked, rows]  # (N, H, W)
    return {
        "labels": torch.from_numpy(classes[asked, rows]),
        "boxes": torch.from_numpy(extent(mine)),
        "masks": torch.from_numpy(mine)[:, None],  # (N, 1, H, W)
        "asked": torch.from_numpy(asked),
        "other_labels": torch.from_numpy(classes[1 - asked, rows]),
        "other_boxes": torch.from_numpy(extent(other)),
        "other_masks": torch.from_numpy(other)[:, None],  # (N, 1, H, W)
    }
