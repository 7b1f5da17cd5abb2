"""What each manager did in a period, and how many of their cases have several of their events in it."""

from collections.abc import Sequence

import polars as pl

from metrics.cases import CELL
from metrics.catalog import COUNTS, DEAL_AMOUNT
from metrics.metric import measure
from metrics.periods import Period

TOTALS = ("days", "consultations", "applications", "deals", "deal_amount")
SHARED = ("consulted_applied", "consulted_dealt", "applied_dealt", "all_three")
TALLY = {"region": pl.Int32, "branch": pl.Int32, "manager": pl.Int32, "posted": pl.Float64} | dict.fromkeys(
    (*TOTALS, *SHARED, "amount_squares"), pl.Float64
)


def tallies(activity: pl.LazyFrame, posting_days: pl.DataFrame, calendar: pl.DataFrame, period: Period) -> pl.DataFrame:
    """One row a manager and branch (TALLY) of whoever was posted there or did something in the period: working days
    posted and present, the totals of the funnel, how many applications and deals stand on an opportunity with an earlier
    event in the period too, and the sum of the squares of deal amounts (cents)."""
    inside = pl.col("day").is_between(period.first, period.last)
    log = activity.filter(inside).collect()
    working = calendar.filter(inside, pl.col("is_workday")).select("day")
    there = posting_days.join(working, on="day", how="semi").group_by(CELL)
    there = there.agg(posted=pl.len(), days=(1 - pl.col("away")).sum())
    done = measure(log, [*COUNTS, DEAL_AMOUNT], CELL).join(squares(log), on=CELL, how="left")
    table = there.join(done, on=CELL, how="full", coalesce=True)
    table = table.join(shared(log), on=CELL, how="left")
    return table.select(pl.col(name).cast(kind).fill_null(0) for name, kind in TALLY.items()).sort(CELL)


def rate_of(of: str, to: str) -> pl.Expr:
    """One total over another, null without any."""
    return pl.when(pl.col(to) > 0).then(pl.col(of) / pl.col(to))


def squares(log: pl.DataFrame) -> pl.DataFrame:
    amount = pl.col("amount_cents").fill_null(0).cast(pl.Float64)
    return log.filter(pl.col("kind") == "deal").group_by(CELL).agg(amount_squares=(amount * amount).sum())


def shared(log: pl.DataFrame) -> pl.DataFrame:
    """How many applications and deals of each have an earlier event of their opportunity in the frame, of the same
    manager in the same branch."""
    kind, counted = pl.col("kind"), pl.col("counted")
    events = {
        "consulted": (kind == "consultation") & counted,
        "applied": (kind == "application") & counted,
        "dealt": kind == "deal",
    }
    known = log.filter(pl.col("opportunity").is_not_null())
    cases = known.group_by(*CELL, "opportunity").agg(one.sum().alias(name) for name, one in events.items())
    consulted, applied = pl.col("consulted") > 0, pl.col("applied") > 0
    counts = {
        "consulted_applied": pl.when(consulted).then("applied").otherwise(0),
        "consulted_dealt": pl.when(consulted).then("dealt").otherwise(0),
        "applied_dealt": pl.when(applied).then("dealt").otherwise(0),
        "all_three": pl.when(consulted & applied).then("dealt").otherwise(0),
    }
    return cases.group_by(CELL).agg(one.sum().alias(name) for name, one in counts.items())


def summed(table: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """Tallies put together by region, branch or both."""
    return table.group_by(by).agg(pl.col(name).sum() for name in TALLY if name not in CELL)
