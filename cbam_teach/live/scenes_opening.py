"""Two trained networks that read the same cued digits: the reader moves digits and cue."""

import copy
from itertools import pairwise

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from cbam_teach.cued import COLOURS
from cbam_teach.digits import put, source
from cbam_teach.language import say
from cbam_teach.live.scenes_cue import covered_square
from cbam_teach.trace import trace

SIZE, SIDE, CUE = 40, 14, 4  # sides of the picture, of a digit's square, of the cue, in pixels
ROW, LEFT, RIGHT = 20, 10, 30  # the middle of the orange digit and of the blue one, unmoved
MASK = "block1.attention.channel.mask"


class Asked(nn.Module):
    """Put two digits and a cue where the reader wants them, and let two networks read.

    Args:
        plain: a network without attention, (B, 3, H, W) -> (B, 10).
        attended: one whose first block has a CBAM of C channels. Of both a copy runs, `folded`.

    Shape:
        x (1, 3, 40, 40), a picture of `two_digits`, and eight scalars: row and column of the
        middle of the orange digit, of the blue one, of the cue, as far as they fit in, rounded;
        whether there is a cue; its colour, 0 orange, 1 blue -> ``scene`` (1, 3, 40, 40);
        ``plain_says`` and ``attended_says`` (1, 10), the probabilities of the digits;
        ``mask_without`` and ``mask_with`` (1, C, 1, 1), the channel mask of the first block for
        the picture without its cue, and as it is.
    """

    colours: Tensor

    def __init__(self, plain: nn.Module, attended: nn.Module) -> None:
        super().__init__()
        self.plain, self.attended = folded(plain), folded(attended)
        self.register_buffer("colours", torch.from_numpy(COLOURS), persistent=False)

    def forward(
        self, x: Float[Tensor, "1 3 h w"], orange_row: Tensor, orange_column: Tensor,
        blue_row: Tensor, blue_column: Tensor, sign_row: Tensor, sign_column: Tensor,
        sign_shown: Tensor, sign_colour: Tensor,
    ) -> dict[str, Tensor]:  # fmt: skip
        orange, blue = self.colours[..., None, None]  # (3, 1, 1) each
        bare = orange * moved(x[:, :1], orange_row, orange_column, LEFT)
        bare = bare + blue * moved(x[:, 2:], blue_row, blue_column, RIGHT)
        square = covered_square(x, sign_row, sign_column, torch.full_like(sign_row, CUE))
        said = torch.where(sign_colour > 0.5, blue, orange)
        scene = bare + square * sign_shown * (said - bare)
        both = torch.cat([bare, scene])  # (2, 3, H, W)
        with trace(self.attended) as maps:
            attended = self.attended(both).softmax(1)  # (2, 10)
        masks = maps[MASK]  # (2, C, 1, 1)
        return {
            "scene": scene,
            "plain_says": self.plain(scene).softmax(1),
            "attended_says": attended[1:],
            "mask_without": masks[:1],
            "mask_with": masks[1:],
        }


def folded(net: nn.Module) -> nn.Module:
    """Return a copy in evaluation mode whose convolutions have taken up the batch norm behind them.

    An engine that folds them itself rounds otherwise than PyTorch does; so neither has to.
    """
    net = copy.deepcopy(net).eval().requires_grad_(False)
    for part in list(net.modules()):
        for (first, conv), (second, norm) in pairwise(list(part.named_children())):
            if isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
                fused = fuse_conv_bn_eval(conv.double(), norm.double()).float()
                part.add_module(first, fused)
                part.add_module(second, nn.Identity())
    return net


def moved(
    x: Float[Tensor, "1 1 h w"], row: Tensor, column: Tensor, home: int
) -> Float[Tensor, "1 1 h w"]:
    """Move a digit whose middle is in column ``home`` of row `ROW`; its square stays inside."""
    half = SIDE // 2
    down, right = (
        middle.round().clamp(half, length - half) - start
        for middle, start, length in ((row, ROW, x.shape[2]), (column, home, x.shape[3]))
    )
    return shift(x.shape[2], down, x) @ x @ shift(x.shape[3], right, x).T


def shift(count: int, by: Tensor, like: Tensor) -> Float[Tensor, "n n"]:
    """Return the matrix that moves a column's numbers down: 1 where i - j is ``by``, else 0."""
    place = torch.arange(count).to(like)
    return ((place[:, None] - place - by).abs() < 0.5).to(like)


def two_digits(*pairs: tuple[int, int]) -> dict[str, Float[Tensor, "3 40 40"]]:
    """Return pictures of an orange digit on the left and a blue one on the right, by their names.

    Args:
        pairs: the two digits of each; of every class the first in the test split.
    """
    cells, labels = source("test")
    first = [int(np.flatnonzero(labels == digit)[0]) for digit in range(10)]
    album = {}
    for orange, blue in pairs:
        canvas = np.zeros((2, SIZE, SIZE), np.float32)
        corner = np.array([ROW, ROW]) - SIDE // 2, np.array([LEFT, RIGHT]) - SIDE // 2
        put(canvas, cells[[first[orange], first[blue]]], np.array([SIDE, SIDE]), *corner)
        image = np.einsum("dhw,dc->chw", canvas, COLOURS)  # (3, H, W)
        name = say("live.opening.picture", orange=orange, blue=blue)
        album[name] = torch.from_numpy(image.astype(np.float32))
    return album
