"""Plan against actual: the share of the plan reached, beside the share of the time gone, and the word for the gap."""

from collections.abc import Sequence
from datetime import date
from functools import cache

import polars as pl

from metrics import statuses
from metrics.catalog import MEASURES
from metrics.definitions import Definitions
from metrics.periods import Period
from metrics.plans.scatter import SCATTER, with_chance
from metrics.plans.spreading import buckets, time_key

STATUSES = statuses.codes(statuses.ATTAINMENT)
SELDOM = 0.05  # what chance alone does no more often than this is not put down to it
NO_SCATTER = pl.DataFrame(schema=SCATTER)
NOBODY = pl.DataFrame(schema={"manager": pl.Int32, "branch": pl.Int32, "region": pl.Int32})


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

    With "manager" in `by`, or where all is `own` to one, they are the manager's: days posted (there), less their leave,
    a half day as 0.5; else the calendar's, one row a day, week or month in `by`, or one row in all."""
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
    measured: pl.DataFrame,
    plans: pl.DataFrame,
    days: pl.DataFrame,
    definitions: Definitions,
    by: Sequence[str] = (),
    scatter: pl.DataFrame = NO_SCATTER,
    people: pl.DataFrame = NOBODY,
) -> pl.DataFrame:
    """One row a key of `by` and measure, everyone in `measured` and every plan included: actual, plan, attainment,
    days, days_gone, time_progress, pace_gap, needed_per_day, chance, status.

    attainment = actual to date ÷ plan of the whole period, not capped; null, as the gap and the need are, where the
    plan is absent or 0, with status "no_plan". needed_per_day is never negative, and null when no day is left. chance
    is scatter.with_chance of whoever is below the threshold for Behind; without `scatter` counts are Poisson's."""
    by = list(by)
    names = [name for name in MEASURES if name in measured.columns]
    long = measured.select(*by, *names).unpivot(names, index=by, variable_name="measure", value_name="actual")
    plans = plans.filter(pl.col("measure").is_in(names))
    long = long.join(plans, on=[*by, "measure"], how="full", coalesce=True, validate="1:1", nulls_equal=True)
    long = long.with_columns(pl.col("actual").fill_null(0))
    keys = [name for name in by if name in days.columns]
    long = long.join(days, on=keys, how="left", validate="m:1") if keys else long.join(days, how="cross")
    long = long.with_columns(pl.col("days", "days_gone").fill_null(0)).with_columns(**PACE).with_columns(**GAP)
    order = {name: place for place, name in enumerate(names)}
    place = pl.col("measure").replace_strict(order, return_dtype=pl.Int8)
    long = with_chance(long.sort(*by, place, nulls_last=True), scatter, people, below(definitions))
    return long.with_columns(status=status(definitions))


LEFT = pl.col("days") - pl.col("days_gone")
PLANNED = pl.when(pl.col("plan") > 0).then(pl.col("plan"))
PACE = {
    "plan": PLANNED,
    "attainment": pl.col("actual") / PLANNED,
    "time_progress": pl.when(pl.col("days") > 0).then(pl.col("days_gone") / pl.col("days")),
    "needed_per_day": pl.when(LEFT > 0).then((PLANNED - pl.col("actual")).clip(lower_bound=0) / LEFT),
}
GAP = {"pace_gap": pl.col("attainment") - pl.col("time_progress")}


@cache  # kept, like all that is made of declarations: to build it takes longer than to compute it of a branch
def below(definitions: Definitions) -> pl.Expr:
    return exact(pl.col("pace_gap")) < definitions.behind_below


def exact(gap: pl.Expr) -> pl.Expr:
    return gap.round(9)  # 0.55 − 0.65 is exactly ten points to everyone but a computer


@cache
def status(definitions: Definitions) -> pl.Expr:
    """A word for `plan`, `pace_gap` and `chance`, as an enum that sorts the furthest behind first; "away" where there is
    a plan and no day to reach it on. Behind is who is so by the definitions' thresholds and has done less than chance
    gives in all but SELDOM of such cases; who may be so by chance, or of whom that cannot be told, is watched."""
    gap, plan = exact(pl.col("pace_gap")), pl.col("plan")
    by_chance = (pl.col("chance") > SELDOM).fill_null(True)
    word = (
        pl.when(plan.is_null())
        .then(pl.lit("no_plan"))
        .when(gap.is_null())
        .then(pl.lit("away"))
        .when(gap >= definitions.watch_below)
        .then(pl.lit("on_pace"))
        .when((gap >= definitions.behind_below) | by_chance)
        .then(pl.lit("watch"))
        .when(gap >= definitions.far_behind_below)
        .then(pl.lit("behind"))
        .otherwise(pl.lit("far_behind"))
    )
    return word.cast(pl.Enum(STATUSES))


def next_tier(actual: float, plan: float, tiers: dict[str, float]) -> tuple[str, float, float] | None:
    """The lowest tier (in the order of `tiers`) that is not reached, else the highest: its name, its plan and the share
    of it that is reached. One below the plan is left out: not all of those together have it. None where there is
    none."""
    planned = [(tier, one, actual / one) for tier, one in tiers.items() if one >= plan]
    return next((one for one in planned if one[2] < 1), planned[-1] if planned else None)
