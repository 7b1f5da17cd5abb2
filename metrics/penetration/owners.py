"""Who a territory's customers belong to on a day: its owners in their shares, and nobody for the rest."""

from datetime import date

import polars as pl

CELL = ("region", "branch", "territory", "manager")
NEARLY_ALL = 1 - 1e-9  # of a territory: what is left after that is rounding


def latest(registers: pl.DataFrame, on: date) -> pl.DataFrame:
    """Each territory's newest register up to the day: a row of `registers` (frames.REGISTER, and whatever else stands
    there)."""
    return registers.filter(pl.col("as_of") <= on).sort("as_of").unique("territory", keep="last", maintain_order=True)


def shares(territories: pl.DataFrame, owners: pl.DataFrame, posted: pl.DataFrame, on: date) -> pl.DataFrame:
    """Each territory (frames.TERRITORY) divided among its owners (frames.OWNER) of the day: region, branch, territory,
    manager, share; the shares of a territory are 1 together.

    An owner counts while they are posted (`posted`: manager, branch, of the day) to the territory's branch. Who has no
    stated share divides equally what the others leave. What is nobody's stands under a manager of null."""
    begun = pl.col("from_day").is_null() | (pl.col("from_day") <= on)
    lasting = pl.col("to_day").is_null() | (pl.col("to_day") >= on)
    here = territories.join(owners.filter(begun, lasting), on="territory")
    here = here.join(posted.select("manager", "branch").unique(), on=["manager", "branch"], how="semi")
    here = here.group_by(CELL).agg(pl.col("share").first())  # an owner twice is one owner
    stated = pl.col("share").sum().over("territory")
    unstated = pl.col("share").is_null().sum().over("territory")
    here = here.with_columns(share=pl.coalesce("share", (1 - stated).clip(lower_bound=0) / unstated))
    owned = here.group_by("territory").agg(owned=pl.col("share").sum())
    rest = territories.join(owned, on="territory", how="left").with_columns(share=1 - pl.col("owned").fill_null(0))
    rest = rest.filter(pl.col("share") > 1 - NEARLY_ALL).with_columns(manager=pl.lit(None, pl.Int32))
    return pl.concat([here.select(*CELL, "share"), rest.select(*CELL, "share")])
