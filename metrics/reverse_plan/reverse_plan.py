"""Reverse planning: from what of a plan remains back to the consultations it asks for on each remaining working day.

needed a day = (plan − actual − what the open pipeline should still yield) ÷ what one consultation a day, made on every
remaining day, should still bring within the period."""

from datetime import date

import polars as pl

from metrics.catalog import MEASURES
from metrics.definitions import Definitions
from metrics.intervals import Z_95
from metrics.periods import Period
from metrics.reverse_plan.experience import OWN, experience
from metrics.reverse_plan.feasibility import FEASIBILITY, feasible, limits, pace
from metrics.reverse_plan.prospects import outlook
from metrics.workdays import days_ahead

# One row a manager of a branch and measure: the plan of the whole period and the actual to date, amounts in cents.
REMAINING = pl.Schema(
    {"manager": pl.Int32, "branch": pl.Int32, "measure": pl.String, "plan": pl.Float64, "actual": pl.Float64}
)
NEED = pl.Schema(
    {
        "manager": pl.Int32,
        "branch": pl.Int32,
        "measure": pl.String,
        "remaining": pl.Float64,
        "pipeline": pl.Float64,
        "pipeline_low": pl.Float64,
        "pipeline_high": pl.Float64,
        "chance": pl.Float64,
        "eventual": pl.Float64,
        "days_left": pl.Float64,
        "needed": pl.Float64,
        "needed_low": pl.Float64,
        "needed_high": pl.Float64,
        "best": pl.Float64,
        "best_month": pl.Date,
        "usual": pl.Float64,
        "limit": pl.Float64,
        "own_limit": pl.Float64,
        "open_cases": pl.Int64,
        "feasibility": pl.Enum(FEASIBILITY),
    }
)


