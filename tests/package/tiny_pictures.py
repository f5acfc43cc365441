"""A folder laid out as ImageNet's, small enough to train on in a moment."""

from pathlib import Path

import numpy as np
from PIL import Image

RECIPE = """
[network]
depth = 18
attention = "cbam"

[pictures]
size = 32
short_side = 36

[training]
epochs = 1
batch_size = 4
lr = 0.02
momentum = 0.0  # less to write
weight_decay = 0.0001
"""


def make(folder: Path, *, train: int = 5, held_out: int = 3) -> Path:
    """Write two classes of pictures of 40 × 50 pixels, ruled along rows or columns, and a recipe.

    Args:
        folder: made, if it is not there.
        train, held_out: how many pictures each class has in train/ and in val/.
    """
    generator = np.random.default_rng(0)
    for part, count in (("train", train), ("val", held_out)):
        for axis, name in enumerate(("columns", "rows")):
            place = folder / part / name
            place.mkdir(parents=True)
            for number in range(count):
                values = generator.integers(0, 256, size=(40, 50, 3), dtype=np.uint8)
                lines = np.arange(40)[:, None] if axis else np.arange(50)[None, :]
                values[(lines % 8 < 4).repeat(50 if axis else 40, axis=axis)] = 255
                Image.fromarray(values).save(place / f"{number}.JPEG", quality=95)
    (folder / "tiny.toml").write_text(RECIPE)
    return folder
