"""The bank's calendar on screen: twelve small months, the festivals, and the sentence for a year that is not known."""

from datetime import date
from html import escape

import polars as pl
import streamlit as st

from dashboard import cards, filters, formats, grids, standings
from dashboard.cards import Card
from dashboard.tables import UNKNOWN_CALENDAR
from dashboard.words import _, language, plain
from db import calendar
from db.access import Viewer
from db.calendar import BY_WEEKDAY
from db.codes import FESTIVALS
from db.import_reference import NOTICE_FILE
from metrics import periods, workdays
from metrics.periods import Period

WIDTH = 720  # of a form on a desk; a phone has less
ENGLISH_FESTIVALS = {zh: english for english, zh in FESTIVALS.items()}


def note(viewer: Viewer, *asked: Period) -> None:
    """Says it where the bank's calendar does not cover what the page counts working days of."""
    if not standings.calendar_known(viewer, *asked):
        st.warning(_(UNKNOWN_CALENDAR))


def year(viewer: Viewer, today: date) -> Period:
    """A year of the calendar or the next one, this one unless the link says another."""
    held = calendar.years(viewer)
    years = range(min([*held, today.year]), max([*held, today.year]) + 2)
    return whole(filters.choose("year", _("Year"), list(reversed(years)), str, today.year))


def whole(year: int) -> Period:
    return Period(date(year, 1, 1), date(year, 12, 31))


def board(viewer: Viewer, year: Period, today: date) -> None:
    """A year: how many working days, which they are, and why."""
    days = calendar.named(viewer, year)
    numbers(days, year, today)
    months = days.with_columns(month=pl.col("day").dt.month()).partition_by("month")
    st.html(f'<div class="cx-year">{"".join(month(one, today) for one in months)}</div>')
    festivals(workdays.festivals(days))
    sources = [one for one in days["source"].drop_nulls().unique(maintain_order=True) if one != BY_WEEKDAY]
    if sources:
        named = [_("a file") if one == NOTICE_FILE else plain(one) for one in sources]
        st.caption(_("By the word of: {sources}", sources="、".join(named)))


def numbers(days: pl.DataFrame, year: Period, today: date) -> None:
    """How many working days the year has, and has had."""
    total, gone = workdays.working_days(days, year), workdays.working_days(days, year.until(today))
    weekend = pl.col("day").dt.weekday() > 5
    shown = [
        Card(_("Working days"), f"{total}", _("of {number} days", number=year.length)),
        Card(_("Worked weekend days"), f"{days.filter(weekend, 'is_workday').height}"),
        Card(_("Free weekdays"), f"{days.filter(~weekend, ~pl.col('is_workday')).height}"),
    ]
    if today in year:
        shown.insert(1, Card(_("Up to today"), f"{gone}", _("of {number} working days", number=total)))
    cards.row(shown)


def month(days: pl.DataFrame, today: date) -> str:
    """A month as a grid of weeks, Monday first."""
    first = days["day"][0]
    name = f"{first.month}月" if language() == "zh" else f"{first:%B}"
    number = _("{number} days", number=workdays.working_days(days, periods.month(first)))
    heads = "".join(f"<i>{one}</i>" for one in (formats.WEEKDAYS if language() == "zh" else "MTWTFSS"))
    cells = "".join(cell(row, row["day"] == today) for row in days.to_dicts())
    gap = "<u></u>" * first.weekday()
    return f'<div class="cx-month"><h4>{name}<small>{escape(number)}</small></h4><div>{heads}{gap}{cells}</div></div>'


def cell(row: dict, is_today: bool) -> str:
    """A day. What is not as its weekday says is marked by a word, and says why when pointed at."""
    day, weekend = row["day"], row["day"].weekday() >= 5
    mark, kind = "", "rest" if weekend else ""
    if row["is_workday"] and weekend:
        mark, kind = _("work"), "works"
    elif not row["is_workday"] and (not weekend or row["name"]):
        mark, kind = _("off"), "free"
    said = f' title="{escape(festival(row["name"]))}"' if mark and row["name"] else ""
    today = ' aria-current="date"' if is_today else ""
    return f'<span class="{kind}"{said}{today}>{day.day}{f"<b>{escape(mark)}</b>" if mark else ""}</span>'


def festivals(found: pl.DataFrame) -> None:
    """The festivals (metrics.workdays.festivals) with their days off and the weekends worked for them."""
    if found.is_empty():
        st.caption(_("The calendar names no festival of this year."))
        return
    columns = [
        grids.Column(_("Festival"), lambda row: escape(festival(row["name"])), left=True),
        grids.Column(_("Days off"), lambda row: escape(stretch(row["first"], row["last"])), left=True),
        grids.number("days", _("Number of days")),
        grids.Column(
            _("Weekends worked for it"),
            lambda row: escape("、".join(map(formats.day, row["worked"] or [])) or formats.NOTHING),
            left=True,
        ),
    ]
    grids.show(found, columns)


def stretch(first: date, last: date) -> str:
    return formats.day(first) if first == last else f"{formats.day(first)} – {formats.day(last)}"


def festival(name: str | None) -> str:
    """A festival's name in the session's language, whichever of the two it is stored in; others as they are."""
    if name is None:
        return formats.NOTHING
    words = FESTIVALS if language() == "zh" else ENGLISH_FESTIVALS
    return "、".join(words.get(one, one) for one in name.split("、"))
