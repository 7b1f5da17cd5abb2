"""What the bank does about a reason (督促, 培训, 帮扶), and who could lead whom (老带新)."""

from collections.abc import Sequence
from datetime import date, timedelta

import polars as pl

from metrics.diagnosis.tallies import SHARED, TOTALS
from metrics.intervals import Z_95, count_per_day, period_rate

URGE, TRAIN, SUPPORT = "urge", "train", "support"
VOLUME, SKILL = "consultations", ("application_rate", "deal_rate", "ticket")
NEWCOMER = timedelta(183)  # the first half year
VETERAN = timedelta(365)  # a year or more
PROMISING = 5  # a region and factor
ALIKE = 0.5  # the least that two people's consultations have in common, as the sum of the smaller shares by product


def reaction(reasons: Sequence[str], gap: float | None, newcomer: bool = False) -> str | None:
    """Volume short: urge. A rate or the ticket short: train. Several of them short, or a newcomer: support. None where
    nobody is behind, chance explains it, or it is no matter of theirs (days away, plans not divided). Source: the
    material's rule."""
    own = [one for one in reasons if one == VOLUME or one in SKILL]
    if gap is None or gap >= 0 or not own:
        return None
    if newcomer or len(own) > 1:
        return SUPPORT
    return URGE if own == [VOLUME] else TRAIN


def is_newcomer(joined: date | None, on: date) -> bool:
    return joined is not None and on - joined < NEWCOMER


def veterans(
    table: pl.DataFrame, among: pl.DataFrame, mix: pl.DataFrame, joined: pl.DataFrame, on: date
) -> pl.DataFrame:
    """Who could lead whom: manager, veteran; one row a manager in `table` who needs support and has somebody `among`
    others (in whom they may be themselves).

    `table` has by manager: manager, branch, region, reaction, reasons; `among` manager, branch, region, and
    `<factor>_strong` and `<factor>_low` of a shortfall; `mix` how many consultations of which product (manager,
    product, cases) either has; `joined` when they began (manager, joined_on; null is long ago). A veteran has been there
    for a year, is credibly strong in a factor where the other is credibly weak, sells similar products, and is the
    strongest of those, in the branch first, else in the region."""
    began = pl.col("joined_on")
    there = among.join(joined, on="manager", how="left")
    old = there.filter(began.is_null() | (began <= on - VETERAN))
    strong = pl.concat(
        old.filter(pl.col(f"{name}_strong")).select(
            "branch", "region", veteran="manager", reasons=pl.lit(name), strength=pl.col(f"{name}_low")
        )
        for name in (VOLUME, *SKILL)
    )
    weak = (
        table.filter(pl.col("reaction") == SUPPORT).explode("reasons").select("manager", "branch", "region", "reasons")
    )
    pairs = weak.join(strong, on=["region", "reasons"], suffix="_veteran")
    pairs = pairs.filter(pl.col("manager") != pl.col("veteran"))
    pairs = pairs.join(likeness(mix, pairs), on=["manager", "veteran"]).filter(pl.col("likeness") >= ALIKE)
    near = pl.col("branch") == pl.col("branch_veteran")
    pairs = pairs.sort(~near, "strength", "veteran", descending=[False, True, False])
    return pairs.unique("manager", keep="first", maintain_order=True).select("manager", "veteran")


def promising(tallied: pl.DataFrame, joined: pl.DataFrame, factors: Sequence[str], on: date) -> pl.DataFrame:
    """The rows of tallies (metrics.diagnosis.tallies) of who may be a veteran for one of these factors: in each region
    and factor the PROMISING with the highest lower limit of what they do. To look at everybody of a region takes long."""
    whole = tallied.group_by("region", "manager").agg(pl.col(name).sum() for name in (*TOTALS, *SHARED))
    known = whole.join(joined, on="manager", how="left")
    old = known.filter(pl.col("joined_on").is_null() | (pl.col("joined_on") <= on - VETERAN))
    lowest = {
        VOLUME: count_per_day(pl.col("consultations"), pl.col("days"), pl.lit(1.0))[0],
        "application_rate": period_rate(*map(old.get_column, ("applications", "consultations", "consulted_applied")))[
            0
        ],
        "deal_rate": period_rate(*map(old.get_column, ("deals", "applications", "applied_dealt")))[0],
        "ticket": pl.when(pl.col("deals") > 0).then(
            pl.col("deal_amount") / pl.col("deals") * (1 - Z_95 / pl.col("deals").sqrt())
        ),
    }
    some = [
        old.with_columns(lowest=lowest[one].cast(pl.Float64))
        .drop_nulls("lowest")
        .sort("lowest", "manager", descending=[True, False])
        .group_by("region", maintain_order=True)
        .head(PROMISING)
        for one in (VOLUME, *SKILL)
        if one in factors
    ]
    chosen = pl.concat(some)["manager"].unique() if some else old["manager"].clear()
    return tallied.filter(pl.col("manager").is_in(chosen.implode()))


def likeness(mix: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """How much the consultations of pairs (manager, veteran) have in common, 0–1: manager, veteran, likeness; only those
    with some."""
    share = pl.col("cases") / pl.col("cases").sum().over("manager")
    shares = mix.drop_nulls("product").select("manager", "product", share=share)
    others = shares.rename({"manager": "veteran", "share": "other"})
    each = pairs.select("manager", "veteran").unique()
    both = each.join(shares, on="manager").join(others, on=["veteran", "product"])
    return both.group_by("manager", "veteran").agg(likeness=pl.min_horizontal("share", "other").sum())
