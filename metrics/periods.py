"""Periods of business days: day, week, month, quarter, to date, and the one before."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import polars as pl

ONE_DAY = timedelta(days=1)
GRAINS = ("day", "week", "month", "quarter")


@dataclass(frozen=True, order=True)
class Period:
    """From the first to the last day, both included. Raises ValueError when the last lies before the first."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"a period cannot end on {self.last}, before its first day {self.first}")

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    @property
    def length(self) -> int:
        """In calendar days."""
        return (self.last - self.first).days + 1

    def days(self) -> list[date]:
        return [self.first + timedelta(n) for n in range(self.length)]

    def until(self, day: date) -> "Period | None":
        """The part up to and including `day`; None when it has not begun."""
        return None if day < self.first else Period(self.first, min(day, self.last))


def day(on: date) -> Period:
    return Period(on, on)


def week(on: date) -> Period:
    """Monday to Sunday."""
    monday = on - timedelta(on.weekday())
    return Period(monday, monday + timedelta(6))


def weeks_back(on: date, number: int) -> Period:
    """The week of `on` and those before it, `number` weeks in all."""
    last = week(on)
    return Period(last.first - timedelta(7 * (number - 1)), last.last)


def month(on: date) -> Period:
    first = on.replace(day=1)
    return Period(first, (first + timedelta(31)).replace(day=1) - ONE_DAY)


def quarter(on: date) -> Period:
    first = date(on.year, on.month - (on.month - 1) % 3, 1)
    return Period(first, month(first + timedelta(62)).last)


def of(grain: str, on: date) -> Period:
    """The period of that grain which contains the day."""
    return {"day": day, "week": week, "month": month, "quarter": quarter}[grain](on)


def to_date(grain: str, on: date) -> Period:
    """From the first day of the period of that grain up to and including `on`."""
    return Period(of(grain, on).first, on)


def previous(period: Period) -> Period:
    """The period before: the calendar month before a month, the quarter before a quarter, else as many days before."""
    before = period.first - ONE_DAY
    for grain in (month, quarter):
        if period == grain(period.first):
            return grain(before)
    return Period(period.first - timedelta(period.length), before)


def following(period: Period) -> Period:
    """The month after a month, the quarter after a quarter, else as many days after."""
    after = period.last + ONE_DAY
    for grain in (month, quarter):
        if period == grain(period.first):
            return grain(after)
    return Period(after, after + timedelta(period.length - 1))


@lru_cache(256)
def calendar_dimension(period: Period) -> pl.DataFrame:
    """One row a day: day, and the first day of its week (Monday), month and quarter."""
    days = period.days()
    return pl.DataFrame({"day": days} | {grain: [of(grain, on).first for on in days] for grain in GRAINS[1:]})


def whole_months(period: Period) -> Period:
    return Period(month(period.first).first, month(period.last).last)
