"""Wilson's interval and that of a period rate: published examples, the ends, and what holds for every rate."""

from math import nan

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.intervals import Z_95, period_rate, wilson


def limits(successes: int, trials: int, **more) -> tuple[float | None, float | None]:
    low, high = wilson(pl.Series([successes]), pl.Series([trials]), **more)
    return low[0], high[0]


def test_five_of_twenty_is_known_to_lie_between_11_and_47_percent():
    assert [round(limit, 3) for limit in limits(5, 20)] == [0.112, 0.469]


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (5, 20, 0.1119, 0.4687),
        (10, 40, 0.1419, 0.4019),
        (25, 100, 0.1755, 0.3430),
    ],
)
def test_newcombes_examples(successes, trials, low, high):
    """R. G. Newcombe, Statistics in Medicine 17 (1998)."""
    assert limits(successes, trials) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [(0, 10, 0.0, 0.277533), (10, 10, 0.722467, 1.0), (1, 1, 0.206549, 1.0), (50, 100, 0.403832, 0.596168)],
)
def test_limits_from_the_textbook(successes, trials, low, high):
    assert limits(successes, trials) == pytest.approx((low, high), abs=1e-6)


def test_none_and_all_of_the_cases_reach_the_end_exactly():
    """7 and 10 are cases where rounding alone leaves the end: 2.8e-17 and 1 − 1.1e-16."""
    assert limits(0, 7)[0] == 0.0
    assert limits(10, 10)[1] == 1.0


def test_without_cases_or_above_all_of_them_nothing_is_known():
    assert limits(0, 0) == (None, None)
    assert limits(3, 2) == (None, None)


def test_more_confidence_is_a_wider_interval():
    low, high = limits(5, 20)
    lower, higher = limits(5, 20, z=2.575829)
    assert lower < low and high < higher


cases = st.integers(1, 100_000).flatmap(lambda trials: st.tuples(st.integers(0, trials), st.just(trials)))


@given(cases)
@settings(deadline=None)
def test_the_rate_lies_within_its_limits_and_these_within_0_and_1(case):
    low, high = limits(*case)
    assert 0 <= low <= case[0] / case[1] <= high <= 1
    assert low < high and nan not in (low, high)


@given(cases)
@settings(deadline=None)
def test_success_and_failure_mirror_each_other(case):
    low, high = limits(*case)
    assert limits(case[1] - case[0], case[1]) == pytest.approx((1 - high, 1 - low), abs=1e-9)


def period_limits(of: int, to: int, shared: int) -> tuple[float | None, float | None]:
    low, high = period_rate(pl.Series([of]), pl.Series([to]), pl.Series([shared]))
    return low[0], high[0]


@pytest.mark.parametrize(("of", "to", "shared"), [(5, 20, 0), (5, 20, 3), (12, 10, 7), (3, 40, 3), (80, 100, 60)])
def test_a_period_rate_has_wilsons_limits_of_its_part_in_both_counts_mapped_back(of, to, shared):
    narrower = (1 / of + 1 / to - 2 * shared / (of * to)) / (1 / of + 1 / to)
    part = limits(of, of + to, z=Z_95 * narrower**0.5)
    assert period_limits(of, to, shared) == pytest.approx([one / (1 - one) for one in part])


def test_without_a_case_the_upper_limit_is_that_of_independent_counts():
    low, high = period_limits(0, 20, 0)
    assert low == 0 and high == pytest.approx(Z_95**2 / 20)


def test_a_period_rate_above_all_of_its_cases_has_limits_and_one_without_any_none():
    low, high = period_limits(12, 10, 0)
    assert low < 1 < 1.2 < high
    assert period_limits(3, 0, 0) == (None, None)


def test_where_every_case_is_shared_a_period_rate_is_a_share():
    assert period_limits(5, 5, 5) == pytest.approx(limits(5, 5))


@given(st.tuples(st.integers(0, 10_000), st.integers(1, 10_000), st.integers(0, 10_000)))
@settings(deadline=None)
def test_a_period_rate_lies_within_its_limits_and_these_narrow_with_what_is_shared(case):
    of, to, some = case
    shared = min(some, of, to)
    low, high = period_limits(of, to, shared)
    wide_low, wide_high = period_limits(of, to, 0)
    assert 0 <= low <= of / to <= high
    assert wide_low <= low + 1e-12
    assert high <= wide_high + 1e-9
