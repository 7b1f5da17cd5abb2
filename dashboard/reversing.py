"""Reverse planning for the pages: what each manager's plan asks of him a day from here on, and whether he ever did it."""

from collections.abc import Callable
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
from metrics.reverse import NEED, REMAINING, reverse_plan

LEARNED_FROM = 360  # days before
KEPT = 200  # answers


def of_month(viewer: Viewer, month: Standing, branch: int, manager: int | None = None) -> pl.DataFrame:
    """One row a manager of the branch (or one of them) and measure (metrics.reverse.NEED), as a standing by manager has
    them against their plan: from what was done up to its last day elapsed, over the days after it."""
    here = month.standing.with_columns(branch=pl.lit(branch, pl.Int32), actual="done")
    if manager is not None:
        here = here.filter(pl.col("manager") == manager)
    key = ("needs", *scope(viewer), month.period, month.on, month.through, branch, manager)
    return viewer.store.remembered(key, lambda: asked(viewer, here, month.period, month.through, branch))


def asked(viewer: Viewer, remaining: pl.DataFrame, period: Period, through: date, branch: int) -> pl.DataFrame:
    """The same for any plan and actual: manager, branch, measure, plan, actual. A period still to come is begun with a
    pipeline like that of `through`."""
    if remaining.is_empty():
        return pl.DataFrame(schema=NEED)
    log, days = learned(viewer, period, through, branch)
    posted = people.posting_days(viewer, Period(days["day"].min(), days["day"].max()))
    posted = posted.filter(pl.col("branch") == branch)
    remaining = remaining.select(list(REMAINING)).cast(REMAINING)
    rules = report.definitions(viewer, period.last, Part(branch=branch))
    frames = (log, days, posted, remaining)
    keepers = rates.keepers(viewer)
    return kept(
        viewer,
        ("needs", period, through, rules, *map(said, (*frames, keepers))),
        lambda: reverse_plan(*frames, period, through, rules, keepers),
    )


def still_in_time(viewer: Viewer, period: Period, through: date, branch: int) -> pl.DataFrame:
    """Which of the branch's consultations can still count in the period (metrics.reach.REACH)."""
    key = ("reach", *scope(viewer), period, through, branch)
    return viewer.store.remembered(key, lambda: reached(viewer, period, through, branch))


def reached(viewer: Viewer, period: Period, through: date, branch: int) -> pl.DataFrame:
    log, days = learned(viewer, period, through, branch)
    rules = report.definitions(viewer, period.last, Part(branch=branch))
    key = ("reach", period, through, rules, said(log), said(days))
    return kept(viewer, key, lambda: reach(log, days, period, through, rules))


def scope(viewer: Viewer) -> tuple:
    return viewer.role, viewer.region, viewer.branch, viewer.manager


def done_so_far(viewer: Viewer, month: Period, branch: int, today: date) -> tuple[pl.DataFrame, date]:
    """What each manager of the branch has done of a month (manager, measure, actual), and up to which day; of one that
    has not begun nothing, up to the last day elapsed."""
    through = standings.done_through(viewer, today, Part(branch=branch))
    if through < month.first:
        return pl.DataFrame(schema={"manager": pl.Int32, "measure": pl.String, "actual": pl.Float64}), through
    standing = standings.of_period(viewer, month, today, Part(branch=branch), ["manager"], through).standing
    return standing.select("manager", "measure", actual="done"), through


def learned(viewer: Viewer, period: Period, through: date, branch: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The branch's log of the months before, and the calendar over these and the period."""
    past = Period(periods.month(through - timedelta(LEARNED_FROM)).first, through)
    log = rates.read(viewer, past).filter(pl.col("branch") == branch).collect()
    return log, calendar.read(viewer, Period(past.first, max(period.last, through)))


def said(frame: pl.DataFrame) -> tuple[int, int]:
    """What a frame holds, as a number, whatever the order of its rows."""
    return frame.height, frame.hash_rows().sum() or 0


def kept(viewer: Viewer, key: tuple, make: Callable[[], pl.DataFrame]) -> pl.DataFrame:
    """What `make` answers, kept as long as the same is asked of the same rows: what is written today changes nothing of
    what was learned up to yesterday."""
    held = viewer.store.cache.setdefault("reverse planning", {})
    if key not in held:
        if len(held) >= KEPT:
            held.clear()
        held[key] = make()
    return held[key]
