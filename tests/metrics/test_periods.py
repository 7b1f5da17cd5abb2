"""Periods: every day in exactly one week, month and quarter; and the one before."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics import periods
from metrics.periods import GRAINS, Period, calendar_dimension, month, of, previous, quarter, to_date, week, weeks_back

some_day = st.dates(date(2000, 1, 1), date(2099, 12, 31))
grain = st.sampled_from(GRAINS)


def test_a_week_is_monday_to_sunday():
    assert week(date(2026, 11, 16)) == week(date(2026, 11, 22)) == Period(date(2026, 11, 16), date(2026, 11, 22))


def test_a_week_may_lie_in_two_years():
    assert week(date(2027, 1, 1)) == Period(date(2026, 12, 28), date(2027, 1, 3))


@pytest.mark.parametrize(
    ("day", "last"),
    [
        (date(2024, 2, 29), date(2024, 2, 29)),
        (date(2026, 2, 1), date(2026, 2, 28)),
        (date(2026, 12, 31), date(2026, 12, 31)),
        (date(2027, 1, 1), date(2027, 1, 31)),
    ],
)
def test_a_month_ends_on_its_last_day(day, last):
    assert month(day) == Period(day.replace(day=1), last)


def test_quarters_have_three_months():
    ends = [(quarter(date(2026, n, 15)).first.month, quarter(date(2026, n, 15)).last) for n in (1, 6, 8, 12)]
    assert ends == [(1, date(2026, 3, 31)), (4, date(2026, 6, 30)), (7, date(2026, 9, 30)), (10, date(2026, 12, 31))]


@pytest.mark.parametrize("year", [2024, 2026])
@pytest.mark.parametrize("grain", GRAINS)
def test_every_day_of_a_year_falls_in_exactly_one_period_of_a_grain(year, grain):
    days = Period(date(year, 1, 1), date(year, 12, 31)).days()
    parts = sorted({of(grain, day) for day in days})
    assert all(one.last + timedelta(1) == following.first for one, following in pairwise(parts))
    assert sum(part.length for part in parts) == (parts[-1].last - parts[0].first).days + 1
    assert all(sum(day in part for part in parts) == 1 for day in days[::29])


@given(some_day, grain)
def test_a_day_lies_in_its_period_and_so_do_both_ends(day, grain):
    part = of(grain, day)
    assert day in part and of(grain, part.first) == of(grain, part.last) == part


@given(some_day, grain)
def test_the_previous_of_a_grain_is_the_one_just_before(day, grain):
    part = of(grain, day)
    assert previous(part) == of(grain, part.first - timedelta(1))


@pytest.mark.parametrize(
    ("this", "before"),
    [
        (month(date(2026, 1, 5)), month(date(2025, 12, 5))),
        (month(date(2024, 3, 5)), Period(date(2024, 2, 1), date(2024, 2, 29))),
        (quarter(date(2026, 2, 1)), Period(date(2025, 10, 1), date(2025, 12, 31))),
        (Period(date(2026, 11, 2), date(2026, 11, 4)), Period(date(2026, 10, 30), date(2026, 11, 1))),
        (Period(date(2026, 1, 1), date(2026, 1, 1)), Period(date(2025, 12, 31), date(2025, 12, 31))),
        (Period(date(2026, 1, 1), date(2026, 2, 28)), Period(date(2025, 11, 3), date(2025, 12, 31))),
    ],
    ids=["month over new year", "month of a leap year", "quarter over new year", "odd", "day", "two months"],
)
def test_the_period_before(this, before):
    assert previous(this) == before


@given(some_day, st.integers(1, 400))
def test_the_period_before_ends_the_day_before_and_an_odd_one_is_as_long(first, length):
    this = Period(first, first + timedelta(length - 1))
    assert previous(this).last == first - timedelta(1)
    if this not in (month(first), quarter(first)):
        assert previous(this).length == this.length


def test_a_period_cannot_end_before_it_begins():
    with pytest.raises(ValueError, match="2026-11-01"):
        Period(date(2026, 11, 2), date(2026, 11, 1))


def test_a_period_holds_both_its_ends_and_counts_them():
    part = Period(date(2026, 2, 27), date(2026, 3, 1))
    assert part.length == 3 and part.first in part and part.last in part
    assert date(2026, 3, 2) not in part and part.days()[1] == date(2026, 2, 28)


def test_the_part_of_a_period_until_a_day():
    part = month(date(2026, 11, 1))
    assert part.until(date(2026, 10, 31)) is None
    assert part.until(date(2026, 11, 1)) == periods.day(date(2026, 11, 1))
    assert part.until(date(2027, 1, 1)) == part


def test_month_and_quarter_to_date():
    assert to_date("month", date(2026, 11, 20)) == Period(date(2026, 11, 1), date(2026, 11, 20))
    assert to_date("quarter", date(2026, 11, 20)) == Period(date(2026, 10, 1), date(2026, 11, 20))


def test_weeks_back_are_whole_weeks_and_end_with_this_one():
    assert weeks_back(date(2026, 11, 20), 1) == week(date(2026, 11, 20))
    assert weeks_back(date(2027, 1, 1), 8) == Period(date(2026, 11, 9), date(2027, 1, 3))


def test_an_unknown_grain_is_refused():
    with pytest.raises(KeyError, match="fortnight"):
        of("fortnight", date(2026, 11, 20))


def test_the_calendar_dimension_has_the_integers_of_a_day_once():
    table = calendar_dimension(Period(date(2026, 12, 31), date(2027, 1, 4)))
    assert table.columns == ["day", "week", "month", "quarter"]
    assert table["week"].unique().sort().to_list() == [date(2026, 12, 28), date(2027, 1, 4)]
    assert table["month"].to_list() == [date(2026, 12, 1)] + [date(2027, 1, 1)] * 4
    assert table["quarter"][0] == date(2026, 10, 1)
