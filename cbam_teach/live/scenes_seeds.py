"""One comparison of two variants, repeated many times: how often do a few seeds see the gain?"""

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from cbam_teach.statistics import stats
from cbam_teach.style import COLOURS

REPEATS, SEEDS = 40, 15  # experiments, and seeds at most in each
LEVEL = 0.95
COLUMNS, ZERO, FINE = 161, 40, 20  # of the picture; the column of 0; columns to a point
SOFT = 2  # columns over which the end of a bar fades
BAR, PITCH = 2, 3  # rows of an interval, and rows from one interval to the next
COLOUR = (COLOURS[1], "#9a9a9a", COLOURS[0])  # of an interval below 0, with 0 inside, above 0


def table() -> Float[Tensor, "1 experiments seeds"]:
    """Return standard normal numbers, a row for each experiment: what chance gives each seed."""
    numbers = np.random.default_rng(0).standard_normal((1, REPEATS, SEEDS))
    return torch.from_numpy(numbers).float()


class Repeated(nn.Module):
    """Repeat a paired comparison, and look at each mean difference with its 95 % interval.

    The difference of seed k in an experiment is gain + deviation · z_k; the interval around the
    mean of the first n is Student's, as in `statistics.mean_interval`.

    Shape:
        z (1, 1, R, N), standard normal numbers, as from `table`, and three scalars: the true gain
        and the standard deviation of a difference, in points, and how many seeds are used, 2 to
        N, rounded -> ``ends`` (1, 2, R, 1), the interval's; ``intervals`` (1, 3, 3R, 161), a
        picture with two rows for each, from -2 to 6 points, orange below 0, grey around it, blue
        above, a line at 0 and dots at the true gain; ``found_shares`` (1, 2, 1, 1), the share of
        experiments whose interval is above 0, and of those whose interval leaves 0 out;
        ``found_gain`` (1, 1, 1, 1), the mean difference of those above 0; 0 where there is none.

    Raises:
        ImportError: where scipy is missing.
    """

    quantiles: Tensor
    colours: Tensor

    def __init__(self) -> None:
        super().__init__()
        from matplotlib.colors import to_rgb

        student = stats("Repeated").t
        t = [float(student.isf((1 - LEVEL) / 2, n - 1)) if n > 1 else 0.0 for n in range(SEEDS + 1)]
        self.register_buffer("quantiles", torch.tensor(t), persistent=False)
        rgb = torch.tensor([to_rgb(colour) for colour in COLOUR])  # (3, 3)
        self.register_buffer("colours", rgb, persistent=False)

    def forward(
        self, z: Float[Tensor, "1 1 r k"], gain: Tensor, deviation: Tensor, seeds: Tensor
    ) -> dict[str, Tensor]:
        n = seeds.round()
        used = (torch.arange(z.shape[3]).to(z) < n - 0.5).to(z)  # (N,)
        t = (self.quantiles * (torch.arange(SEEDS + 1).to(z) == n).to(z)).sum()
        d = gain + deviation * z[0, 0]  # (R, N)
        mean = added(used * d) / n  # (R,)
        s = (added(used * (d - mean[:, None]) ** 2) / (n - 1)).sqrt()  # (R,)
        half = t * s / n.sqrt()
        low, high = mean - half, mean + half
        above, below = (low > 0).to(z), (high < 0).to(z)
        shares = torch.stack([above.mean(), (above + below).mean()])
        found = (above * mean).sum() / above.sum().clamp(min=1)
        kinds = torch.stack([below, 1 - above - below, above])  # (3, R): one of them is 1
        return {
            "ends": torch.stack([low, high]).view(1, 2, -1, 1),
            "intervals": picture(low, high, kinds.T @ self.colours, gain),
            "found_shares": shares.view(1, 2, 1, 1),
            "found_gain": found.view(1, 1, 1, 1),
        }


def added(x: Float[Tensor, "r k"]) -> Float[Tensor, " r"]:
    """Return the sum of each row, one number after another: the same digits in every engine."""
    total, *others = x.unbind(1)
    for each in others:
        total = total + each
    return total


def picture(
    low: Float[Tensor, " r"],
    high: Float[Tensor, " r"],
    colours: Float[Tensor, "r 3"],
    gain: Tensor,
) -> Float[Tensor, "1 3 r3 w"]:
    """Return intervals as bars on white, a line at 0, and dots at the gain between the bars."""
    column = torch.arange(COLUMNS).to(low) - ZERO  # (W,)
    left, right = FINE * low[:, None], FINE * high[:, None]  # (R, 1)
    bar = (torch.minimum(column - left, right - column) / SOFT + 0.5).clamp(0, 1)  # (R, W)
    bars = 1 - bar[None] * (1 - colours.T[..., None])  # (3, R, W)
    dot = (1 - (column - FINE * gain).abs()).clamp(0, 1)  # (W,)
    dots = (1 - dot).expand(3, len(low), -1)
    rows = torch.stack([bars] * BAR + [dots] * (PITCH - BAR), 2)  # (3, R, 3, W)
    line = (column == 0).to(low)
    return rows.flatten(1, 2)[None] * (1 - line)
