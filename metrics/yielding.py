"""What open opportunities should still yield: of those that stood in the same step for as long, how many came to a deal in
as many working days as are left."""

import polars as pl

from metrics.lags import CONSULTED, DEALT

STATE = ["branch", "family", "step"]


def outlooks(spells: pl.DataFrame, through: int, left: int, horizon: int) -> pl.DataFrame:
    """For each step an opportunity can stand in (STATE) and `age` in working days, dense from 0 to the horizon: `cases`,
    how many of the branch's stood there that long and have been watched for `left` days since, and how many of them were
    `applied` for and `dealt` within these days. One that has since moved on, or been visited anew, is no case.

    Nothing is counted one by one: each spell is a case from age 0 to its last, and a success at the ages from which the
    deal was within reach, so that sums of beginnings less ends do."""
    stay = pl.when(pl.col("until").is_not_null()).then(pl.col("until") - pl.col("start") - 1).otherwise(horizon)
    watched = through - pl.col("start") - left
    cases = spells.with_columns(last=pl.min_horizontal(stay, watched, pl.lit(horizon))).filter(pl.col("last") >= 0)
    parts = [ages(cases, pl.lit(0), "cases")]
    for name in ("applied", "dealt"):
        earliest = (pl.col(name) - pl.col("start") - left).clip(lower_bound=0)
        within = cases.filter(pl.col(name).is_not_null()).with_columns(earliest=earliest)
        parts.append(ages(within.filter(pl.col("earliest") <= pl.col("last")), pl.col("earliest"), name))
    changes = pl.concat(parts, how="diagonal").group_by(*STATE, "age").agg(pl.col("cases", "applied", "dealt").sum())
    grid = spells.select("branch", "family").unique().sort("branch", "family")
    grid = grid.join(pl.DataFrame({"step": range(CONSULTED, DEALT)}), how="cross", maintain_order="left_right")
    grid = grid.join(pl.DataFrame({"age": range(horizon + 1)}), how="cross", maintain_order="left_right")
    grid = grid.join(changes, on=[*STATE, "age"], how="left", maintain_order="left")
    return grid.with_columns(pl.col("cases", "applied", "dealt").fill_null(0).cum_sum().over(STATE))


def ages(cases: pl.DataFrame, first: pl.Expr, name: str) -> pl.DataFrame:
    begun = cases.select(*STATE, age=first.cast(pl.Int64)).with_columns(pl.lit(1).alias(name))
    over = cases.select(*STATE, age=pl.col("last") + 1).with_columns(pl.lit(-1).alias(name))
    return pl.concat([begun, over])


def chances(
    spells: pl.DataFrame, otherwise: pl.DataFrame, through: int, left: int, horizon: int, small_sample: int
) -> pl.DataFrame:
    """The outlooks as shares (STATE and age): `apply`, `deal`, and `ever`, the deal within the horizon, and how well the
    first two are known (`apply_variance`, `deal_variance`).

    An age of fewer than `small_sample` cases has the shares of the last one before with as many. One case's worth of what
    the branch's curves say anyway (`otherwise`: branch, family, asked, consulted, closed) is added to each, which is all
    there is where a branch has never had such a case."""
    soon = outlooks(spells, through, min(left, horizon), horizon)
    ever = outlooks(spells, through, horizon, horizon).select("cases", "dealt").rename(lambda name: f"{name}_ever")
    table = soon.hstack(ever).join(otherwise, on=["branch", "family"], how="left", maintain_order="left")
    for cases, names in (("cases", ("applied", "dealt")), ("cases_ever", ("dealt_ever",))):
        enough = pl.col(cases) >= small_sample
        known = [pl.when(enough).then(name).alias(name) for name in (*names, cases)]
        table = table.with_columns(known).with_columns(pl.col(*names, cases).forward_fill().over(STATE).fill_null(0))
    fresh = pl.col("step") == CONSULTED
    outlook = pl.when(fresh).then("consulted").otherwise("closed").fill_null(0.0)
    n = pl.col("cases") + 1
    table = table.with_columns(
        apply=(pl.col("applied") + pl.col("asked").fill_null(0.0)) / n,
        deal=(pl.col("dealt") + outlook) / n,
    )
    ever = pl.when(pl.col("cases_ever") > 0).then(pl.col("dealt_ever") / pl.col("cases_ever"))
    return table.select(
        *STATE,
        "age",
        apply=pl.when(fresh).then("apply").otherwise(0.0),
        deal="deal",
        ever=pl.max_horizontal(ever, "deal"),
        apply_variance=pl.when(fresh).then(pl.col("apply") * (1 - pl.col("apply")) / n).otherwise(0.0),
        deal_variance=pl.col("deal") * (1 - pl.col("deal")) / n,
    )
