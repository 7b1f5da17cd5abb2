"""Plan against actual: the share of the plan reached, beside the share of the time gone, and the word for the gap."""

from collections.abc import Sequence
from datetime import date

import polars as pl

from metrics.catalog import MEASURES
from metrics.definitions import Definitions
from metrics.periods import Period
from metrics.spreading import buckets, time_key

STATUSES = ("far_behind", "behind", "watch", "on_pace", "away", "no_plan")


def time_basis(calendar: pl.DataFrame, definitions: Definitions) -> pl.DataFrame:
    """The calendar on the definitions' basis: on "calendar" every day counts."""
    return calendar.with_columns(is_workday=pl.lit(True)) if definitions.time_basis == "calendar" else calendar


def days_gone(
    posting_days: pl.DataFrame,
    calendar: pl.DataFrame,
    period: Period,
    through: date,
    by: Sequence[str] = (),
    own: bool = False,
) -> pl.DataFrame:
    """Working days of the period, in all and up to and including `through`: keys of `by`, days, days_gone.

    With "manager" in `by`, or where all is `own` to one, they are the manager's: days posted (there), less his leave, a
    half day as 0.5; else the calendar's, one row a day, week or month in `by`, or one row in all."""
    days = calendar.filter(pl.col("is_workday") & pl.col("day").is_between(period.first, period.last))
    grain = next((name for name in by if name in ("day", "week", "month")), None)
    days = buckets(days, grain).select(list(dict.fromkeys(("day", *time_key(grain)))))
    keys = time_key(grain)
    if "manager" in by or own:
        days = posting_days.join(days, on="day").with_columns(here=1 - pl.col("away"))
        keys = tuple(name for name in by if name in days.columns)
    else:
        days = days.with_columns(here=pl.lit(1.0))
    gone = pl.when(pl.col("day") <= through).then("here").otherwise(0.0)
    counted = {"days": pl.col("here").sum(), "days_gone": gone.sum()}
    return days.group_by(keys).agg(**counted) if keys else days.select(**counted)


def against_plan(
    measured: pl.DataFrame, plans: pl.DataFrame, days: pl.DataFrame, definitions: Definitions, by: Sequence[str] = ()
) -> pl.DataFrame:
    """One row a key of `by` and measure, everyone in `measured` and every plan included: actual, plan, attainment, days, days_gone,
    time_progress, pace_gap, needed_per_day, status.

    attainment = actual to date ÷ plan of the whole period, not capped; null, as the gap and the need are, where the
    plan is absent or 0, with status "no_plan". needed_per_day is never negative, and null when no day is left."""
    by = list(by)
    names = [name for name in MEASURES if name in measured.columns]
    long = measured.select(*by, *names).unpivot(names, index=by, variable_name="measure", value_name="actual")
    plans = plans.filter(pl.col("measure").is_in(names))
    long = long.join(plans, on=[*by, "measure"], how="full", coalesce=True, validate="1:1", nulls_equal=True)
    long = long.with_columns(pl.col("actual").fill_null(0))
    keys = [name for name in by if name in days.columns]
    long = long.join(days, on=keys, how="left", validate="m:1") if keys else long.join(days, how="cross")
    long = long.with_columns(pl.col("days", "days_gone").fill_null(0))
    left = pl.col("days") - pl.col("days_gone")
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
    """A word by the definitions' thresholds, as an enum that sorts the furthest behind first; "away" where there is a plan
    and no day to reach it on."""
    gap = pace_gap.round(9)  # 0.55 − 0.65 is exactly ten points to everyone but a computer
    word = (
        pl.when(plan.is_null())
        .then(pl.lit("no_plan"))
        .when(gap.is_null())
        .then(pl.lit("away"))
        .when(gap >= definitions.watch_below)
        .then(pl.lit("on_pace"))
        .when(gap >= definitions.behind_below)
        .then(pl.lit("watch"))
        .when(gap >= definitions.far_behind_below)
        .then(pl.lit("behind"))
        .otherwise(pl.lit("far_behind"))
    )
    return word.cast(pl.Enum(STATUSES))


def next_tier(actual: float, plan: float, tiers: dict[str, float]) -> tuple[str, float, float] | None:
    """The lowest tier (in the order of `tiers`) that is not reached, else the highest: its name, its plan and the share of
    it that is reached. One below the plan is left out: not all of those together have it. None where there is none."""
    planned = [(tier, one, actual / one) for tier, one in tiers.items() if one >= plan]
    return next((one for one in planned if one[2] < 1), planned[-1] if planned else None)
