"""The working-day calendar: the State Council's notices, and what the bank says instead."""

from datetime import date

from builders import bank
from sheets import file

from dashboard.stores import operator
from db import calendar
from metrics.periods import Period

YEAR = Period(date(2026, 1, 1), date(2026, 12, 31))


def test_2026_has_248_working_days_and_six_worked_weekends(store, viewer):
    days = calendar.read(viewer, YEAR)
    assert days.height == 365 and days["known"].all()
    worked = days.filter("is_workday")
    assert worked.height == 248
    weekends = [day for day in worked["day"] if day.weekday() >= 5]
    assert weekends == [date(2026, *day) for day in ((1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10))]


def test_a_year_without_notice_counts_weekdays_and_says_so(store, viewer):
    days = calendar.read(viewer, Period(date(2031, 1, 1), date(2031, 1, 5)))
    assert days["is_workday"].to_list() == [True, True, True, False, False]
    assert not days["known"].any()


def test_the_bank_corrects_a_day_and_it_shows_at_once(store, viewer):
    bank(store)
    friday = Period(date(2026, 11, 20), date(2026, 11, 20))
    assert calendar.read(viewer, friday)["is_workday"].item()
    file(operator(store), "calendar", "日期,是否工作日,说明\n2026-11-20,否,行庆")
    assert not calendar.read(viewer, friday)["is_workday"].item()
