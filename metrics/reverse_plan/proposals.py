"""What to promise for a day: what the plans need of it, as far as it is doable, in whole ones."""

from collections.abc import Collection

import polars as pl

from metrics.catalog import CONSULTATIONS, COUNTS

NAMES = [one.name for one in COUNTS]
PROPOSAL = pl.Schema({"manager": pl.Int32, **dict.fromkeys(NAMES, pl.Int64), "asked_by": pl.String})


def proposals(needs: pl.DataFrame, absent: Collection[int] = ()) -> pl.DataFrame:
    """One row a manager of a NEED table (reverse_plan.reverse_plan): each count to promise for its next working day, null
    where there is nothing to promise; `asked_by`, the measure whose plan asks for that many consultations. Nothing is
    proposed to who is `absent`.

    Consultations: the most that any plan needs a day, rounded up; what is out of reach for new visits asks for none, and
    of a plan of consultations themselves no more than is doable. Applications and deals: what is missing over the days
    left, likewise no more than is doable, to the nearest whole one: below half a one a day there is none to promise."""
    needed, left = pl.col("needed"), pl.when(pl.col("days_left") > 0).then("days_left")
    reached = pl.when(pl.col("feasibility") != "out_of_reach").then(needed)
    doable = pl.when(pl.col("measure") == CONSULTATIONS.name).then(at_most(needed, "limit")).otherwise(reached)
    a_day = at_most(pl.col("remaining").clip(lower_bound=0.0) / left, "own_limit")
    here = needs.filter(~pl.col("manager").is_in(list(absent)))
    asks = here.select("manager", asked_by="measure", consultations=doable).filter(pl.col("consultations") > 0)
    asks = asks.sort("consultations", descending=True, maintain_order=True).unique(
        "manager", keep="first", maintain_order=True
    )
    table = needs.select("manager").unique().sort("manager").join(asks, on="manager", how="left", maintain_order="left")
    table = table.with_columns((pl.col("consultations") - 1e-9).ceil().cast(pl.Int64))
    for name in NAMES[1:]:
        whole = (a_day + 0.5).floor().cast(pl.Int64)
        own = here.filter(pl.col("measure") == name).select("manager", pl.when(whole > 0).then(whole).alias(name))
        table = table.join(own, on="manager", how="left", maintain_order="left")
    return table.select(list(PROPOSAL)).cast(PROPOSAL)


def at_most(value: pl.Expr, limit: str) -> pl.Expr:
    """Null where there is no value, though there be a limit."""
    return pl.when(value.is_not_null()).then(pl.min_horizontal(value, limit))