def reverse_plan(
    log: pl.DataFrame,
    calendar: pl.DataFrame,
    posting_days: pl.DataFrame,
    remaining: pl.DataFrame,
    period: Period,
    through: date,
    definitions: Definitions,
    owners: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """One row a row of `remaining` (REMAINING; further columns are left alone), by manager, branch and measure (NEED).

    `log` (frames.ACTIVITY) has whole branches and reaches back half a year or more; `calendar` (frames.CALENDAR) and
    `posting_days` (frames.POSTING_DAY) cover it and the period. Days after `through` are the remaining ones. A period
    that has not begun has all its days left, and is begun with a pipeline like that of `through`. `owners`
    (opportunity, manager) says who looks after an opportunity now; without it, whoever took its last step.

    pipeline: what it should yield within the period, and within which limits that may turn out (95 %); chance: how
    likely a consultation of the next working day still counts within the period, `eventual` whenever it does; needed:
    counted consultations on each own day left (leave left out), 0 where nothing is wanting, with the limits within
    which the need is known (95 %, Fieller): how good the own rates, the branch's lags and the pipeline's prospects are,
    not the luck of the days to come. needed_high is null where the data do not bound the need, needed where there is no
    plan, no day left or no way; best and usual: own consultations a day, over the months of the log. limit: the most consultations a day
    that are taken to be doable, own_limit the most of the measure itself, null where the branch has done none yet;
    open_cases: how many open opportunities can still come to the measure in the period. Source of the interval: E. C. Fieller, Some problems in interval estimation, JRSS B 16 (1954)."""
    remaining = remaining.select(list(REMAINING)).cast(REMAINING)
    if remaining.is_empty():
        return pl.DataFrame(schema=NEED)
    past = experience(log, calendar, through, definitions, remaining.select(OWN))
    ahead = days_ahead(calendar, period, through)
    there = posting_days.join(ahead, on="day").group_by(*OWN, "left").agg(here=(1 - pl.col("away")).sum())
    table = remaining.with_columns(plan=pl.when(pl.col("plan") > 0).then("plan"))
    table = table.with_columns(remaining=pl.col("plan") - pl.col("actual"))
    table = table.join(there.group_by(OWN).agg(days_left=pl.col("here").sum()), on=OWN, how="left")
    both = outlook(past, there, ahead.height, definitions.small_sample, owners)
    table = table.join(both, on=[*OWN, "measure"], how="left")
    table = table.join(pace(log, calendar, posting_days, through), on=OWN, how="left")
    own, colleagues = limits(log, calendar, posting_days, through, definitions.doable_multiple)
    for name, of in (("own_limit", pl.col("measure")), ("limit", pl.lit("consultations"))):
        asked = table.with_columns(_of=of)
        asked = asked.join(own, left_on=[*OWN, "_of"], right_on=[*OWN, "measure"], how="left")
        asked = asked.join(colleagues, left_on=["branch", "_of"], right_on=["branch", "measure"], how="left")
        table = asked.with_columns(pl.coalesce("own", "colleagues").alias(name)).drop("own", "colleagues", "_of")
    needs = table.with_columns(pl.col("days_left").fill_null(0.0)).with_columns(needed())
    place = pl.col("measure").replace_strict({name: nth for nth, name in enumerate(MEASURES)}, return_dtype=pl.Int8)
    return needs.with_columns(feasibility=feasible()).sort(*OWN, place).select(list(NEED)).cast(NEED)


def needed() -> list[pl.Expr]:
    """The need and its Fieller limits, and the limits of the pipeline; consultations need no detour."""
    direct = pl.col("measure") == "consultations"
    brings = pl.when(direct).then("days_left").otherwise("brings")
    some = (pl.col("days_left") > 0) & (brings > 0) & pl.col("remaining").is_not_null()
    zero = pl.when(direct).then(0.0)
    o, o_variance = zero.otherwise("open"), zero.otherwise("o_variance").fill_null(0.0)
    d_variance, together = zero.otherwise("d_variance"), zero.otherwise("covariance").fill_null(0.0)
    wanting = pl.col("remaining") - o.fill_null(0.0)
    # Every need x with (wanting − x·brings)² ≤ z² × the variance of that difference: a·x² − 2b·x + c ≤ 0.
    a = brings**2 - Z_95**2 * d_variance
    b = wanting * brings + Z_95**2 * together
    c = wanting**2 - Z_95**2 * o_variance
    root = (b**2 - a * c).clip(lower_bound=0.0).sqrt()
    bounded = a > 1e-12 * brings**2
    unbounded_low = pl.when(a < 0, c > 0, wanting > 0).then((b - root) / a).otherwise(0.0)
    low = pl.when(bounded).then((b - root) / a).otherwise(unbounded_low)
    half = Z_95 * (o_variance + zero.otherwise("luck")).sqrt()
    return [
        pl.when(some).then(wanting / brings).clip(lower_bound=0.0).alias("needed"),
        pl.when(some).then(low).clip(lower_bound=0.0).alias("needed_low"),
        pl.when(some & bounded).then((b + root) / a).clip(lower_bound=0.0).alias("needed_high"),
        o.alias("pipeline"),
        (o - half).clip(lower_bound=0.0).alias("pipeline_low"),
        (o + half).alias("pipeline_high"),
        wanting.alias("wanting"),
    ]


def most_demanding(table: pl.DataFrame) -> pl.DataFrame:
    """One row a manager and branch of a NEED table, with its columns: the measure that asks for the most consultations
    a day. What no number of consultations can still reach asks for more than any; what is unknown for less; where none
    is asked for, what the pipeline has to bring comes before what is reached."""
    asks = (
        pl.when((pl.col("feasibility") == "out_of_reach") & pl.col("needed").is_null())
        .then(float("inf"))
        .when(pl.col("feasibility").is_in(["covered", "done"]))
        .then(0.0)
        .otherwise("needed")
    )
    ranked = table.with_columns(_asks=asks).sort(
        "_asks", "feasibility", descending=[True, False], nulls_last=True, maintain_order=True
    )
    return ranked.drop("_asks").unique(OWN, keep="first", maintain_order=True).sort(OWN)
