"""A set of pictures with their labels, held in memory and ready for a data loader."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Bool, Float32, Int64
from torch import Tensor
from torch.utils.data import Dataset

from cbam_teach.language import problem


@dataclass(frozen=True, eq=False)
class Pictures(Dataset[tuple[Tensor, Tensor]]):
    """Pictures and labels: ``len(pictures)``, ``image, label = pictures[i]``.

    Attributes:
        images: (N, 3, H, W), float32, brightness from 0 (dark) to 1.
        labels: (N,), int64, the class of each picture, from 0.

    Raises:
        TypeError, ValueError: when built from tensors of other shapes or number types, or of
            different lengths; IndexError for an index past the end.
    """

    images: Float32[Tensor, "n 3 h w"]
    labels: Int64[Tensor, " n"]

    def __post_init__(self) -> None:
        self.require("images", self.images, torch.float32, ("N", 3, "H", "W"))
        self.require("labels", self.labels, torch.int64, (len(self.images),))

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: Any) -> tuple[Tensor, Tensor]:
        return self.images[index], self.labels[index]

    def require(
        self, name: str, given: object, dtype: torch.dtype, wanted: tuple[int | str, ...]
    ) -> None:
        """Refuse what is no tensor, or one of another number type or shape; a word stands for
        any length."""
        kind: type[Exception] = TypeError
        found = type(given).__name__
        if isinstance(given, Tensor):
            found = f"{tuple(given.shape)}, {given.dtype}"
            if given.dtype == dtype:
                if fits(given.shape, wanted):
                    return
                kind = ValueError
        shape = ", ".join(map(str, wanted)) + ("," if len(wanted) == 1 else "")
        raise problem(
            kind, "error.pictures", owner=type(self).__name__, option=name,
            given=found, allowed=f"({shape}), {dtype}",
        )  # fmt: skip


def fits(shape: tuple[int, ...], wanted: tuple[int | str, ...]) -> bool:
    """Whether a shape is the one that is wanted, where a word stands for any length."""
    return len(shape) == len(wanted) and all(
        isinstance(size, str) or size == found for size, found in zip(wanted, shape, strict=True)
    )


@dataclass(frozen=True, eq=False)
class Digits(Pictures):
    """Pictures of a digit whose place is known.

    Attributes:
        images, labels: as in `Pictures`; the label is the digit itself, 0 to 9.
        boxes: (N, 4), int64, x0, y0, x1, y1 in pixels: the smallest box that holds the
            digit. x1 and y1 are the first column and row outside it, so that
            ``images[i, :, y0:y1, x0:x1]`` is what the box holds.
        masks: (N, 1, H, W), True at the digit's own pixels.
    """

    boxes: Int64[Tensor, "n 4"]
    masks: Bool[Tensor, "n 1 h w"]

    def __post_init__(self) -> None:
        super().__post_init__()
        count, (height, width) = len(self.images), self.images.shape[-2:]
        self.require("boxes", self.boxes, torch.int64, (count, 4))
        self.require("masks", self.masks, torch.bool, (count, 1, height, width))


@dataclass(frozen=True, eq=False)
class Pair(Digits):
    """Pictures of two digits, of which one is asked for.

    Attributes:
        images, labels, boxes, masks: as in `Digits`; all but the images are those of the digit
            that is asked for.
        asked: (N,), int64, which it is: 0 for the first of the two digits, 1 for the second;
            what makes the pictures says which one is called the first.
        other_labels, other_boxes, other_masks: the same for the digit that is not asked for:
            what the answer would be if the other were.
    """

    asked: Int64[Tensor, " n"]
    other_labels: Int64[Tensor, " n"]
    other_boxes: Int64[Tensor, "n 4"]
    other_masks: Bool[Tensor, "n 1 h w"]

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("asked", "other_labels"):
            self.require(name, getattr(self, name), torch.int64, tuple(self.labels.shape))
        self.require("other_boxes", self.other_boxes, torch.int64, tuple(self.boxes.shape))
        self.require("other_masks", self.other_masks, torch.bool, tuple(self.masks.shape))


@dataclass(frozen=True, eq=False)
class Cued(Pair):
    """Pictures of two digits, and of a cue that says which of them is to be read.

    Attributes:
        images, labels, boxes, masks, other_labels, other_boxes, other_masks: as in `Pair`.
        asked: (N,), int64, what the cue says: 0 for the digit in the first colour, 1 for that
            in the second.
        cue_boxes: (N, 4), int64, the cue's box.
        cue_masks: (N, 1, H, W), True at the cue's own pixels.
    """

    cue_boxes: Int64[Tensor, "n 4"]
    cue_masks: Bool[Tensor, "n 1 h w"]

    def __post_init__(self) -> None:
        super().__post_init__()
        self.require("cue_boxes", self.cue_boxes, torch.int64, tuple(self.boxes.shape))
        self.require("cue_masks", self.cue_masks, torch.bool, tuple(self.masks.shape))


def need(owner: str, package: str, cure: str, load: Callable[[], Any]) -> Any:
    """Return what ``load`` returns, or say how to install the package that it misses.

    One whose files are missing, or which was built for another PyTorch and fails with OSError or
    RuntimeError, is reported likewise; the first error stays as the cause.
    """
    try:
        return load()
    except (ImportError, OSError, RuntimeError) as error:
        raise problem(
            ImportError, "error.package", owner=owner, package=package,
            given=f"{type(error).__name__}: {error}", allowed=cure,
        ) from error  # fmt: skip
