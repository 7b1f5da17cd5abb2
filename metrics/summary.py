"""The summary report: every measure of the funnel, beside its plan, by whatever keys are asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from metrics import attainment
from metrics.catalog import FUNNEL, MEASURES
from metrics.definitions import Definitions
from metrics.metric import measure
from metrics.periods import Period, calendar_dimension

ORGANISATION = ("region", "branch", "manager")
TIME = ("day", "week", "month")
OTHER = ("product", "channel", "method")
KEYS = (*ORGANISATION, *OTHER, *TIME)


@dataclass(frozen=True)
class Frames:
    """What a summary is made of, all limited to the same part of the bank: `activity` of the period; `people` (one row
    a manager and branch posted in it, and one without a manager for a branch where nobody is); `plans` and `calendar` of
    its whole months; `posting_days` of these months, each manager's in other parts of the bank included."""

    activity: pl.LazyFrame
    people: pl.DataFrame
    plans: pl.DataFrame
    posting_days: pl.DataFrame
    calendar: pl.DataFrame


def summary(
    frames: Frames, period: Period, through: date, definitions: Definitions, by: Sequence[str] = ()
) -> pl.DataFrame:
    """One row a combination of `by` (any of KEYS, at most one of day, week, month), sorted by it; one row in all
    without it. The keys, FUNNEL with its intervals, and per measure `<measure>_plan` and `<measure>_attainment` (null
    by product, channel or method, which have no plan), and time_progress (up to `through`).

    Everyone has a row: each manager, branch or region in `people`, and each day, week or month of the period, also with
    nothing logged. Raises ValueError for an unknown key or two of time."""
    unknown = [key for key in by if key not in KEYS]
    if unknown or sum(key in TIME for key in by) > 1:
        raise ValueError(f"cannot summarise by {', '.join(by)}: use keys of {', '.join(KEYS)}, one of time at most")
    activity = frames.activity
    if {"week", "month"} & set(by):
        activity = activity.join(calendar_dimension(period).lazy().drop("quarter"), on="day", how="left")
    table = measure(activity, FUNNEL, by, everyone(frames.people, period, by))
    if set(OTHER) & set(by):
        nothing = [pl.lit(None, pl.Float64).alias(f"{name}_{of}") for name in MEASURES for of in ("plan", "attainment")]
        return table.with_columns(*nothing, time_progress=pl.lit(None, pl.Float64))
    long = standing(frames, table, period, through, definitions, by)
    for name in MEASURES:
        one = long.filter(pl.col("measure") == name)
        facts = {f"{name}_plan": one["plan"], f"{name}_attainment": one["attainment"]}
        table = table.with_columns(**facts)
    return table.with_columns(time_progress=long.filter(pl.col("measure") == "consultations")["time_progress"])


def standing(
    frames: Frames,
    measured: pl.DataFrame,
    period: Period,
    through: date,
    definitions: Definitions,
    by: Sequence[str] = (),
) -> pl.DataFrame:
    """Where each row of `measured` (by organisation and time keys) stands against its plan: attainment.against_plan."""
    grain = next((key for key in by if key in TIME), None)
    calendar = attainment.time_basis(frames.calendar, definitions)
    parts = attainment.spread(frames.plans, frames.posting_days, calendar, period, grain)
    branches = frames.people.select("branch").unique()
    inside = parts.join(branches, on="branch", how="semi")
    whole_regions = parts.filter(pl.col("branch").is_null() & pl.col("manager").is_null())
    plans = attainment.planned(pl.concat([inside, whole_regions]), frames.people, by)
    posted = frames.posting_days.join(branches, on="branch", how="semi")
    days = attainment.days_gone(posted, calendar, period, through, by)
    return attainment.against_plan(measured, plans, days, definitions, by)


def everyone(people: pl.DataFrame, period: Period, by: Sequence[str]) -> pl.DataFrame | None:
    """The keys that must have a row, None when nothing must: who is posted, times each part of the period. A product,
    channel or method has none of its own; who logged nothing stands once, without one."""
    there = [key for key in by if key in ORGANISATION]
    grain = [key for key in by if key in TIME]
    frame = people.select(there).drop_nulls().unique() if there else None
    if grain:
        parts = calendar_dimension(period).select(grain).unique()
        frame = parts if frame is None else frame.join(parts, how="cross")
    return frame
