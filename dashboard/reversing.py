"""Reverse planning for the pages: what each manager's plan asks of him a day from here on, and whether he ever did it."""

from datetime import date, timedelta

import polars as pl

from dashboard import report, standings
from dashboard.report import Part
from dashboard.standings import Standing
from db import calendar, people, rates
from db.access import Viewer
from metrics import periods
from metrics.periods import Period
from metrics.reach import reach
from metrics.reverse import NEED, reverse_plan

LEARNED_FROM = 12  # months before


def of_month(viewer: Viewer, month: Standing, branch: int, manager: int | None = None) -> pl.DataFrame:
    """One row a manager of the branch (or one of them) and measure (metrics.reverse.NEED), as a standing by manager has
    them against their plan."""
    here = month.standing.with_columns(branch=pl.lit(branch, pl.Int32))
    if manager is not None:
        here = here.filter(pl.col("manager") == manager)
    scope = (viewer.role, viewer.region, viewer.branch, viewer.manager)
    key = ("needs", scope, month.period, month.on, branch, manager, month.through)
    return viewer.store.remembered(key, lambda: asked(viewer, here, month.period, month.through, branch))


def asked(viewer: Viewer, remaining: pl.DataFrame, period: Period, through: date, branch: int) -> pl.DataFrame:
    """The same for any plan and actual: manager, branch, measure, plan, actual. A period still to come is begun with a
    pipeline like that of `through`."""
    if remaining.is_empty():
        return pl.DataFrame(schema=NEED)
    log, days, span = learned(viewer, period, through, branch)
    posted = people.posting_days(viewer, span).filter(pl.col("branch") == branch)
    rules = report.definitions(viewer, period.last, Part(branch=branch))
    return reverse_plan(log, days, posted, remaining, period, through, rules, rates.keepers(viewer))


def done_so_far(viewer: Viewer, month: Period, branch: int, today: date) -> tuple[pl.DataFrame, date]:
    """What each manager of the branch has done of a month (manager, measure, actual), and up to which day; of one that
    has not begun nothing, up to today."""
    through = standings.done_through(viewer, today, Part(branch=branch))
    if through < month.first:
        return pl.DataFrame(schema={"manager": pl.Int32, "measure": pl.String, "actual": pl.Float64}), through
    standing = standings.of_period(viewer, month, today, Part(branch=branch), ["manager"], through).standing
    return standing.select("manager", "measure", pl.col("actual").cast(pl.Float64)), through


def still_in_time(viewer: Viewer, period: Period, through: date, branch: int) -> pl.DataFrame:
    """Which of the branch's consultations can still count in the period (metrics.reverse.REACH)."""
    scope = (viewer.role, viewer.region, viewer.branch, viewer.manager)

    def read() -> pl.DataFrame:
        log, days, _span = learned(viewer, period, through, branch)
        return reach(log, days, period, through, report.definitions(viewer, period.last, Part(branch=branch)))

    return viewer.store.remembered(("reach", scope, period, through, branch), read)


def learned(viewer: Viewer, period: Period, through: date, branch: int) -> tuple[pl.DataFrame, pl.DataFrame, Period]:
    """The branch's log of the months before, the calendar over these and the period, and their span."""
    first = through - timedelta(LEARNED_FROM * 30)
    past = Period(periods.month(first).first, through)
    span = Period(past.first, max(period.last, through))
    log = rates.read(viewer, past).filter(pl.col("branch") == branch).collect()
    return log, calendar.read(viewer, span), span
