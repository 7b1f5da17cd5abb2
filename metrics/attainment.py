"""Plan against actual: the share of the plan reached, beside the share of the time gone.

A month's plan is spread over the working days its holder is there, so that any part of a period, and a transfer in
the middle of a month, gets its part; then it is joined one to one, at the grain of the activity, and never summed twice."""

from collections.abc import Sequence
from datetime import date

import polars as pl

from metrics.catalog import MEASURES
from metrics.definitions import Definitions
from metrics.periods import Period

LEVELS = ("region", "branch", "manager")
STATUSES = ("far_behind", "behind", "watch", "on_pace", "no_plan")


def time_basis(calendar: pl.DataFrame, definitions: Definitions) -> pl.DataFrame:
    """The calendar on the definitions' basis: on "calendar" every day counts."""
    return calendar.with_columns(is_workday=pl.lit(True)) if definitions.time_basis == "calendar" else calendar


def spread(
    plans: pl.DataFrame,
    posting_days: pl.DataFrame,
    calendar: pl.DataFrame,
    period: Period,
    grain: str | None = None,
) -> pl.DataFrame:
    """The part of each plan (frames.PLAN) that falls in the period: region, branch, manager, plan_month, measure, plan;
    with `grain` (day, week, month) also the first day of each such part of the period, in a column of that name.

    A manager's month goes by his posted working days, and so to the branches he worked in; a branch's or region's by
    the month's working days. `posting_days` (frames.POSTING_DAY) and `calendar` must cover the months of the period."""
    inside = pl.col("day").is_between(period.first, period.last)
    days = buckets(calendar.filter(pl.col("is_workday")), grain)
    days = days.select(*dict.fromkeys(("day", *time_key(grain))), plan_month=pl.col("day").dt.truncate("1mo"))
    worked = posting_days.join(days, on="day")
    whole = worked.group_by("manager", "plan_month").agg(days=pl.len())
    parts = (
        worked.filter(inside).group_by("manager", "branch", "region", "plan_month", *time_key(grain)).agg(part=pl.len())
    )
    plans = plans.rename({"month": "plan_month"})
    own = plans.filter(pl.col("manager").is_not_null()).select("manager", "plan_month", "measure", "target")
    own = own.join(parts.join(whole, on=["manager", "plan_month"]), on=["manager", "plan_month"])
    length = days.group_by("plan_month").agg(days=pl.len())
    month = (
        days.filter(inside).group_by("plan_month", *time_key(grain)).agg(part=pl.len()).join(length, on="plan_month")
    )
    placed = plans.filter(pl.col("manager").is_null()).join(month, on="plan_month")
    share = (pl.col("target").cast(pl.Float64) * pl.col("part") / pl.col("days")).alias("plan")
    keys = (*LEVELS, "plan_month", *time_key(grain), "measure")
    every = pl.concat([own.select(*keys, share), placed.select(*keys, share)])
    return every.group_by(keys).agg(pl.col("plan").sum())


def time_key(grain: str | None) -> tuple[str, ...]:
    return (grain,) if grain else ()


def buckets(days: pl.DataFrame, grain: str | None) -> pl.DataFrame:
    """Adds the first day of the week (Monday) or month of each day, in a column of that name."""
    if grain not in ("week", "month"):
        return days
    return days.with_columns(pl.col("day").dt.truncate({"week": "1w", "month": "1mo"}[grain]).alias(grain))


def planned(parts: pl.DataFrame, branches: pl.DataFrame, by: Sequence[str] = ()) -> pl.DataFrame:
    """Plans at the grain of `by` (any of region, branch, manager and the grain they were spread by): keys, measure, plan.

    A branch's plan of a month is its own where it has one, else the sum of its managers'; a region's likewise of its
    branches. `branches` maps branch to region."""
    manager = parts.filter(pl.col("manager").is_not_null())
    if "manager" in by:
        return manager.group_by(*by, "measure").agg(pl.col("plan").sum())
    when = [name for name in parts.columns if name in ("plan_month", "day", "week", "month")]
    own = parts.filter(pl.col("manager").is_null() & pl.col("branch").is_not_null())
    branch = prefer(own, manager, ["branch", *when, "measure"])
    branch = branch.join(branches.select("branch", "region").unique(), on="branch", how="left")
    if "branch" in by:
        return branch.group_by(*by, "measure").agg(pl.col("plan").sum())
    own = parts.filter(pl.col("manager").is_null() & pl.col("branch").is_null())
    region = prefer(own, branch, ["region", *when, "measure"])
    return region.group_by(*by, "measure").agg(pl.col("plan").sum())


