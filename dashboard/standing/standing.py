"""Where a part of the bank stands in a period, against its plan: what the meeting pages show."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import polars as pl

from dashboard.standing import bank_rules, gather
from dashboard.standing.part import Part
from db.access import Viewer
from db.codes import TIERS
from db.log import product_list
from db.people import people
from metrics import periods, workdays
from metrics.cases import CELL
from metrics.catalog import FUNNEL
from metrics.definitions import Definitions
from metrics.metric import measure
from metrics.periods import Period
from metrics.plans import attainment
from metrics.plans.projection import day_to_day, projected
from metrics.plans.summary import against, everyone


@dataclass(frozen=True)
class Standing:
    """One part of the bank in one period, as it stood `on` a day; `as_of` where the plans, postings and definitions are
    those in force on a day, instead of what became of them. `table` has one row a key of `by` with the funnel,
    `total` the same for all of it; `standing` and `total_standing` set them against the plan, one row a key and
    measure, with where they will end (attainment.against_plan, projection.projected). `working_days`, gone and in all,
    and `time_progress` are on the definitions' time basis, `other_progress` is on the other one. `tiers` are the plans
    of the higher tiers, where there are any."""

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
    as_of: date | None
    _ranked: dict[str, pl.DataFrame] = field(default_factory=dict, init=False, compare=False)

    def ranked(self, measure: str) -> pl.DataFrame:
        """The rows of `standing` of one measure, the furthest behind on top."""
        if measure not in self._ranked:
            rows = self.standing.filter(pl.col("measure") == measure)
            self._ranked[measure] = rows.sort("status", "pace_gap", nulls_last=True)
        return self._ranked[measure]

    @property
    def is_over(self) -> bool:
        """Whether no working day of the period is left."""
        gone, days = self.working_days
        return gone >= days


def compute(
    viewer: Viewer,
    period: Period,
    on: date,
    part: Part,
    by: Sequence[str],
    through: date,
    as_of: date | None = None,
) -> Standing:
    """The period as it stands on a day: activity up to `on`, time up to `through`; with plans, postings and definitions
    `as_of` a day, or as they became."""
    asked = (period, on, part, through, as_of)
    found = viewer.cached("standing of all together", *asked, read=lambda: of_all(viewer, *asked))
    frames = gather.frames(viewer, period, part, through=through, as_of=as_of, on=on)
    log = frames.activity
    if "week" in by:
        log = log.join(periods.calendar_dimension(period).select("day", "week").lazy(), on="day", how="left")
    parts = bank_rules.by_region(viewer, period, part, by, as_of or period.last)
    if len(parts) > 1:  # each region by its own definitions, all together by the bank's
        each = [compute(viewer, period, on, one, by, through, as_of) for one, _rules in parts]
        table, rows = pl.concat(one.table for one in each), pl.concat(one.standing for one in each)
    else:
        planned = gather.planned(viewer, period, part, by, found.rules, as_of)
        done = gather.done(viewer, period, part, on) if set(by) <= set(CELL) else log
        table = measure(done, FUNNEL, by, everyone(frames.people, period, by, planned))
        rows = against(frames, table, planned, period, through, found.rules, by)
        if "week" not in by:  # a history is not projected
            rows = projected(rows, day_to_day(log, through, by), by)
    return replace(found, table=table, standing=rows)


def of_all(viewer: Viewer, period: Period, on: date, part: Part, through: date, as_of: date | None = None) -> Standing:
    """The same without its rows: what holds of all together, whatever they are shown by."""
    decided = as_of or period.last
    rules = bank_rules.definitions(viewer, decided, part)
    frames = gather.frames(viewer, period, part, through=through, as_of=as_of, on=on)
    total = measure(gather.done(viewer, period, part, on), FUNNEL)
    whole = against(frames, total, gather.planned(viewer, period, part, (), rules, as_of), period, through, rules, ())
    inside = frames.calendar.filter(pl.col("day").is_between(period.first, period.last))
    basis = attainment.time_basis(inside, rules)
    return Standing(
        period,
        on,
        through,
        rules,
        frames.people.drop_nulls("manager"),
        pl.DataFrame(),
        total.row(0, named=True),
        pl.DataFrame(),
        projected(whole, day_to_day(frames.activity, through)),
        workdays.time_progress(basis, period, through),
        other_progress(inside, period, through, rules),
        (workdays.working_days(basis, period.until(through)), workdays.working_days(basis, period)),
        higher_tiers(viewer, period, part, rules, as_of),
        bank_rules.earlier_versions(viewer, Period(period.first, decided), part),
        as_of,
    )


def other_progress(inside: pl.DataFrame, period: Period, through: date, rules: Definitions) -> float | None:
    """The time gone on the basis that the definitions do not use."""
    if rules.time_basis == "calendar":
        return workdays.time_progress(inside, period, through)
    return workdays.calendar_progress(period, through)


def higher_tiers(
    viewer: Viewer, period: Period, part: Part, rules: Definitions, as_of: date | None
) -> dict[str, dict[str, float]]:
    """What all together plan beyond the target: tier → measure → plan; empty where the region uses one tier."""
    if not rules.three_tiers:
        return {}
    read = {tier: gather.planned(viewer, period, part, (), rules, as_of, tier) for tier in list(TIERS)[1:]}
    return {tier: dict(table.select("measure", "plan").iter_rows()) for tier, table in read.items()}


def with_names(viewer: Viewer, table: pl.DataFrame) -> pl.DataFrame:
    """Adds manager_name, branch_name and the names of products where the frame has their ids."""
    if "manager" in table.columns:
        table = table.join(people.names(viewer), on="manager", how="left", maintain_order="left")
    if "branch" in table.columns:
        places = people.branches(viewer).select("branch", "branch_name")
        table = table.join(places, on="branch", how="left", maintain_order="left")
    if "product" in table.columns:
        table = table.join(product_list.read(viewer), on="product", how="left", maintain_order="left")
    return table
