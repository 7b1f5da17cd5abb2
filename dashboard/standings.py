"""Where a part of the bank stands in a period: what the meeting pages show, gathered once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from dashboard import clock, report
from dashboard.report import Part
from db import activity, calendar, customers, meetings, people, territories
from db.access import Viewer
from db.codes import TIERS
from metrics import attainment, periods, workdays
from metrics import penetration as penetrations
from metrics.catalog import FUNNEL, PER_DAY
from metrics.definitions import Definitions
from metrics.metric import measure
from metrics.periods import Period
from metrics.projection import day_to_day, projected
from metrics.summary import against, everyone, plans_by, standing

BEGINNING = date(2000, 1, 1)  # before any log
LOOK_BACK = timedelta(31)  # longer than any holiday
OFFERED = 5  # working days ahead among which a next step is offered


@dataclass(frozen=True)
class Standing:
    """One part of the bank in one period, as it stood `on` a day. `table` has one row a key of `by` with the funnel,
    `total` the same for all of it; `standing` and `total_standing` set them against the plan, one row a key and measure,
    with where they will end (attainment.against_plan, projection.projected). `working_days`, gone and in all, and
    `time_progress` are on the definitions' time basis, `other_progress` is on the other one. `tiers` are the plans of the
    higher tiers, where there are any."""

    period: Period
    on: date
    through: date
    rules: Definitions
    people: pl.DataFrame
    table: pl.DataFrame
    total: dict
    standing: pl.DataFrame
    total_standing: pl.DataFrame
    time_progress: float | None
    other_progress: float | None
    working_days: tuple[int, int]
    tiers: dict[str, dict[str, float]]
    earlier: tuple[Definitions, ...]  # other versions that held on some day of the period


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
    branch = part.branch if part.branch is not None else viewer.branch  # a manager's day ends with his branch's meeting
    if on == clock.today() and branch is not None and meetings.closed(viewer, branch, on):
        return on
    return clock.done_through(on)


def reckon(viewer: Viewer, period: Period, on: date, part: Part, by: Sequence[str], through: date) -> Standing:
    rules = report.definitions(viewer, period.last, part)
    frames = report.frames(viewer, period, part)
    log = frames.activity.filter(pl.col("day") <= on)
    if "week" in by:
        log = log.join(periods.calendar_dimension(period).select("day", "week").lazy(), on="day", how="left")
    parts = report.apart(viewer, period, part, by)
    if len(parts) > 1:  # each region by its own definitions, all together by the bank's
        each = [reckon(viewer, period, on, one, by, through) for one, _rules in parts]
        table, rows = pl.concat(one.table for one in each), pl.concat(one.standing for one in each)
    else:
        planned = plans_by(frames, period, rules, by)
        table = measure(log, FUNNEL, by, everyone(frames.people, period, by, planned))
        rows = against(frames, table, planned, period, through, rules, by)
        if "week" not in by:  # a history is not projected
            rows = projected(rows, day_to_day(log, through, by), by)
    total = measure(log, FUNNEL)
    whole = standing(frames, total, period, through, rules)
    inside = frames.calendar.filter(pl.col("day").is_between(period.first, period.last))
    basis = attainment.time_basis(inside, rules)
    return Standing(
        period,
        on,
        through,
        rules,
        frames.people.drop_nulls("manager"),
        table,
        total.row(0, named=True),
        rows,
        projected(whole, day_to_day(log, through)),
        workdays.time_progress(basis, period, through),
        other_progress(inside, period, through, rules),
        (workdays.working_days(basis, period.until(through)), workdays.working_days(basis, period)),
        higher_tiers(viewer, period, part, rules),
        report.earlier_definitions(viewer, period, part),
    )


def other_progress(inside: pl.DataFrame, period: Period, through: date, rules: Definitions) -> float | None:
    """The time gone on the basis that the definitions do not use."""
    if rules.time_basis == "calendar":
        return workdays.time_progress(inside, period, through)
    return workdays.calendar_progress(period, through)


def higher_tiers(viewer: Viewer, period: Period, part: Part, rules: Definitions) -> dict[str, dict[str, float]]:
    """What all together plan beyond the target: tier → measure → plan; empty where the region uses one tier."""
    if not rules.three_tiers:
        return {}
    read = {tier: plans_by(report.frames(viewer, period, part, tier), period, rules) for tier in list(TIERS)[1:]}
    return {tier: dict(table.select("measure", "plan").iter_rows()) for tier, table in read.items()}


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
    """Penetration as a stock up to a day (metrics.penetration), for everyone the viewer sees, by region or branch; each
    region by the definitions in force there on that day."""
    to_date, registers = activity.read(viewer, Period(BEGINNING, on)), territories.registers(viewer)
    seen = people.branches(viewer)
    parts = []
    for region in seen["region"].unique(maintain_order=True) if seen.height else [viewer.region]:
        here = pl.col("region") == region
        rules = report.definitions(viewer, on, Part(region=region))
        everyone = seen.filter(here).select(by)
        parts.append(penetrations.penetration(to_date.filter(here), registers.filter(here), on, rules, by, everyone))
    return pl.concat(parts)


def products(viewer: Viewer, on: date) -> pl.DataFrame:
    """Product penetration as a stock up to a day, with the products' names."""
    to_date = activity.read(viewer, Period(BEGINNING, on))
    return with_names(viewer, penetrations.product_penetration(to_date))


def with_names(viewer: Viewer, table: pl.DataFrame) -> pl.DataFrame:
    """Adds manager_name, branch_name and the names of products where the frame has their ids."""
    if "manager" in table.columns:
        table = table.join(people.names(viewer), on="manager", how="left", maintain_order="left")
    if "branch" in table.columns:
        places = people.branches(viewer).select("branch", "branch_name")
        table = table.join(places, on="branch", how="left", maintain_order="left")
    if "product" in table.columns:
        table = table.join(customers.products(viewer), on="product", how="left", maintain_order="left")
    return table
