"""The Wilson interval: the law's example, the ends, and what holds for every rate."""

from math import nan

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.intervals import wilson


def limits(successes: int, trials: int, **more) -> tuple[float | None, float | None]:
    low, high = wilson(pl.col("successes"), pl.col("trials"), **more)
    return pl.DataFrame({"successes": [successes], "trials": [trials]}).select(low=low, high=high).row(0)


def test_five_of_twenty_is_known_to_lie_between_11_and_47_percent():
    assert [round(limit, 3) for limit in limits(5, 20)] == [0.112, 0.469]


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
