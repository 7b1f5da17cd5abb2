"""Has their work changed or is it noise, and will it reach the plan by itself: a control chart a measure."""

from collections.abc import Mapping
from datetime import date, timedelta

import polars as pl
import streamlit as st

from dashboard.diagnosis.control_picture import Lead, picture
from dashboard.manager_profile.rates import COUNTED
from dashboard.shell import links
from dashboard.shell.language import _
from dashboard.standing.book import Book
from dashboard.standing.standing import Standing
from dashboard.widgets import charts, filters, formats, grids
from db.calendar import calendar
from metrics import periods
from metrics.catalog import MEASURES
from metrics.diagnosis import process
from metrics.diagnosis.process import CHARTED_RATES, Verdict
from metrics.metric import AMOUNT
from metrics.periods import Period

WEEKS, DAYS = 26, 40
GRAIN = {"week": lambda: _("by week"), "day": lambda: _("by working day")}
RATE = {"application_rate": lambda: _("Application rate"), "deal_rate": lambda: _("Deal rate")}
SIGNAL = {
    "beyond": (lambda: _("above the upper limit"), lambda: _("below the lower limit")),
    "shift": (lambda: _("above the average since {day}"), lambda: _("below the average since {day}")),
    "trend": (lambda: _("rising since {day}"), lambda: _("falling since {day}")),
    "near": (lambda: _("twice close to the upper limit"), lambda: _("twice close to the lower limit")),
}
REACH = {
    "always": ("on_pace", lambda: _("reaches the plan by itself")),
    "never": ("behind", lambda: _("will not reach the plan by itself")),
    "chance": ("watch", lambda: _("reaches the plan by luck")),
}


def show(book: Book, month: Standing) -> None:
    """A chart a measure (metrics.diagnosis.process.CHARTED), each with the two answers above it."""
    st.subheader(_("Has it changed, or is it noise?"))
    grain = filters.segments("grain", _("Points"), {one: say() for one, say in GRAIN.items()})
    table = points(book, month.through, grain)
    if table.is_empty():
        st.caption(_("No whole week yet."))
        return
    drawn, asked = charted(book, month.through, grain), process.targets(month.standing)
    found = verdicts(book, month.through, grain, asked)
    for start in range(0, len(process.CHARTED), 2):
        for name, place in zip(process.CHARTED[start : start + 2], st.columns(2), strict=True):
            with place:
                st.markdown(f"**{title(name)}**")
                said = changed(found[name], process.is_sparse(table, name))
                grids.sentence(grids.joined(said, *reached(found[name])))
                write = formats.share if name in CHARTED_RATES else per_day(MEASURES[name].unit)
                lead = leading(book, name, grain, month.through)
                charts.show(picture(drawn[name], asked[name], write, lead), title(name))
    st.caption(
        _(
            "Lines: the average and its limits (three standard deviations); dotted: the plan a working day. Squares are no noise: outside a limit, 7 in a row on one side, 7 rising or falling, or 2 of 3 close to one limit. Source: NHS England, Making Data Count."
        )
    )


def points(book: Book, through: date, grain: str) -> pl.DataFrame:
    """The last whole weeks, or working days, of the book's one manager in their branch (process.POINT)."""
    period = shown(book, through, grain)

    def read() -> pl.DataFrame:
        begun = book.log_begins()
        if begun is None or begun > period.last:
            return pl.DataFrame(schema=process.POINT)
        known = Period(max(begun, period.first), period.last)
        frames = book.frames(period)
        own = frames.posting_days.filter(*book.part.conditions())
        return process.points(frames.activity, own, frames.calendar, known, grain)

    return book.viewer.cached("process", book.part, period, grain, read=read)


def charted(book: Book, through: date, grain: str) -> dict[str, pl.DataFrame]:
    """The charts of `points` (process.charts)."""

    def read() -> dict[str, pl.DataFrame]:
        return process.charts(points(book, through, grain))

    return book.viewer.cached("process charts", book.part, shown(book, through, grain), grain, read=read)


def verdicts(book: Book, through: date, grain: str, targets: Mapping[str, float | None]) -> dict[str, Verdict]:
    """What the charts say, beside what is planned."""

    def read() -> dict[str, Verdict]:
        drawn = charted(book, through, grain)
        return {name: process.verdict(drawn[name], target) for name, target in targets.items()}

    asked = (book.part, shown(book, through, grain), grain, tuple(targets.items()))
    return book.viewer.cached("process verdicts", *asked, read=read)


def shown(book: Book, through: date, grain: str) -> Period:
    """The days that points are made of."""
    return last_weeks(through) if grain == "week" else last_days(book, through)


def last_weeks(through: date) -> Period:
    return periods.weeks_back(periods.week(through + timedelta(1)).first - timedelta(1), WEEKS)


def last_days(book: Book, through: date) -> Period:
    around = Period(through - timedelta(3 * DAYS), through)
    working = calendar.read(book.viewer, around).filter("is_workday")["day"].tail(DAYS)
    return Period(working[0] if len(working) else through, through)


def leading(book: Book, name: str, grain: str, through: date) -> Lead:
    """Where each point leads: to the manager's entries of its week or day."""
    place = {"branch": book.part.branch, "manager": book.part.manager}

    def lead(point: date) -> str | None:
        last = min(periods.week(point).last, through) if grain == "week" else point
        return links.to_rows(COUNTED.get(name, name), point, last, **place)

    return lead


def per_day(unit: str) -> formats.Write:
    return formats.amount if unit == AMOUNT else formats.a_day


def title(name: str) -> str:
    if name in RATE:
        return RATE[name]()
    return _("{measure} a working day", measure=_(MEASURES[name].label))


def changed(found: Verdict, sparse: bool) -> str:
    """Whether the last point is more than noise; `sparse` where its cases are too few to tell by runs."""
    if found.signal is None:
        said = _("noise only")
    else:
        said = SIGNAL[found.signal][not found.better]().format(day=formats.short_day(found.since))
    if found.trial:
        return _("{answer} (few points yet: trial limits)", answer=said)
    return _("{answer} (few cases a point)", answer=said) if sparse else said


def reached(found: Verdict) -> list[str]:
    """Whether the plan comes by itself, with its sign."""
    if found.reach is None:
        return []
    status, say = REACH[found.reach]
    return [" · ", grids.marked(status, say())]
