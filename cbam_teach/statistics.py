"""How sure one may be of a mean over a few seeds, and how many seeds a small gain needs.

Everything rests on values that are independent and, but for many of them, about normal. Over
seeds that means: what a seed decides (weights, order, pictures) is all that varies.
"""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float64
from numpy import ndarray

from cbam_teach import checks
from cbam_teach.language import problem
from cbam_teach.pictures import need

Values = Sequence[float] | ndarray


class Interval(NamedTuple):
    """A mean, and the two ends of an interval around it, in the values' unit."""

    mean: float
    low: float
    high: float


class Difference(NamedTuple):
    """A mean difference, the two ends of its interval, and the p value of no difference."""

    mean: float
    low: float
    high: float
    p: float


def mean_interval(values: Values, level: float = 0.95) -> Interval:
    """Return the mean and Student's interval for it: mean ± t · s / √n.

    Of repeated experiments, a share ``level`` has intervals that hold the true mean. One value
    says nothing of the spread: its interval goes from -∞ to ∞.

    Args:
        values: n numbers, one for each seed.
        level: the share, above 0 and below 1.

    Raises:
        TypeError, ValueError: for no values, values that are not finite, or another level.
        ImportError: where scipy is missing.
    """
    numbers = read("mean_interval", "values", values)
    return around("mean_interval", numbers, level, 1 / len(numbers))


def prediction_interval(values: Values, level: float = 0.95) -> Interval:
    """Return the mean and the interval for one more value: mean ± t · s · √(1 + 1/n).

    Of repeated experiments, a share ``level`` has intervals that hold the next value. One value
    predicts nothing: from -∞ to ∞. Arguments and errors as in `mean_interval`.
    """
    numbers = read("prediction_interval", "values", values)
    return around("prediction_interval", numbers, level, 1 + 1 / len(numbers))


def paired(values: Values, others: Values, level: float = 0.95) -> Difference:
    """Return the mean of values - others, pair by pair, its interval and its p value.

    The interval is `mean_interval`'s; p is that of Student's paired test, both sides: how
    probable a mean at least so far from 0 would be if the true one were 0. A single pair has
    p = 1. Of pairs that all differ alike p is 0, and 1 where they do not differ.

    Args:
        values, others: n numbers each, in the same order of seeds.
        level: the share, above 0 and below 1.

    Raises:
        TypeError, ValueError: as `mean_interval`, and for rows of two lengths.
        ImportError: where scipy is missing.
    """
    first, second = read("paired", "values", values), read("paired", "others", others)
    if len(first) != len(second):
        raise problem(
            ValueError, "error.pairs", owner="paired",
            given=f"{len(first)}, {len(second)}", allowed="n, n",
        )  # fmt: skip
    differences, n = first - second, len(first)
    mean, low, high = around("paired", differences, level, 1 / n)
    s = deviation(differences)
    t = 0.0 if mean == 0 else abs(mean) * math.sqrt(n) / s if s else math.inf
    p = 2 * stats("paired").t.sf(t, max(n - 1, 1))
    return Difference(mean, low, high, float(p))


def seeds_needed(
    gain: float, deviation: float, power: float = 0.8, level: float = 0.95, *, paired: bool = True
) -> int:
    """Return how many seeds it takes to see a gain: n, for each of the two variants.

    It is the least n at which Student's test, both sides, finds a difference at the given level
    with at least the given probability, if the true gain is ``gain``. Exact, by the noncentral
    t distribution: n - 1 degrees of freedom and δ = gain · √n / deviation for pairs, 2n - 2 and
    gain · √(n/2) / deviation for two independent rows.

    Args:
        gain: the difference of the two true means, above 0.
        deviation: a standard deviation in the same unit, above 0: that of the differences for
            pairs; otherwise that of either variant.
        power: the probability of seeing it, above 0 and below 1.
        level: of the interval that must leave out 0; 1 - level is the risk of seeing a gain
            where there is none.
        paired: whether both variants share their seeds and are compared pair by pair.

    Raises:
        TypeError, ValueError: for a number that is not allowed.
        ImportError: where scipy is missing.
    """
    owner = "seeds_needed"
    checks.number(owner, "gain", gain, above=0)
    checks.number(owner, "deviation", deviation, above=0)
    checks.number(owner, "power", power, above=0, below=1)
    checks.number(owner, "level", level, above=0, below=1)
    checks.flag(owner, "paired", paired)
    library = stats(owner)

    def found(n: int) -> bool:
        freedom = float(n - 1 if paired else 2 * n - 2)
        shift = gain / deviation * math.sqrt(n if paired else n / 2)
        edge = library.t.isf((1 - level) / 2, freedom)
        tails = library.nct.sf(edge, freedom, shift), library.nct.cdf(-edge, freedom, shift)
        return float(np.nan_to_num(tails).sum()) >= power  # a tail too small for scipy is nan

    low, high = 1, 2  # too few, and perhaps enough
    while not found(high):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if found(middle) else (middle, high)
    return high


def holm(p_values: Values) -> list[float]:
    """Return Holm's adjusted p values for a family of comparisons, in the order given.

    Call those at most α findings, and the probability of one false finding or more is at most α,
    however the comparisons depend on each other. The k-th smallest of m is multiplied by
    m - k + 1, and is then at least what the smaller ones became and at most 1.

    Args:
        p_values: m numbers from 0 to 1.

    Raises:
        ValueError: for none, or numbers that are not p values.

    Source:
        Holm, 1979, "A simple sequentially rejective multiple test procedure".
    """
    numbers = read("holm", "p_values", p_values)
    for p in numbers.tolist():
        checks.number("holm", "p_values", p, least=0, most=1)
    order = numbers.argsort(kind="stable")
    left = np.arange(len(numbers), 0, -1)  # m, m - 1, …, 1
    adjusted = np.empty_like(numbers)
    adjusted[order] = np.maximum.accumulate(numbers[order] * left).clip(max=1)
    return adjusted.tolist()


def around(owner: str, numbers: Float64[ndarray, " n"], level: float, share: float) -> Interval:
    """Return mean ± t · s · √share, where s² is the variance of one value."""
    checks.number(owner, "level", level, above=0, below=1)
    mean, s = float(numbers.mean()), deviation(numbers)
    t = stats(owner).t.isf((1 - level) / 2, max(len(numbers) - 1, 1))
    half = float(t) * s * math.sqrt(share)
    return Interval(mean, mean - half, mean + half)


def deviation(numbers: Float64[ndarray, " n"]) -> float:
    """Return the standard deviation, its square over n - 1; ∞ of one number."""
    return float(numbers.std(ddof=1)) if len(numbers) > 1 else math.inf


def read(owner: str, option: str, values: Values) -> Float64[ndarray, " n"]:
    """Return the values as a row of numbers, or refuse what is none."""
    try:
        numbers = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        numbers = np.array(math.nan)
    if numbers.ndim != 1 or len(numbers) == 0 or not np.isfinite(numbers).all():
        raise problem(
            ValueError, "error.numbers", owner=owner, option=option,
            given=repr(values), allowed="[0.91, 0.93, …]",
        )  # fmt: skip
    return numbers


def stats(owner: str) -> Any:
    """Return scipy.stats, which scikit-learn brings along."""

    def load() -> Any:
        import scipy.stats

        return scipy.stats

    return need(owner, "scipy", "pip install scipy", load)
