"""Spans of days."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol


@dataclass(frozen=True)
class Stretch:
    """From a first to a last day, both included."""

    first: date
    last: date

    def days(self) -> list[date]:
        return [self.first + timedelta(n) for n in range((self.last - self.first).days + 1)]


def months_between(first: date, before: date) -> list[Stretch]:
    """The months from that of a day up to the last one that ends before another."""
    found, begun = [], first.replace(day=1)
    while (following := (begun + timedelta(31)).replace(day=1)) <= before:
        found.append(Stretch(begun, following - timedelta(1)))
        begun = following
    return found


def of_month(day: date) -> Stretch:
    """The month that a day is in."""
    first = day.replace(day=1)
    return Stretch(first, (first + timedelta(31)).replace(day=1) - timedelta(1))


def of_year(year: int) -> Stretch:
    return Stretch(date(year, 1, 1), date(year, 12, 31))


class Span(Protocol):
    """Any period of days: a first and a last one, both included."""

    @property
    def first(self) -> date: ...

    @property
    def last(self) -> date: ...


@dataclass(frozen=True)
class Ever:
    first: date = date.min
    last: date = date.max
