"""Intervals and numbers of seeds against scipy's own tests, printed tables and counting."""

import math

import numpy as np
import pytest
from scipy import integrate, stats

from cbam_teach.statistics import (
    holm,
    mean_interval,
    paired,
    prediction_interval,
    seeds_needed,
)

ROWS = [[0.91, 0.93], [0.5, 0.52, 0.47, 0.61, 0.55], [3.0, -1, 4, 1, -5, 9, 2, 6]]


def test_an_interval_on_paper():
    """1 to 5: mean 3, s = √2.5, t(0.975; 4) = 2.776445, as tables print it."""
    found = mean_interval([1, 2, 3, 4, 5])
    half = 2.776445 * math.sqrt(2.5 / 5)
    assert found == pytest.approx((3, 3 - half, 3 + half), abs=1e-6)
    half = 2.776445 * math.sqrt(2.5 * (1 + 1 / 5))
    assert prediction_interval([1, 2, 3, 4, 5]) == pytest.approx((3, 3 - half, 3 + half), abs=1e-5)
    half = 2.131847 * math.sqrt(2.5 / 5)  # t(0.95; 4)
    assert mean_interval([1, 2, 3, 4, 5], 0.9).high == pytest.approx(3 + half, abs=1e-6)


@pytest.mark.parametrize("row", ROWS)
@pytest.mark.parametrize("level", [0.5, 0.95, 0.999])
def test_the_interval_is_scipys(row, level):
    found = mean_interval(np.array(row), level)
    ends = stats.t.interval(level, len(row) - 1, np.mean(row), stats.sem(row))
    assert found == pytest.approx((np.mean(row), *ends))
    own = stats.ttest_1samp(row, 0).confidence_interval(level)
    assert (found.low, found.high) == pytest.approx((own.low, own.high))


@pytest.mark.parametrize("row", ROWS)
def test_pairs_are_scipys(row):
    others = [0.1 * k for k in range(len(row))][::-1]
    found, test = paired(row, others), stats.ttest_rel(row, others)
    ends = test.confidence_interval()
    assert found == pytest.approx((np.mean(row) - np.mean(others), *ends, test.pvalue))
    back = paired(others, row)
    assert back == pytest.approx((-found.mean, -found.high, -found.low, found.p))
    assert (found.p < 0.05) == (found.low > 0 or found.high < 0)
    assert found.p != pytest.approx(stats.ttest_ind(row, others).pvalue, rel=1e-3)


def test_one_value_tells_nothing_and_equal_ones_all():
    assert mean_interval([2]) == prediction_interval([2]) == (2, -math.inf, math.inf)
    assert paired([2], [1]) == (1, -math.inf, math.inf, 1)
    assert mean_interval([0.5, 0.5, 0.5]) == prediction_interval([0.5, 0.5]) == (0.5, 0.5, 0.5)
    assert paired([1, 2, 3], [0.5, 1.5, 2.5]) == (0.5, 0.5, 0.5, 0)
    assert paired([1, 2, 3], [1, 2, 3]) == (0, 0, 0, 1)


@pytest.mark.parametrize("n", [2, 5])
@pytest.mark.parametrize("level", [0.8, 0.95])
def test_intervals_hold_as_often_as_they_say(n, level):
    numbers, runs = np.random.default_rng(7).normal(3, 2, (500, n + 1)), 500
    hits = [0, 0]
    for row in numbers:
        means, next_one = mean_interval(row[:n], level), prediction_interval(row[:n], level)
        hits[0] += means.low <= 3 <= means.high
        hits[1] += next_one.low <= row[n] <= next_one.high
    slack = 4 * math.sqrt(level * (1 - level) / runs)
    assert [count / runs for count in hits] == pytest.approx([level] * 2, abs=slack)


@pytest.mark.parametrize(
    ("size", "pairs", "groups"), [(0.2, 199, 394), (0.5, 34, 64), (0.8, 15, 26), (1.0, 10, 17)]
)
def test_seeds_as_tables_print_them(size, pairs, groups):
    """Cohen, 1988, table 2.4.1 for two groups; for pairs the usual programs' numbers."""
    assert seeds_needed(size, 1) == seeds_needed(0.005 * size, 0.005) == pairs
    assert seeds_needed(size, 1, paired=False) == groups


