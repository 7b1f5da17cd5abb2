"""The bank's calendar on screen: twelve small months, the festivals, and the sentence for a year that is not known."""

from datetime import date

import polars as pl
import streamlit as st
from markupsafe import Markup

from dashboard.shell.language import _, language, ngettext, plain
from dashboard.widgets import cards, filters, formats, grids
from dashboard.widgets.cards import Card
from dashboard.workdays import working_days
from dashboard.workdays.working_days import UNKNOWN_CALENDAR
from db.access import Viewer
from db.calendar import calendar
from db.calendar.calendar import BY_WEEKDAY
from db.codes import FESTIVALS
from db.imports.kinds.calendar import NOTICE_FILE
from metrics import periods, workdays
from metrics.periods import Period

WIDTH = 720  # of a form on a desk; a phone has less
MONTH = Markup('<div class="cx-month"><h4>{}<small>{}</small></h4><div>{}{}{}</div></div>')
ENGLISH_FESTIVALS = {zh: english for english, zh in FESTIVALS.items()}


def note(viewer: Viewer, *asked: Period) -> None:
    """Says it where the bank's calendar does not cover what the page counts working days of."""
    if not working_days.calendar_known(viewer, *asked):
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
    st.html(Markup('<div class="cx-year">{}</div>').format(Markup().join(month(one, today) for one in months)))
    festivals(workdays.festivals(days))
    sources = [one for one in days["source"].drop_nulls().unique(maintain_order=True) if one != BY_WEEKDAY]
    if sources:
        named = [_("a file") if one == NOTICE_FILE else plain(one) for one in sources]
        st.caption(_("Source: {sources}", sources="、".join(named)))


def numbers(days: pl.DataFrame, year: Period, today: date) -> None:
    """How many working days the year has, and has had."""
    total, gone = workdays.working_days(days, year), workdays.working_days(days, year.until(today))
    weekend = pl.col("day").dt.weekday() > 5
    shown = [
        Card(_("Working days"), f"{total}", ngettext("of {number} day", "of {number} days", year.length)),
        Card(_("Worked weekend days"), f"{days.filter(weekend, 'is_workday').height}"),
        Card(_("Weekdays off"), f"{days.filter(~weekend, ~pl.col('is_workday')).height}"),
    ]
    if today in year:
        shown.insert(
            1, Card(_("Up to today"), f"{gone}", ngettext("of {number} working day", "of {number} working days", total))
        )
    cards.row(shown)


def month(days: pl.DataFrame, today: date) -> Markup:
    """A month as a grid of weeks, Monday first."""
    first = days["day"][0]
    name = f"{first.month}月" if language() == "zh" else f"{first:%B}"
    number = ngettext("{number} day", "{number} days", workdays.working_days(days, periods.month(first)))
    heads = Markup().join(Markup("<i>{}</i>").format(one) for one in weekdays())
    cells = Markup().join(cell(row, row["day"] == today) for row in days.to_dicts())
    gap = Markup("<u></u>") * first.weekday()
    return MONTH.format(name, number, heads, gap, cells)


def weekdays() -> str:
    """A letter or sign each, Monday first."""
    return formats.WEEKDAYS if language() == "zh" else "MTWTFSS"


def cell(row: dict, is_today: bool) -> Markup:
    """A day. What is not as its weekday says is marked by a word, and says why when pointed at."""
    day, weekend = row["day"], row["day"].weekday() >= 5
    mark, kind = "", "rest" if weekend else ""
    if row["is_workday"] and weekend:
        mark, kind = _("work"), "works"
    elif not row["is_workday"] and (not weekend or row["name"]):
        mark, kind = _("off"), "free"
    reason = Markup(' title="{}"').format(festival(row["name"])) if mark and row["name"] else ""
    today = Markup(' aria-current="date"') if is_today else ""
    below = Markup("<b>{}</b>").format(mark) if mark else ""
    return Markup('<span class="{}"{}{}>{}{}</span>').format(kind, reason, today, day.day, below)


def festivals(found: pl.DataFrame) -> None:
    """The festivals (metrics.workdays.festivals) with their days off and the weekends worked for them."""
    if found.is_empty():
        st.caption(_("The calendar has no festivals for this year."))
        return
    columns = [
        grids.Column(_("Festival"), lambda row: festival(row["name"]), left=True),
        grids.Column(_("Days off"), lambda row: stretch(row["first"], row["last"]), left=True),
        grids.number("days", _("Number of days")),
        grids.Column(
            _("Weekend days worked instead"),
            lambda row: "、".join(map(formats.day, row["worked"] or [])) or formats.NOTHING,
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
