"""Whether a need can be met: against what he has done in his best month so far, and in a usual one."""

from datetime import date

import polars as pl

from metrics.experience import OWN

FEASIBILITY = ("beyond", "stretch", "usual", "done", "unknown")
ENOUGH_DAYS = 8  # own days in a month that say what was usual in it


def pace(log: pl.DataFrame, calendar: pl.DataFrame, posting_days: pl.DataFrame, through: date) -> pl.DataFrame:
    """Consultations on an own working day, by month of the log: one row a manager and branch, the best month's, which
    month that was, and the usual (median) one. Months with fewer than ENOUGH_DAYS own days say nothing."""
    month = pl.col("day").dt.truncate("1mo").alias("best_month")
    days = calendar.filter(pl.col("is_workday"), pl.col("day") <= through).select("day", month)
    begun = log.group_by("branch").agg(begun=pl.col("day").min())
    own = posting_days.join(days, on="day").join(begun, on="branch").filter(pl.col("day") >= pl.col("begun"))
    own = own.group_by(*OWN, "best_month").agg(days=(1 - pl.col("away")).sum())
    met = log.filter((pl.col("kind") == "consultation") & pl.col("counted"), pl.col("day") <= through)
    met = met.group_by(*OWN, month).agg(met=pl.len())
    table = own.filter(pl.col("days") >= ENOUGH_DAYS).join(met, on=[*OWN, "best_month"], how="left")
    table = table.with_columns(best=pl.col("met").fill_null(0) / pl.col("days")).sort("best", "best_month")
    return table.group_by(OWN, maintain_order=True).agg(
        pl.col("best", "best_month").last(), usual=pl.col("best").median()
    )


def feasible() -> pl.Expr:
    """The need against his own history. Where no consultation can still count, what is wanting is beyond anybody."""
    need = pl.col("needed").round(9)
    late = (pl.col("days_left") > 0) & (pl.col("brings") == 0) & (pl.col("eventual") > 0)
    word = (
        pl.when((pl.col("wanting") <= 0) | (need == 0))
        .then(pl.lit("done"))
        .when(late & (pl.col("wanting") > 0))
        .then(pl.lit("beyond"))
        .when(need.is_null() | pl.col("best").is_null())
        .then(pl.lit("unknown"))
        .when(need > pl.col("best"))
        .then(pl.lit("beyond"))
        .when(need > pl.col("usual"))
        .then(pl.lit("stretch"))
        .otherwise(pl.lit("usual"))
    )
    return word.cast(pl.Enum(FEASIBILITY))


def judged(needs: pl.DataFrame) -> pl.DataFrame:
    """Needs (reverse.NEED) with `unsure`: what is needed is beyond his best month, but within its limits may not be."""
    return needs.with_columns(unsure=(pl.col("needed") > pl.col("best")) & (pl.col("needed_low") <= pl.col("best")))
