"""Where a part of the bank stands in a period: what the meeting pages show, gathered once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from dashboard import clock, report
from dashboard.report import Part
from db import activity, calendar, customers, meetings, people, territories
from db.access import Viewer
from metrics import penetration as penetrations
from metrics import periods, workdays
from metrics.catalog import FUNNEL, PER_DAY
from metrics.definitions import Definitions
from metrics.metric import measure
from metrics.periods import Period
from metrics.summary import everyone, standing

BEGINNING = date(2000, 1, 1)  # before any log
LOOK_BACK = timedelta(31)  # longer than any holiday
OFFERED = 5  # working days ahead among which a next step is offered


@dataclass(frozen=True)
class Standing:
    """One part of the bank in one period. `table` has one row a key of `by` with the funnel, `total` the same for all
    of it; `standing` and `total_standing` set them against the plan, one row a key and measure."""

    period: Period
    through: date
    rules: Definitions
    people: pl.DataFrame
    table: pl.DataFrame
    total: dict
    standing: pl.DataFrame
    total_standing: pl.DataFrame
    time_progress: float | None
    calendar_progress: float
    working_days: tuple[int, int]


def of_period(
    viewer: Viewer, period: Period, on: date, part: Part, by: Sequence[str], through: date | None = None
) -> Standing:
    """The period as it stands on a day: activity up to `on`, time up to the last day done by then (or `through`).
    Reckoned once for all who see the same part of the bank, until anybody writes."""
    through = through or done_through(viewer, min(on, period.last), part)
    scope = (viewer.role, viewer.region, viewer.branch, viewer.manager)
    key = ("standing", scope, period, on, part, tuple(by), through)
    return viewer.store.remembered(key, lambda: reckon(viewer, period, on, part, by, through))


def done_through(viewer: Viewer, on: date, part: Part) -> date:
    """The last day that counts as elapsed: today too, once the branch's evening meeting is closed or evening has come."""
    if on == clock.today() and part.branch is not None and meetings.closed(viewer, part.branch, on):
        return on
    return clock.done_through(on)


def reckon(viewer: Viewer, period: Period, on: date, part: Part, by: Sequence[str], through: date) -> Standing:
    rules = report.definitions(viewer, period.last)
    frames = report.frames(viewer, period, part)
    log = frames.activity.filter(pl.col("day") <= on)
    if "week" in by:
        log = log.join(periods.calendar_dimension(period).select("day", "week").lazy(), on="day", how="left")
    table = measure(log, FUNNEL, by, everyone(frames.people, period, by))
    total = measure(log, FUNNEL)
    inside = frames.calendar.filter(pl.col("day").is_between(period.first, period.last))
    return Standing(
        period,
        through,
        rules,
        frames.people.drop_nulls("manager"),
        table,
        total.row(0, named=True),
        standing(frames, table, period, through, rules, by),
        standing(frames, total, period, through, rules),
        workdays.time_progress(inside, period, through),
        workdays.calendar_progress(period, through),
        (workdays.working_days(inside, period.until(through)), workdays.working_days(inside, period)),
    )


def month_before(viewer: Viewer, on: date, part: Part, by: Sequence[str], today_too: bool = True) -> Standing:
    """The month as the morning of `on` finds it: time up to the day before. Activity of the day itself enters what is
    reached, or not, where what the day still needs is asked."""
    before = on - timedelta(1)
    return of_period(viewer, periods.month(on), on if today_too else before, part, by, before)


def of_day(viewer: Viewer, on: date, part: Part, by: Sequence[str]) -> Standing:
    return of_period(viewer, periods.day(on), on, part, by)


def workday_before(viewer: Viewer, on: date) -> date:
    """The last working day before; the day before where there was none for a month."""
    days = calendar.read(viewer, Period(on - LOOK_BACK, on))
    return workdays.workday_before(days, on) or on - timedelta(1)


def workdays_after(viewer: Viewer, on: date, number: int) -> list[date]:
    """The next working days after a day."""
    days = calendar.read(viewer, Period(on + timedelta(1), on + LOOK_BACK))
    return days.filter("is_workday")["day"].to_list()[:number]


def calendar_known(viewer: Viewer, *periods: Period) -> bool:
    """Whether the bank's calendar covers the months of all these periods, over whose working days plans are spread;
    where it does not, weekdays were counted."""
    return all(workdays.is_known(calendar.read(viewer, months), months) for months in map(report.whole_months, periods))


def soon(viewer: Viewer, on: date) -> Period:
    """From a day to the latest day that is offered for a next step."""
    return Period(on, max(workdays_after(viewer, on, OFFERED), default=on))


def is_workday(viewer: Viewer, on: date) -> bool:
    return calendar.read(viewer, periods.day(on))["is_workday"][0]


def promised(viewer: Viewer, on: date, part: Part) -> pl.DataFrame:
    """Promises of a part of the bank for a day."""
    conditions = [pl.col(level) == one for level, one in part.__dict__.items() if one is not None and level != "region"]
    return meetings.promises(viewer, on).filter(*conditions)


def by_week(viewer: Viewer, period: Period, part: Part) -> pl.DataFrame:
    """The funnel of each manager and week of the period, everyone and every week included."""
    frames = report.frames(viewer, period, part)
    weeks = periods.calendar_dimension(period).select("day", "week")
    log = frames.activity.join(weeks.lazy(), on="day", how="left")
    return measure(log, FUNNEL, ["manager", "week"], everyone(frames.people, period, ["manager", "week"]))


def per_day(viewer: Viewer, found: Standing, part: Part, by: Sequence[str]) -> pl.DataFrame:
    """Activity a manager and working day: the keys, PER_DAY and what they are made of."""
    frames = report.frames(viewer, found.period, part)
    there = frames.posting_days.join(found.people.select("branch").unique(), on="branch", how="semi")
    days = workdays.manager_days(there, frames.calendar, found.period, found.through, by)
    done = frames.activity.filter(pl.col("day") <= found.through)  # a day still running has no whole day to divide by
    return measure(done, PER_DAY, by, everyone(frames.people, found.period, by), given=days)


def penetration(viewer: Viewer, on: date, by: Sequence[str]) -> pl.DataFrame:
    """Penetration as a stock up to a day (metrics.penetration), for everyone the viewer sees."""
    to_date = activity.read(viewer, Period(BEGINNING, on))
    seen = people.branches(viewer)
    return penetrations.penetration(to_date, territories.registers(viewer), on, by, seen.select(by))


def products(viewer: Viewer, on: date) -> pl.DataFrame:
    """Product penetration as a stock up to a day, with the products' names."""
    to_date = activity.read(viewer, Period(BEGINNING, on))
    held = penetrations.product_penetration(to_date)
    return held.join(customers.products(viewer), on="product", how="left", maintain_order="left")


def with_names(viewer: Viewer, table: pl.DataFrame) -> pl.DataFrame:
    """Adds manager_name and branch_name where the frame has their ids."""
    if "manager" in table.columns:
        table = table.join(people.names(viewer), on="manager", how="left", maintain_order="left")
    if "branch" in table.columns:
        places = people.branches(viewer).select("branch", "branch_name")
        table = table.join(places, on="branch", how="left", maintain_order="left")
    return table
