"""What to promise for a day or a week: what the plans need of it, as far as it is doable, in whole ones."""

import polars as pl

from metrics.catalog import CONSULTATIONS, COUNTS

NAMES = [one.name for one in COUNTS]
PROPOSAL = pl.Schema({"manager": pl.Int32, **dict.fromkeys(NAMES, pl.Int64), "asked_by": pl.String})


def proposals(needs: pl.DataFrame) -> pl.DataFrame:
    """One row a manager of NEED tables (reverse_plan.reverse_plan) that say, as `days`, for how many of their working days
    it is: each count to promise for these days, null where there is nothing to promise; `asked_by`, the measure whose
    plan asks for that many consultations. A week in two months has the rows of both. Nothing is proposed for no day.

    Consultations: the most that any plan needs, rounded up; what is out of reach for new visits asks for none, and of a
    plan of consultations themselves no more than is doable. Applications and deals: what is missing over the days left,
    likewise no more than is doable, to the nearest whole one: below half a one there is none to promise."""
    needed, left = pl.col("needed"), pl.when(pl.col("days_left") > 0).then("days_left")
    reached = pl.when(pl.col("feasibility") != "out_of_reach").then(needed)
    doable = pl.when(pl.col("measure") == CONSULTATIONS.name).then(at_most(needed, "limit")).otherwise(reached)
    a_day = at_most(pl.col("remaining").clip(lower_bound=0.0) / left, "own_limit")
    here = needs.filter(pl.col("days") > 0)
    asks = added_up(here.select("manager", "measure", asked=doable * pl.col("days"))).filter(pl.col("asked") > 0)
    asks = asks.sort("asked", descending=True, maintain_order=True).unique("manager", keep="first", maintain_order=True)
    asks = asks.select("manager", asked_by="measure", consultations=(pl.col("asked") - 1e-9).ceil().cast(pl.Int64))
    table = needs.select("manager").unique().sort("manager").join(asks, on="manager", how="left", maintain_order="left")
    whole = (pl.col("asked") + 0.5).floor().cast(pl.Int64)
    for name in NAMES[1:]:
        own = here.filter(pl.col("measure") == name).select("manager", "measure", asked=a_day * pl.col("days"))
        own = added_up(own).select("manager", pl.when(whole > 0).then(whole).alias(name))
        table = table.join(own, on="manager", how="left", maintain_order="left")
    return table.select(list(PROPOSAL)).cast(PROPOSAL)


def added_up(asks: pl.DataFrame) -> pl.DataFrame:
    """What each month asks for, together: manager, measure, asked; null where no month asks."""
    together = pl.when(pl.col("asked").is_not_null().any()).then(pl.col("asked").sum())
    return asks.group_by("manager", "measure", maintain_order=True).agg(asked=together)


def at_most(value: pl.Expr, limit: str) -> pl.Expr:
    """Null where there is no value, though there be a limit."""
    return pl.when(value.is_not_null()).then(pl.min_horizontal(value, limit))
