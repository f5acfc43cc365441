"""A spatial mask that is set by hand, and what the two numbers that it reads can tell apart."""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from cbam_teach.live.experiments_mask import far_from
from cbam_teach.plain import pool_channels

SIDE, REACH = 7, 3  # of the window; from its middle to its border, pixels
HALF = 4  # from the middle of an object to its border, pixels
LIGHT = 0.9  # brightness of both objects, in the channels that they light up
GAIN, BIAS = 10.0, -3.0  # of the logit


class Told(nn.Module):
    """Show a coloured and a white square to a mask with one flat window.

    The mask is σ(10 (a · mean + m · maximum) - 3), both averaged over a window of 7 × 7. The
    coloured square is bright in one channel, the white one, three quarters of the way down and
    across, in all three.

    Shape:
        an even ground (1, 3, H, W) and six scalars: the channel of the coloured square, 0 to 2;
        the weights a and m; 1 to continue the picture around the border and 0 for zeros there; the
        coloured square's row and column, rounded to whole pixels, -> ``drawn`` (1, 3, H, W);
        ``two_maps`` (1, 2, H, W), mean and maximum; ``mask`` (1, 1, H, W); ``four_places``
        (1, 4, 1, 1), the mask in the middle of the coloured and of the white square, on the ground
        far from everything, and in the corner at the bottom left.
    """

    def forward(
        self,
        image: Float[Tensor, "1 3 h w"],
        lit: Tensor,
        of_mean: Tensor,
        of_max: Tensor,
        beyond: Tensor,
        object_row: Tensor,
        object_column: Tensor,
    ) -> dict[str, Tensor]:
        place, white = (object_row.round(), object_column.round()), white_place(image)
        shows = (torch.arange(3).to(image) == lit.round()).to(image).view(1, 3, 1, 1)
        x = image + square(image, *white) * (LIGHT - image)
        x = x + square(image, *place) * (shows * LIGHT + (1 - shows) * image - x)  # (1, 3, H, W)
        pooled = pool_channels(x)  # (1, 2, H, W)
        window = torch.where(beyond > 0.5, flat(around_the_border(pooled)), flat(zeros(pooled)))
        alpha = weigh(window, of_mean, of_max)  # (1, 1, H, W)
        ground = weigh(pool_channels(image)[..., :1, :1], of_mean, of_max)  # (1, 1, 1, 1)
        marks = [at(alpha, *place), at(alpha, *white), ground, alpha[..., -1:, :1]]
        return {"drawn": x, "two_maps": pooled, "mask": alpha, "four_places": torch.cat(marks, 1)}


def white_place(image: Float[Tensor, "1 c h w"]) -> tuple[Tensor, Tensor]:
    """Return the row and the column in the middle of the white square."""
    row, column = (torch.tensor(float(3 * size // 4)).to(image) for size in image.shape[2:])
    return row, column


def square(image: Float[Tensor, "1 c h w"], row: Tensor, column: Tensor) -> Float[Tensor, "h w"]:
    """Return 1 on a square of 9 × 9 around a place, else 0."""
    return (far_from(image, row, column) < HALF + 0.5).to(image)


def at(alpha: Float[Tensor, "1 1 h w"], row: Tensor, column: Tensor) -> Float[Tensor, "1 1 1 1"]:
    """Return the mask at one place."""
    here = (far_from(alpha, row, column) < 0.5).to(alpha)  # (H, W)
    return (here * alpha).sum((2, 3), keepdim=True)


def zeros(pooled: Float[Tensor, "1 2 h w"]) -> Float[Tensor, "1 2 h6 w6"]:
    """Put zeros beyond the border, as far as the window reaches."""
    return F.pad(pooled, [REACH] * 4)


def around_the_border(pooled: Float[Tensor, "1 2 h w"]) -> Float[Tensor, "1 2 h6 w6"]:
    """Put the opposite side beyond the border, as far as the window reaches."""
    tall = torch.cat([pooled[:, :, -REACH:], pooled, pooled[:, :, :REACH]], 2)
    return torch.cat([tall[..., -REACH:], tall, tall[..., :REACH]], 3)


def flat(padded: Float[Tensor, "1 2 h6 w6"]) -> Float[Tensor, "1 2 h w"]:
    """Average each of the two maps over the window."""
    return F.avg_pool2d(padded, SIDE, stride=1)


def weigh(
    window: Float[Tensor, "1 2 h w"], of_mean: Tensor, of_max: Tensor
) -> Float[Tensor, "1 1 h w"]:
    """Return the mask for the averages of mean and maximum over the window."""
    z = of_mean * window[:, :1] + of_max * window[:, 1:]  # (1, 1, H, W)
    return torch.sigmoid(GAIN * z + BIAS)
