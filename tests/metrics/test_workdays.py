"""Working days on the bank's real calendar, 调休 included, and the examples the law gives."""

from datetime import date, timedelta

import holidays
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.periods import Period, day, month, week
from metrics.workdays import (
    calendar_progress,
    festivals,
    is_known,
    last_working_day,
    manager_days,
    time_progress,
    week_ahead,
    week_behind,
    workday_before,
    working_days,
)
from tests.support.builders import EAST, LI, SOUTH, WANG
from tests.support.metrics.small_frames import NOVEMBER, calendar, is_workday, posted

YEAR = Period(date(2026, 1, 1), date(2026, 12, 31))
CALENDAR = calendar(YEAR)
WORKED_WEEKENDS = [(1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10)]


@pytest.mark.parametrize(
    ("on", "by_calendar", "by_working_days"),
    [(date(2026, 2, 23), 0.821, 0.688), (date(2026, 10, 7), 0.226, 0.0), (date(2026, 2, 14), 0.500, 0.688)],
)
def test_the_examples_of_the_law(on, by_calendar, by_working_days):
    assert round(calendar_progress(month(on), on), 3) == by_calendar
    assert round(time_progress(CALENDAR, month(on), on), 3) == by_working_days


def test_on_the_worked_saturday_before_spring_festival_eleven_of_sixteen_days_are_gone():
    february = month(date(2026, 2, 14))
    assert working_days(CALENDAR, february) == 16
    assert working_days(CALENDAR, february.until(date(2026, 2, 14))) == 11


def test_2026_has_248_working_days_and_six_worked_weekends():
    assert working_days(CALENDAR, YEAR) == 248
    worked = CALENDAR.filter(pl.col("is_workday") & (pl.col("day").dt.weekday() > 5))["day"].to_list()
    assert worked == [date(2026, *one) for one in WORKED_WEEKENDS]


@pytest.mark.parametrize("year", [2024, 2025, 2026])
def test_no_public_holiday_is_a_working_day(year):
    public = holidays.country_holidays("CN", years=year, categories=("public",))
    assert len(public) >= 10
    assert [on for on in public if on.weekday() < 5 and is_workday(on)] == []


@pytest.mark.parametrize("year", [2024, 2025, 2026])
def test_a_free_weekday_is_a_public_holiday_or_is_worked_for_on_a_weekend(year):
    """The two sources in full: the holidays library also knows the days moved by 调休."""
    public = holidays.country_holidays("CN", years=year)
    days = Period(date(year, 1, 1), date(year, 12, 31)).days()
    free = {on for on in days if on.weekday() < 5 and not is_workday(on)}
    assert free == {on for on in public if on.weekday() < 5}


def test_a_period_without_a_working_day_has_no_time_progress():
    festival = Period(date(2026, 10, 1), date(2026, 10, 7))
    assert working_days(CALENDAR, festival) == 0
    assert time_progress(CALENDAR, festival, date(2026, 10, 7)) is None
    assert working_days(CALENDAR, None) == 0


def test_time_progress_is_nothing_before_and_all_after_the_period():
    november = month(date(2026, 11, 1))
    assert time_progress(CALENDAR, november, date(2026, 10, 31)) == 0.0
    assert time_progress(CALENDAR, november, date(2026, 12, 24)) == 1.0
    assert calendar_progress(november, date(2026, 10, 31)) == 0.0
    assert calendar_progress(november, date(2026, 12, 24)) == 1.0


def test_the_working_day_before_reaches_over_weekends_and_holidays():
    assert workday_before(CALENDAR, date(2026, 11, 16)) == date(2026, 11, 13)
    assert workday_before(CALENDAR, date(2026, 10, 8)) == date(2026, 9, 30)
    assert workday_before(CALENDAR, date(2026, 2, 15)) == date(2026, 2, 14)
    assert workday_before(CALENDAR, date(2026, 1, 1)) is None


def test_a_period_is_known_only_when_the_bank_has_every_day_of_it():
    part = CALENDAR.with_columns(known=pl.col("day") < date(2026, 12, 1))
    assert is_known(part, month(date(2026, 11, 1)))
    assert not is_known(part, Period(date(2026, 11, 30), date(2026, 12, 1)))


