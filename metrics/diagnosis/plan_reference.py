"""What a plan asks, total by total: where it leaves a measure out, the usual rates of the last months stand in."""

from itertools import pairwise

import polars as pl

from metrics.cases import CELL
from metrics.catalog import MEASURES
from metrics.diagnosis.shortfall import MEASURES as EXPLAINED
from metrics.diagnosis.tallies import TOTALS, rate_of, summed

CHAIN = TOTALS[1:]


def plan_totals(actual: pl.DataFrame, plans: pl.DataFrame, past: pl.DataFrame, measure: str) -> pl.DataFrame:
    """One row a row of `actual` (tallies), in their order: TOTALS as their plan asks, and `borrowed`, the measures that
    follow from rates because there is no plan of them. Totals are null where the explained measure has no plan.

    `plans` has the part of managers' plans in the period (CELL, measure, plan); `past` the tallies of the last months,
    whose rates, of the branch together, give what a plan leaves out. The days are those they are posted."""
    wide = actual.select(*CELL, days="posted")
    for name in MEASURES:
        one = plans.filter(pl.col("measure") == name, pl.col("plan") > 0).select(*CELL, pl.col("plan").alias(name))
        wide = wide.join(one, on=CELL, how="left", maintain_order="left", validate="m:1")
    usual = summed(past, ["region", "branch"]).select(
        "region",
        "branch",
        *(rate_of(after, before).alias(f"{after}_rate") for before, after in pairwise(CHAIN)),
    )
    wide = wide.join(usual, on=["region", "branch"], how="left", maintain_order="left")
    chain = list(CHAIN[: EXPLAINED[measure] - 1])
    for before, after in reversed(list(pairwise(chain))):
        missing = pl.col(before).is_null() & pl.col(measure).is_not_null()
        wide = wide.with_columns(pl.when(missing).then(pl.lit(before)).alias(f"{before}_borrowed"))
        rate = pl.col(f"{after}_rate")
        wide = wide.with_columns(pl.coalesce(before, pl.when(rate > 0).then(pl.col(after) / rate)).alias(before))
    flags = [f"{before}_borrowed" for before in chain[:-1]]
    borrowed = pl.concat_list(flags).list.drop_nulls() if flags else pl.lit([], pl.List(pl.String))
    return wide.select(*(pl.col(name).cast(pl.Float64) for name in TOTALS), borrowed=borrowed)