def prefer(own: pl.DataFrame, parts: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """Per key the holder's own plan, or where it has none the sum of its parts."""
    summed = parts.group_by(keys).agg(summed=pl.col("plan").sum())
    joined = own.select(*keys, "plan").join(summed, on=keys, how="full", coalesce=True)
    return joined.select(*keys, plan=pl.coalesce("plan", "summed"))


def days_gone(
    posting_days: pl.DataFrame, calendar: pl.DataFrame, period: Period, through: date, by: Sequence[str] = ()
) -> pl.DataFrame:
    """Working days of the period, in all and up to and including `through`: keys of `by`, days, days_gone.

    With "manager" in `by` they are the manager's own: days posted (there), less his leave; else the calendar's, one row
    a day, week or month in `by`, or one row in all."""
    days = calendar.filter(pl.col("is_workday") & pl.col("day").is_between(period.first, period.last))
    grain = next((name for name in by if name in ("day", "week", "month")), None)
    days = buckets(days, grain).select(list(dict.fromkeys(("day", *time_key(grain)))))
    keys = time_key(grain)
    if "manager" in by:
        days = posting_days.filter(~pl.col("absent")).join(days, on="day")
        keys = tuple(by)
    counted = {"days": pl.len(), "days_gone": (pl.col("day") <= through).sum()}
    return days.group_by(keys).agg(**counted) if keys else days.select(**counted)


def against_plan(
    measured: pl.DataFrame, plans: pl.DataFrame, days: pl.DataFrame, definitions: Definitions, by: Sequence[str] = ()
) -> pl.DataFrame:
    """One row a key of `by` and measure, everyone in `measured` included: actual, plan, attainment, days, days_gone,
    time_progress, pace_gap, needed_per_day, status.

    attainment = actual to date ÷ plan of the whole period, not capped; null, as the gap and the need are, where the
    plan is absent or 0, with status "no_plan". needed_per_day is never negative, and null when no day is left."""
    by = list(by)
    names = [name for name in MEASURES if name in measured.columns]
    long = measured.select(*by, *names).unpivot(names, index=by, variable_name="measure", value_name="actual")
    long = long.join(plans, on=[*by, "measure"], how="left", validate="1:1", nulls_equal=True)
    keys = [name for name in by if name in days.columns]
    long = long.join(days, on=keys, how="left", validate="m:1") if keys else long.join(days, how="cross")
    long = long.with_columns(pl.col("days", "days_gone").fill_null(0))
    left = pl.col("days").cast(pl.Int64) - pl.col("days_gone").cast(pl.Int64)
    plan = pl.when(pl.col("plan") > 0).then(pl.col("plan"))
    long = long.with_columns(
        plan=plan,
        attainment=pl.col("actual") / plan,
        time_progress=pl.when(pl.col("days") > 0).then(pl.col("days_gone") / pl.col("days")),
        needed_per_day=pl.when(left > 0).then((plan - pl.col("actual")).clip(lower_bound=0) / left),
    ).with_columns(pace_gap=pl.col("attainment") - pl.col("time_progress"))
    order = {name: place for place, name in enumerate(names)}
    place = pl.col("measure").replace_strict(order, return_dtype=pl.Int8)
    return long.with_columns(status=status(pl.col("pace_gap"), pl.col("plan"), definitions)).sort(
        *by, place, nulls_last=True
    )


def status(pace_gap: pl.Expr, plan: pl.Expr, definitions: Definitions) -> pl.Expr:
    """A word by the definitions' thresholds, as an enum that sorts the furthest behind first."""
    gap = pace_gap.round(9)  # 0.55 − 0.65 is exactly ten points to everyone but a computer
    word = (
        pl.when(plan.is_null())
        .then(pl.lit("no_plan"))
        .when(gap.is_null() | (gap >= definitions.watch_below))
        .then(pl.lit("on_pace"))
        .when(gap >= definitions.behind_below)
        .then(pl.lit("watch"))
        .when(gap >= definitions.far_behind_below)
        .then(pl.lit("behind"))
        .otherwise(pl.lit("far_behind"))
    )
    return word.cast(pl.Enum(STATUSES))
