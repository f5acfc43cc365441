"""Pictures of placed digits as several tests make them."""

import numpy
import torch

from cbam_teach import data
from cbam_teach.placed import SCENE


def bare(count: int, **options) -> data.Pair:
    """Pictures without noise."""
    return data.placed_digits(count, **{"seed": 3, "noise": 0} | options)


def rolled(images: torch.Tensor) -> torch.Tensor:
    """The pictures moved half their height down; what leaves below comes back above."""
    return images.roll(images.shape[2] // 2, dims=2)


def exchanging(draw):
    """Make `digits.draw` hand the upper digit what the lower one would get, and the other way
    round: numbers exactly as likely."""

    def drawn(seed: int, split: str, stream: int, shape: tuple[int, ...]) -> numpy.ndarray:
        chance = draw(seed, split, stream, shape)
        if stream != SCENE:
            return chance
        first, second = numpy.divmod((chance[:, 0] * 90).astype(int), 9)
        second += second >= first
        swapped = 9 * second + first - (first > second)  # the number of the pair (second, first)
        pair, light = (swapped + 0.5) / 90, (chance[:, 1] + 0.5) % 1
        turned = chance[:, 2:].reshape(-1, 4, 2)[:, :, ::-1].reshape(-1, 8)
        return numpy.concatenate([pair[:, None], light[:, None], turned], axis=1)

    return drawn
