"""Pictures in folders, one folder a class, read and cut as networks for ImageNet expect."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
import torch
from jaxtyping import Float32
from PIL import Image
from torch import Tensor
from torch.utils.data import Dataset

from cbam_teach import checks
from cbam_teach.language import problem

ENDINGS = (".jpeg", ".jpg", ".png", ".bmp", ".webp")
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # red, green, blue, over ImageNet

View: TypeAlias = Callable[[Image.Image, np.random.Generator], Image.Image]
Box = tuple[int, int, int, int]  # left, upper, right, lower, in pixels


class PictureFolder(Dataset[tuple[Tensor, int]]):
    """The pictures of ``folder/<class>/<name>``, with the number of their class.

    Classes are numbered by the order of their names. What is random in the view of a picture
    depends on the seed, the epoch and the picture's index, and on nothing else.

    Args:
        folder: holds one folder for each class; files other than pictures are passed over.
        view: makes the square that the network sees, from a picture and a random generator.
        seed: 0 or more.

    Shape:
        each sample: (3, S, S) float32, less the mean and divided by the standard deviation
        over ImageNet; and an integer.

    Raises:
        FileNotFoundError, ValueError: for a folder without classes and a class without
            pictures; when a sample is asked for, for a picture that cannot be read. Each
            names the path.
    """

    def __init__(self, folder: str | Path, view: View, *, seed: int = 0) -> None:
        checks.integer("PictureFolder", "seed", seed, least=0)
        self.view, self.seed, self.epoch = view, seed, 0
        self.classes: list[str] = []
        paths: list[bytes] = []
        labels: list[int] = []
        for number, sub in enumerate(class_folders(Path(folder))):
            inside = sorted(path for path in sub.iterdir() if path.suffix.lower() in ENDINGS)
            if not inside:
                raise problem(
                    ValueError, "error.no_pictures", given=str(sub), allowed=list(ENDINGS)
                )
            self.classes.append(sub.name)
            paths += map(os.fsencode, inside)
            labels += [number] * len(inside)
        # Arrays: workers share them, while of a list each would come to hold a copy, because
        # whoever reads an element of a list writes down how often that is referred to.
        self.paths, self.labels = np.array(paths), np.array(labels)

    def set_epoch(self, epoch: int) -> None:
        """Choose the views of an epoch, the first being 0."""
        self.epoch = epoch

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: int) -> tuple[Float32[Tensor, "3 s s"], int]:
        label = int(self.labels[index])
        generator = np.random.default_rng([self.seed, self.epoch, index])
        return to_tensor(self.view(read(os.fsdecode(self.paths[index])), generator)), label


def class_folders(folder: Path) -> list[Path]:
    """Return the folders in a folder, by name."""
    found = sorted(path for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []
    if not found:
        kind = ValueError if folder.is_dir() else FileNotFoundError
        raise problem(
            kind, "error.no_classes", given=str(folder), allowed=f"{folder}/<class>/*.jpeg"
        )
    return found


def read(path: str) -> Image.Image:
    """Read a picture as red, green and blue, whatever its own colours are."""
    try:
        with Image.open(path) as picture:
            return picture.convert("RGB")
    except Exception as error:  # a damaged file can fail in any part of the decoder
        raise problem(
            ValueError, "error.picture", path=path, given=type(error).__name__,
            allowed=list(ENDINGS),
        ) from error  # fmt: skip


def to_tensor(picture: Image.Image) -> Float32[Tensor, "3 h w"]:
    """Return brightness as numbers of mean 0 and deviation 1 over ImageNet."""
    values = torch.from_numpy(np.array(picture, dtype=np.float32))  # (H, W, 3), from 0 to 255
    values = (values / 255 - torch.tensor(MEAN)) / torch.tensor(STD)
    return values.permute(2, 0, 1).contiguous()  # (3, H, W)


@dataclass(frozen=True)
class RandomView:
    """A part of the picture, of random place, size and shape, mirrored half of the time.

    The part has 8 % to 100 % of the area and sides in a ratio of 3/4 to 4/3, drawn evenly on
    a logarithmic scale; it is resized to a square of ``size`` pixels.

    Source:
        Going Deeper with Convolutions (Szegedy et al., 2015), section 6, as in torchvision.
    """

    size: int

    def __call__(self, picture: Image.Image, generator: np.random.Generator) -> Image.Image:
        box = random_box(*picture.size, generator)
        picture = picture.resize((self.size, self.size), Image.Resampling.BILINEAR, box=box)
        if generator.random() < 0.5:
            picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        return picture


@dataclass(frozen=True)
class CentreView:
    """The square of ``size`` pixels in the middle, once the short side has ``short_side``."""

    size: int
    short_side: int

    def __call__(self, picture: Image.Image, generator: np.random.Generator) -> Image.Image:
        short = min(picture.size)
        width, height = (side * self.short_side // short for side in picture.size)
        left, upper = round((width - self.size) / 2), round((height - self.size) / 2)
        picture = picture.resize((width, height), Image.Resampling.BILINEAR)
        return picture.crop((left, upper, left + self.size, upper + self.size))


def random_box(width: int, height: int, generator: np.random.Generator) -> Box:
    """Draw a part of a picture as in `RandomView`; after ten that do not fit, take the largest
    one in the middle whose ratio is allowed."""
    low, high = 3 / 4, 4 / 3  # width / height
    for _ in range(10):
        area = width * height * generator.uniform(0.08, 1)
        ratio = np.exp(generator.uniform(np.log(low), np.log(high)))
        w, h = round(np.sqrt(area * ratio)), round(np.sqrt(area / ratio))
        if 0 < w <= width and 0 < h <= height:
            left = int(generator.integers(width - w + 1))
            upper = int(generator.integers(height - h + 1))
            return left, upper, left + w, upper + h
    w, h = min(width, round(height * high)), min(height, round(width / low))
    left, upper = (width - w) // 2, (height - h) // 2
    return left, upper, left + w, upper + h
