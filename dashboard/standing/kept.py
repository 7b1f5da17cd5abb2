"""Promises beside what was done, by the day and by the week: computed here alone, for every page, report and message."""

from datetime import date

import polars as pl

from dashboard.standing.part import Part
from db.access import Viewer, reach
from db.calendar import calendar
from db.log import activity
from db.meetings import closing, promises
from db.people import people
from metrics.catalog import COUNTS
from metrics.metric import measure
from metrics.periods import Period
from metrics.promises import SPAN, against_promise, as_closed, by_week, on_leave, promised_when_closed


def of_span(viewer: Viewer, part: Part, span: Period, grain: str, on: date, over: bool) -> pl.DataFrame:
    """Everybody posted to the part in a day or a week (metrics.promises.against_promise), as a day found it."""
    own = reach(viewer, "read_promises") or {}
    seen = [pl.col(level) == one for level, one in own.items()]
    team = people.managers(viewer, span).filter(*part.conditions(), *seen)
    everyone = team.select("branch", "manager", day=pl.lit(span.first, pl.Date))
    return reconciled(
        viewer, part, Period(span.first, max(min(span.last, on), span.first)), span, grain, everyone, over
    )


def of_period(viewer: Viewer, part: Part, period: Period, grain: str) -> pl.DataFrame:
    """Every promise for the days of a period, or the weeks that it holds whole; they are to be over."""
    return reconciled(viewer, part, period, period, grain, None, True)


def within(part: Part) -> list[pl.Expr]:
    """The part's branch and manager, as rows of promises name them."""
    levels = {"branch": part.branch, "manager": part.manager}
    return [pl.col(level) == one for level, one in levels.items() if one is not None]


def reconciled(
    viewer: Viewer, part: Part, dated: Period, span: Period, grain: str, everyone: pl.DataFrame | None, over: bool
) -> pl.DataFrame:
    """What is `dated` in a period against what was promised for it; without `everyone`, of whoever promised."""
    here = within(part)
    said = promises.read_span(viewer, span, grain).filter(*here)
    results = closing.results(viewer, span).filter(*here)
    days = as_closed(
        measure(activity.read(viewer, dated, branch=part.branch, manager=part.manager), COUNTS, list(SPAN)),
        results.filter(pl.col("day") <= dated.last),
    )
    if grain == promises.DAY:
        said = promised_when_closed(said, results)
    done = days if grain == promises.DAY else by_week(days)
    posted = people.posting_days(viewer, span).filter(*here)
    leave = on_leave(posted, calendar.read(viewer, span), grain)
    return against_promise(said if everyone is None else everyone, done, said, leave, over)
