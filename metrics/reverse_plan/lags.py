"""What came of consultations, and after how many working days: the spells an opportunity stands in, and curves by lag.

Everything is counted by branch: what one branch's numbers say never depends on which other branches are looked at."""

from collections.abc import Sequence
from datetime import date

import polars as pl

from metrics.frames import FAMILIES, KINDS
from metrics.metric import KEY_SPAN
from metrics.workdays import numbered

CONSULTED, APPLIED, DEALT = (KINDS.index(kind) for kind in ("consultation", "application", "deal"))
NO_FAMILY = len(FAMILIES)  # a consultation about nothing in particular: it counts, and leads nowhere
SPELL = ["branch", "manager", "family", "step", "start", "until", "then", "applied", "dealt", "opportunity"]


def events(log: pl.DataFrame, calendar: pl.DataFrame, through: date) -> pl.DataFrame:
    """The rows of the log (frames.ACTIVITY) that tell something, up to `through`: branch, manager, family and kind as
    numbers, counted, opportunity, amount_cents, and `number`, which working day of the calendar it was."""
    telling = (pl.col("kind") != "consultation") | pl.col("counted")
    rows = log.filter(pl.col("day") <= through, telling)
    return rows.join(numbered(calendar), on="day").select(
        "branch",
        "manager",
        "opportunity",
        "day",
        "number",
        "counted",
        "amount_cents",
        kind=pl.col("kind").to_physical().cast(pl.Int64),
        family=pl.col("family").to_physical().cast(pl.Int64).fill_null(NO_FAMILY),
    )


def spells(rows: pl.DataFrame) -> pl.DataFrame:
    """One row a step an opportunity came to (SPELL): since when it stood there and `until` when, as working-day
    numbers, what came `then` (null while it stands), and when it was dealt, and first applied for, if that came of
    this.

    Every counted consultation before the application begins a spell anew, as only the last one can have led to it;
    later on it is the furthest step of the procedure that counts. In another branch it is another opportunity."""
    case = pl.col("branch").cast(pl.Int64) * KEY_SPAN + pl.col("opportunity")
    rows = rows.filter(pl.col("opportunity").is_not_null()).with_columns(case=case).sort("case", "day", "kind")
    step = pl.when(pl.col("kind") <= DEALT).then("kind").otherwise(CONSULTED)
    rows = rows.with_columns(case=pl.col("case").rle_id().cast(pl.Int64), step=step)
    furthest = (pl.col("case") * 16 + pl.col("step")).cum_max()  # the cases are in order, so none sees the one before
    rows = rows.with_columns(furthest=furthest - pl.col("case") * 16, reached=furthest)
    consulted = (pl.col("kind") == CONSULTED) & (pl.col("furthest") == CONSULTED)
    further = (pl.col("kind") <= DEALT) & (pl.col("reached") > pl.col("reached").shift(1).fill_null(-1))
    firsts = {
        "applied": rows.filter((pl.col("kind") == APPLIED) & pl.col("counted")),
        "dealt": rows.filter(pl.col("kind") == DEALT),
    }
    rows = rows.filter(consulted | further | (pl.col("kind") > DEALT))
    same = pl.col("case") == pl.col("case").shift(-1)
    rows = rows.with_columns(
        until=pl.when(same).then(pl.col("number").shift(-1)), then=pl.when(same).then(pl.col("kind").shift(-1))
    ).filter(pl.col("kind") < DEALT)
    for name, first in firsts.items():
        first = first.unique("case", keep="first", maintain_order=True).select("case", pl.col("number").alias(name))
        rows = rows.join(first, on="case", how="left", maintain_order="left")
    came, new = pl.col("then") != CONSULTED, pl.col("step") == CONSULTED
    of_this = {name: came & (pl.col(name) >= pl.col("number")) for name in firsts}
    of_this["applied"] &= new
    rows = rows.with_columns(pl.when(true).then(name).alias(name) for name, true in of_this.items())
    return rows.rename({"number": "start"}).select(SPELL)


def trials(rows: pl.DataFrame, through: int, horizon: int) -> pl.DataFrame:
    """Of consultations or applications: branch, manager, family, age in working days (`horizon` at most), trials."""
    age = (through - pl.col("number")).clip(upper_bound=horizon)
    return rows.group_by("branch", "manager", "family", age=age).agg(trials=pl.len())


def curves(tried: pl.DataFrame, came: pl.DataFrame, routes: Sequence[str], horizon: int) -> pl.DataFrame:
    """The share of trials that came to something after exactly `lag` working days, dense from 0 to the horizon: branch,
    family, lag, and for each of `routes` a column of its name, its `_variance`, and `_within`, the share up to that
    lag.

    `came` has branch, family, lag and `route`, one row a success. A trial counts for the lags for which it has been
    watched, so those of the last days drag nothing down; successes are taken as Poisson."""
    key = ["branch", "family"]
    lags = pl.DataFrame({"lag": range(horizon + 1)}, {"lag": pl.Int64})
    counts = {route: (pl.col("route") == route).sum().cast(pl.Float64) for route in routes}
    counted = came.group_by(*key, "lag").agg(**counts)
    watched = tried.group_by(*key, lag="age").agg(pl.col("trials").sum())
    grid = tried.select(key).unique().sort(key).join(lags, how="cross", maintain_order="left_right")
    grid = grid.join(watched, on=[*key, "lag"], how="left", maintain_order="left")
    grid = grid.join(counted, on=[*key, "lag"], how="left", maintain_order="left")
    grid = grid.with_columns(pl.col("trials").fill_null(0).cum_sum(reverse=True).over(key).cast(pl.Float64))
    watched_at_all = pl.when(pl.col("trials") > 0)
    grid = grid.with_columns(watched_at_all.then(pl.col(routes) / pl.col("trials")).fill_null(0.0))
    return grid.with_columns(
        watched_at_all.then(pl.col(routes) / pl.col("trials")).fill_null(0.0).name.suffix("_variance"),
        pl.col(routes).cum_sum().over(key).name.suffix("_within"),
    )


def median_lag(share: str) -> pl.Expr:
    """Aggregates a curve: the first lag by which half of what comes at all has come; null where nothing comes."""
    inside = pl.col(share).sort_by("lag").cum_sum()
    half = inside >= pl.col(share).sum() / 2 - 1e-12
    return pl.when(pl.col(share).sum() > 0).then(pl.col("lag").sort().filter(half).min())