def test_manager_days_are_everyones_working_days_so_far_less_their_leave():
    monday = date(2026, 11, 16)
    both = pl.concat([posted(NOVEMBER, leave=[date(2026, 11, 2), date(2026, 11, 14)]), posted(NOVEMBER, SOUTH, LI)])
    assert manager_days(both, CALENDAR, NOVEMBER, monday).item() == 10 + 11
    assert manager_days(both, CALENDAR, NOVEMBER, monday, ["branch"]).sort("branch").rows() == [(EAST, 10), (SOUTH, 11)]
    assert manager_days(both, CALENDAR, NOVEMBER, date(2026, 12, 24), ["manager"]).sort("manager").rows() == [
        (WANG, 20),
        (LI, 21),
    ]
    assert manager_days(both, CALENDAR, NOVEMBER, date(2026, 10, 30)).item() == 0


@given(st.dates(YEAR.first, date(2026, 12, 30)), st.dates(YEAR.first, date(2026, 12, 30)))
@settings(deadline=None, max_examples=60)
def test_working_days_add_up_over_any_split_and_time_never_runs_back(one, other):
    cut, end = sorted((one, other))
    first, rest = Period(YEAR.first, cut), Period(cut + timedelta(1), YEAR.last)
    assert working_days(CALENDAR, first) + working_days(CALENDAR, rest) == 248
    assert time_progress(CALENDAR, YEAR, cut) <= time_progress(CALENDAR, YEAR, end)
    assert working_days(CALENDAR, day(cut)) == int(is_workday(cut))


def named(first: date, last: date, **names: str) -> pl.DataFrame:
    """The bank's calendar with these festivals on these days, such as d0401="Easter"."""
    days = {date(first.year, int(day[1:3]), int(day[3:])): name for day, name in names.items()}
    return calendar(Period(first, last)).with_columns(
        name=pl.Series([days.get(day) for day in Period(first, last).days()])
    )


def test_festivals_are_runs_of_days_off_with_the_weekends_worked_for_them():
    run = {f"d02{day}": "Spring Festival" for day in range(15, 24)}
    spring = named(date(2026, 2, 1), date(2026, 4, 30), d0214="Spring Festival", d0228="Spring Festival", **run)
    assert festivals(spring).rows() == [
        (
            "Spring Festival",
            date(2026, 2, 15),
            date(2026, 2, 23),
            9,
            [date(2026, 2, 14), date(2026, 2, 28)],
        ),
        (None, date(2026, 4, 6), date(2026, 4, 6), 1, None),  # a day off nobody named
    ]


def test_two_festivals_in_one_run_share_it_and_a_worked_weekend_goes_by_its_name():
    names = {"d0925": "Mid-autumn Festival", "d0920": "National Day", "d1010": "National Day"}
    names |= {f"d100{day}": "National Day" for day in range(1, 8)}
    autumn = festivals(named(date(2026, 9, 1), date(2026, 10, 31), **names))
    assert autumn.select("name", "worked").rows() == [
        ("Mid-autumn Festival", None),
        ("National Day", [date(2026, 9, 20), date(2026, 10, 10)]),
    ]
    both = named(date(2025, 10, 1), date(2025, 10, 20), d1001="National Day", d1006="Mid-autumn Festival")
    assert festivals(both).select("name", "days").rows() == [("National Day、Mid-autumn Festival", 8)]


def test_a_year_of_weekdays_has_no_festival():
    year = Period(date(2031, 1, 1), date(2031, 12, 31))
    days = [(on, on.weekday() < 5, False, None) for on in year.days()]
    schema = {"day": pl.Date, "is_workday": pl.Boolean, "known": pl.Boolean, "name": pl.String}
    assert festivals(pl.DataFrame(days, schema, orient="row")).is_empty()


@pytest.mark.parametrize(
    ("on", "first"),
    [
        (date(2026, 11, 16), date(2026, 11, 16)),
        (date(2026, 11, 18), date(2026, 11, 16)),
        (date(2026, 11, 19), date(2026, 11, 23)),
        (date(2026, 11, 22), date(2026, 11, 23)),
        (date(2026, 10, 1), date(2026, 10, 5)),
    ],
    ids=["Monday", "Wednesday: three of five", "Thursday: two of five", "Sunday", "a festival"],
)
def test_the_week_ahead_is_the_first_with_more_than_half_of_its_working_days_to_come(on, first):
    """The week of 5 October 2026 has three working days, Thursday to Saturday, all of them ahead."""
    days = calendar(Period(date(2026, 9, 28), date(2026, 12, 31)))
    assert week_ahead(days, on).first == first


def test_the_week_behind_is_the_last_in_which_anybody_worked():
    days = calendar(Period(date(2026, 1, 1), date(2026, 3, 31)))
    spring = week(date(2026, 2, 23))
    assert week_behind(days, spring).first == date(2026, 2, 9)
    assert last_working_day(days, week(date(2026, 2, 16))) == date(2026, 2, 22)
