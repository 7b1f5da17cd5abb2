"""Whether a need can be met: against what they have done in their best month so far, in a usual one, and what is beyond
anything they ever did."""

from datetime import date

import polars as pl

from metrics import statuses
from metrics.catalog import MEASURES
from metrics.metric import measure
from metrics.reverse_plan.experience import OWN

FEASIBILITY = statuses.codes(statuses.FEASIBILITY)
ENOUGH_DAYS = 8  # own days in a month that say what was usual in it


def pace(log: pl.DataFrame, calendar: pl.DataFrame, posting_days: pl.DataFrame, through: date) -> pl.DataFrame:
    """Consultations on an own working day, by month of the log: one row a manager and branch, the best month's, which
    month that was, and the usual (median) one. Months with fewer than ENOUGH_DAYS own days say nothing."""
    table = months(log, calendar, posting_days, through).with_columns(best="consultations")
    return (
        table.sort("best", "best_month")
        .group_by(OWN, maintain_order=True)
        .agg(pl.col("best", "best_month").last(), usual=pl.col("best").median())
    )


def months(log: pl.DataFrame, calendar: pl.DataFrame, posting_days: pl.DataFrame, through: date) -> pl.DataFrame:
    """What was done on an own working day: one row a manager, branch and month (`best_month`) with ENOUGH_DAYS own
    days, a column a measure, amounts in cents."""
    month = pl.col("day").dt.truncate("1mo").alias("best_month")
    days = calendar.filter(pl.col("is_workday"), pl.col("day") <= through).select("day", month)
    begun = log.group_by("branch").agg(begun=pl.col("day").min())
    own = posting_days.join(days, on="day").join(begun, on="branch").filter(pl.col("day") >= pl.col("begun"))
    own = own.group_by(*OWN, "best_month").agg(days=(1 - pl.col("away")).sum())
    rows = log.filter(pl.col("day") <= through).with_columns(month)
    done = measure(rows, list(MEASURES.values()), [*OWN, "best_month"])
    table = own.filter(pl.col("days") >= ENOUGH_DAYS).join(done, on=[*OWN, "best_month"], how="left")
    return table.with_columns(pl.col(name).fill_null(0) / pl.col("days") for name in MEASURES)


def limits(
    log: pl.DataFrame, calendar: pl.DataFrame, posting_days: pl.DataFrame, through: date, multiple: float
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The most of each measure that is taken to be doable on a working day, `multiple` times the best month: one row a
    manager, branch and measure that they ever did (`own`), and one a branch and measure (`colleagues`), by its best
    manager, for who never did it."""
    done = months(log, calendar, posting_days, through)
    long = done.unpivot(list(MEASURES), index=OWN, variable_name="measure", value_name="done")
    long = long.filter(pl.col("done") > 0)
    own = long.group_by(*OWN, "measure").agg(own=pl.col("done").max() * multiple)
    return own, long.group_by("branch", "measure").agg(colleagues=pl.col("done").max() * multiple)


def feasible() -> pl.Expr:
    """The need against their own history. Where no consultation can still count, or more are needed a day than is taken
    to be doable, it is out of reach."""
    need = pl.col("needed").round(9)
    late = (pl.col("days_left") > 0) & (pl.col("brings") == 0) & (pl.col("eventual") > 0)
    word = (
        pl.when(pl.col("remaining") <= 0)
        .then(pl.lit("done"))
        .when((pl.col("wanting") <= 0) | (need == 0))
        .then(pl.lit("covered"))
        .when((late & (pl.col("wanting") > 0)) | (need > pl.col("limit").round(9)))
        .then(pl.lit("out_of_reach"))
        .when(need.is_null() | pl.col("best").is_null())
        .then(pl.lit("unknown"))
        .when(need > pl.col("best"))
        .then(pl.lit("beyond"))
        .when(need > pl.col("usual"))
        .then(pl.lit("stretch"))
        .otherwise(pl.lit("usual"))
    )
    return word.cast(pl.Enum(FEASIBILITY))


def with_certainty(needs: pl.DataFrame) -> pl.DataFrame:
    """Needs (reverse.NEED) with `unsure`: what is needed is beyond their best month, but within its limits may not
    be."""
    return needs.with_columns(unsure=(pl.col("needed") > pl.col("best")) & (pl.col("needed_low") <= pl.col("best")))


def is_beyond(need: float | None, limit: float | None) -> bool:
    """Whether a day needs more than is doable; what is not known is not beyond."""
    return need is not None and limit is not None and need > limit