@pytest.mark.parametrize("both", [True, False])
@pytest.mark.parametrize(
    ("gain", "power", "level"), [(0.7, 0.9, 0.95), (1.5, 0.8, 0.99), (3, 0.6, 0.9)]
)
def test_the_number_is_the_least_that_has_the_power(both, gain, power, level):
    n = seeds_needed(gain, 1, power, level, paired=both)

    def reached(n):
        """The power by integrating over the deviation that is found: √(χ²/df) times the true."""
        df, shift = (n - 1, gain * math.sqrt(n)) if both else (2 * n - 2, gain * math.sqrt(n / 2))
        edge = stats.t.ppf((1 + level) / 2, df)
        s = np.linspace(1e-6, 8, 400_001)
        density = stats.chi2.pdf(df * s**2, df) * 2 * df * s
        rejects = stats.norm.sf(edge * s - shift) + stats.norm.cdf(-edge * s - shift)
        return integrate.trapezoid(density * rejects, s)

    assert reached(n) >= power
    assert n == 2 or reached(n - 1) < power


def test_seeds_at_the_ends():
    assert seeds_needed(100, 1) == seeds_needed(1e6, 1, paired=False) == 2
    few, many = seeds_needed(0.01, 1), seeds_needed(0.001, 1)
    about = (stats.norm.ppf(0.975) + stats.norm.ppf(0.8)) ** 2  # (z + z)² σ² / gain²
    assert few == pytest.approx(about * 1e4, rel=1e-3)
    assert many == pytest.approx(about * 1e6, rel=1e-4)
    assert seeds_needed(0.5, 1, power=0.95) > seeds_needed(0.5, 1) > seeds_needed(0.5, 1, level=0.9)


def test_holm_on_paper():
    """0.005 · 4, 0.01 · 3, 0.03 · 2, and 0.04 · 1, which may not fall below the one before."""
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.6, 0.4, 0.9]) == pytest.approx([1, 1, 1])
    assert holm([0.02]) == [0.02]
    assert holm([0.01, 0.01, 1]) == pytest.approx([0.03, 0.03, 1])


@pytest.mark.parametrize("m", [1, 2, 7])
def test_holm_rejects_what_the_stepwise_rule_rejects(m):
    generator = np.random.default_rng(m)
    for _ in range(50):
        p, alpha = generator.random(m) ** 3, 0.05
        found = {k for k, value in enumerate(holm(p)) if value <= alpha}
        rejected = set()
        for step, k in enumerate(np.argsort(p).tolist()):
            if p[k] > alpha / (m - step):
                break
            rejected.add(k)
        assert found == rejected


@pytest.mark.usefixtures("as_released")
@pytest.mark.parametrize(
    "values", [[], 3.0, [[1, 2], [3, 4]], [1, math.nan], ["x"], None, [[1], 2]]
)
def test_what_is_no_row_of_numbers_is_refused(values):
    for function in (mean_interval, prediction_interval, holm):
        with pytest.raises(ValueError, match=r"must be a row of one.*Allowed: \[0\.91"):
            function(values)
    with pytest.raises(ValueError, match="paired: `others` must be a row"):
        paired([1, 2], values)


@pytest.mark.usefixtures("as_released")
def test_what_is_refused():
    with pytest.raises(ValueError, match=r"the same length.*Given: 2, 3\. Allowed: n, n"):
        paired([1, 2], [1, 2, 3])
    for level in (0, 1, 95):
        with pytest.raises(ValueError, match=r"mean_interval: `level`.*Allowed: 0 < level < 1"):
            mean_interval([1, 2], level)
    with pytest.raises(ValueError, match=r"holm: `p_values`.*Given: 1\.5\. Allowed: 0 ≤ p_val"):
        holm([0.1, 1.5])
    for wrong in ({"gain": 0}, {"deviation": 0}, {"power": 1}, {"level": 0}, {"gain": -0.1}):
        option = next(iter(wrong))
        with pytest.raises(ValueError, match=f"seeds_needed: `{option}` must be"):
            seeds_needed(**({"gain": 1, "deviation": 1} | wrong))


def test_without_scipy_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "scipy.stats", None)
    with pytest.raises(ImportError, match=r"package scipy must be.*Allowed: pip install scipy"):
        mean_interval([1, 2])
