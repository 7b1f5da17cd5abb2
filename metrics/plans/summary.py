"""The summary report: every measure of the funnel, beside its plan, by whatever keys are asked."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from metrics.catalog import FUNNEL, MEASURES
from metrics.definitions import Definitions
from metrics.metric import measure
from metrics.periods import Period, calendar_dimension
from metrics.plans import attainment, spreading
from metrics.plans.projection import PROJECTED, day_to_day, projected
from metrics.plans.scatter import SCATTER

ORGANISATION = ("region", "branch", "manager")
TIME = ("day", "week", "month")
WAYS = ("channel", "method")  # have no plan
KEYS = (*ORGANISATION, "product", *WAYS, *TIME)


STANDING = ("plan", "attainment", "pace_gap", "needed_per_day", "status", *PROJECTED)


@dataclass(frozen=True)
class Frames:
    """What a summary is made of, all limited to the same part of the bank: `activity` of the period; `people` (one row
    a manager and branch posted in it, and one without a manager for a branch where nobody is); `plans` and `calendar`
    of its whole months; `posting_days` of these months, each manager's in other parts of the bank included; `scatter`
    of whole branches (scatter.scatter), empty where nothing is known of it. Where all is `one_manager`'s, time is their
    own."""

    activity: pl.LazyFrame
    people: pl.DataFrame
    plans: pl.DataFrame
    posting_days: pl.DataFrame
    calendar: pl.DataFrame
    one_manager: bool = False
    scatter: pl.DataFrame = field(default_factory=SCATTER.to_frame)


def summary(
    frames: Frames, period: Period, through: date, definitions: Definitions, by: Sequence[str] = ()
) -> pl.DataFrame:
    """One row a combination of `by` (any of KEYS, at most one of day, week, month), sorted by it; one row in all
    without it. The keys, FUNNEL with its intervals, per measure the columns of STANDING as `<measure>_<column>` (null
    by channel or method, which have no plan; parts of a period are not projected), and time_progress (up to `through`).

    Everyone has a row: each manager, branch or region in `people`, each day, week or month of the period, and each
    product with a plan, also with nothing logged. Raises ValueError for an unknown key or two of time."""
    unknown = [key for key in by if key not in KEYS]
    if unknown or sum(key in TIME for key in by) > 1:
        raise ValueError(f"cannot summarise by {', '.join(by)}: use keys of {', '.join(KEYS)}, one of time at most")
    activity = frames.activity
    if {"week", "month"} & set(by):
        activity = activity.join(calendar_dimension(period).lazy().drop("quarter"), on="day", how="left")
    plans = plans_by(frames, period, definitions, by) if not set(WAYS) & set(by) else None
    table = measure(activity, FUNNEL, by, everyone(frames.people, period, by, plans))
    if plans is None:
        nothing = [pl.lit(None, pl.Float64).alias(f"{name}_{one}") for name in MEASURES for one in STANDING]
        return table.with_columns(*nothing, time_progress=pl.lit(None, pl.Float64))
    long = against(frames, table, plans, period, through, definitions, by)
    if set(TIME) & set(by):
        long = long.with_columns(pl.lit(None).alias(name) for name in PROJECTED)
    else:
        long = projected(long, day_to_day(activity, through, by), by)
    for name in MEASURES:
        one = long.filter(pl.col("measure") == name)
        table = table.with_columns(**{f"{name}_{column}": one[column] for column in STANDING})
    return table.with_columns(time_progress=long.filter(pl.col("measure") == "consultations")["time_progress"])


def standing(
    frames: Frames,
    measured: pl.DataFrame,
    period: Period,
    through: date,
    definitions: Definitions,
    by: Sequence[str] = (),
) -> pl.DataFrame:
    """Where each row of `measured` (by keys that have a plan) stands against it: attainment.against_plan."""
    return against(frames, measured, plans_by(frames, period, definitions, by), period, through, definitions, by)


def against(
    frames: Frames,
    measured: pl.DataFrame,
    plans: pl.DataFrame,
    period: Period,
    through: date,
    definitions: Definitions,
    by: Sequence[str],
) -> pl.DataFrame:
    calendar = attainment.time_basis(frames.calendar, definitions)
    posted = frames.posting_days.join(frames.people.select("branch").unique(), on="branch", how="semi")
    days = attainment.days_gone(posted, calendar, period, through, by, frames.one_manager)
    return attainment.against_plan(measured, plans, days, definitions, by, frames.scatter, frames.people)


def plans_by(frames: Frames, period: Period, definitions: Definitions, by: Sequence[str] = ()) -> pl.DataFrame:
    """The part of the plans that falls in the period, one row a combination of `by` and measure: spreading.planned. By
    product it is the plans of single products, else those over all of them."""
    grain = next((key for key in by if key in TIME), None)
    calendar = attainment.time_basis(frames.calendar, definitions)
    plans = (
        spreading.of_products(frames.plans)
        if "product" in by
        else spreading.over_products(frames.plans, frames.posting_days, calendar, frames.people)
    )
    parts = spreading.spread(plans, frames.posting_days, calendar, period, grain)
    inside = parts.join(frames.people.select("branch").unique(), on="branch", how="semi")
    whole_regions = parts.filter(pl.col("branch").is_null() & pl.col("manager").is_null())
    return spreading.planned(pl.concat([inside, whole_regions]), frames.people, by)


def everyone(
    people: pl.DataFrame, period: Period, by: Sequence[str], plans: pl.DataFrame | None = None
) -> list[pl.DataFrame]:
    """The keys that must have a row (`everyone` of measure): what has a plan; then who is posted, times each part of
    the period. Who logged nothing and has no plan of a product stands once, without one."""
    with_plan = [plans.select(by).unique()] if plans is not None and by else []
    there = [key for key in by if key in ORGANISATION]
    grain = [key for key in by if key in TIME]
    frame = people.select(there).drop_nulls().unique() if there else None
    if grain:
        parts = calendar_dimension(period).select(grain).unique()
        frame = parts if frame is None else frame.join(parts, how="cross")
    return with_plan if frame is None else [*with_plan, frame]
