"""Promise and actual: what a manager said in the morning, and what the log shows in the evening."""

from math import ceil

import polars as pl

from metrics import statuses
from metrics.catalog import COUNTS
from metrics.intervals import wilson

STATUSES = statuses.codes(statuses.PROMISES)


def against_promise(measured: pl.DataFrame, promises: pl.DataFrame, over: bool = True) -> pl.DataFrame:
    """One row a manager of `measured` (one day's counts by manager): per count its actual and `_promise`, then
    `promised` (did they promise anything: of nothing there is no promise), `kept` (every promised count reached; null
    without a promise) and `shortfall` (the mean share missed over what they promised, 0–1), and `promise_status`: until
    the day is `over` a promise is in progress. Not kept first, the largest shortfall on top, then what is in progress,
    then no promise, then kept."""
    names = [one.name for one in COUNTS]
    wide = promises.filter(pl.col("measure").is_in(names), pl.col("target") > 0).pivot(
        "measure", index="manager", values="target"
    )
    absent = [pl.lit(None, pl.Int64).alias(name) for name in names if name not in wide.columns]
    wide = wide.with_columns(absent).select("manager", *(pl.col(name).alias(f"{name}_promise") for name in names))
    table = measured.select("manager", *names).join(wide, on="manager", how="left", validate="1:1")
    pairs = [(pl.col(name), pl.col(f"{name}_promise")) for name in names]
    missed = [(1 - actual / promise).clip(lower_bound=0) for actual, promise in pairs]
    promised = pl.any_horizontal(promise.is_not_null() for _, promise in pairs)
    kept = pl.all_horizontal((actual >= promise).fill_null(True) for actual, promise in pairs)
    return (
        table.with_columns(
            promised=promised,
            kept=pl.when(promised).then(kept),
            shortfall=pl.when(promised).then(pl.mean_horizontal(missed).fill_null(0.0)),
        )
        .with_columns(
            promise_status=pl.when(~pl.col("promised"))
            .then(pl.lit("not_promised"))
            .when(pl.lit(not over))
            .then(pl.lit("running"))
            .when("kept")
            .then(pl.lit("kept"))
            .otherwise(pl.lit("not_kept"))
            .cast(pl.Enum(STATUSES))
        )
        .sort("promise_status", pl.col("shortfall").neg(), "manager", nulls_last=True)
    )


def as_closed(
    measured: pl.DataFrame, promises: pl.DataFrame, results: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Counts by manager and day, and promises (metrics.frames.PROMISE), as they stood when the days were closed
    (`results`: manager, branch, day, measure, promised, done). The counts gain `late`: how many of each manager and day
    were logged since and are kept apart. Of days that were not closed everything stays."""
    names = [one.name for one in COUNTS]
    results = results.filter(pl.col("measure").is_in(names))
    wide = results.pivot("measure", index=["manager", "day"], values="done")
    absent = [pl.lit(None, pl.Int64).alias(name) for name in names if name not in wide.columns]
    wide = wide.with_columns(absent).select("manager", "day", *(pl.col(name).alias(f"{name}_closed") for name in names))
    table = measured.join(wide, on=["manager", "day"], how="left", maintain_order="left")
    since = [(pl.col(name) - pl.col(f"{name}_closed")).fill_null(0).clip(lower_bound=0) for name in names]
    then = [pl.coalesce(f"{name}_closed", name).alias(name) for name in names]
    table = table.with_columns(pl.sum_horizontal(since).cast(pl.Int64).alias("late"), *then)
    closed = results.select("manager", "day").unique()
    said = results.filter(pl.col("promised").is_not_null()).rename({"promised": "target"}).select(promises.columns)
    open_days = promises.join(closed, on=["manager", "day"], how="anti")
    return table.drop(f"{name}_closed" for name in names), pl.concat([open_days, said.cast(promises.schema)])


def streaks(done: pl.DataFrame, promises: pl.DataFrame) -> pl.DataFrame:
    """How many of their last promised days in a row each manager kept, of days that are over: manager, streak. `done`
    are counts by manager and day, as for `kept_by`."""
    days = kept_days(done, promises).sort("manager", "day", descending=[False, True])
    broken = (~pl.col("kept")).cast(pl.Int64).cum_sum().over("manager", order_by="day", descending=True)
    return days.filter(broken == 0).group_by("manager").agg(streak=pl.len().cast(pl.Int64)).sort("manager")


def kept_days(done: pl.DataFrame, promises: pl.DataFrame, *keys: str) -> pl.DataFrame:
    """One row a manager and day with a promise: `kept`, whether every promised count was reached."""
    names = [one.name for one in COUNTS]
    said = promises.filter(pl.col("measure").is_in(names), pl.col("target") > 0)
    long = done.unpivot(names, index=["manager", "day"], variable_name="measure", value_name="actual")
    rows = said.join(long, on=["manager", "day", "measure"], how="left")
    reached = (pl.col("actual").fill_null(0) >= pl.col("target")).all()
    return rows.group_by(list(dict.fromkeys([*keys, "manager", "day"]))).agg(kept=reached)


def kept_by(done: pl.DataFrame, promises: pl.DataFrame, key: str, everyone: pl.DataFrame) -> pl.DataFrame:
    """How often promises were kept, one row a unit of `everyone`: key, `to` (managers' days with a promise), `of` (those
    on which every promised count was reached), kept_share (null without any), with its 95 % limits (Wilson's).

    `done` are counts by manager and day, `promises` (frames.PROMISE) those of the
    days that are over; of nothing there is no promise."""
    days = kept_days(done, promises, key)
    found = days.group_by(key).agg(of=pl.col("kept").sum().cast(pl.Int64), to=pl.len().cast(pl.Int64))
    units = everyone.select(key).unique().sort(key).join(found, on=key, how="left", maintain_order="left")
    units = units.with_columns(pl.col("of", "to").fill_null(0))
    low, high = wilson(pl.col("of"), pl.col("to"))
    share = pl.when(pl.col("to") > 0).then(pl.col("of") / pl.col("to"))
    return units.with_columns(kept_share=share, kept_share_low=low, kept_share_high=high)


def missing(done: int, goal: float | None) -> int:
    """How much of a day's goal is still to be done, in whole ones; 0 when it is reached or there is none."""
    return max(ceil(goal - done), 0) if goal is not None else 0


def together(table: pl.DataFrame) -> dict[str, int]:
    """The team's evening in one row (of against_promise): how many of each promise_status, and per count the sum of
    what the promising managers did and promised; where nobody promised, of what all did."""
    said = table.filter("promised") if table["promised"].any() else table
    numbers = {status: table.filter(pl.col("promise_status") == status).height for status in STATUSES}
    for one in COUNTS:
        numbers[one.name] = int(said[one.name].sum())
        numbers[f"{one.name}_promise"] = int(said[f"{one.name}_promise"].sum())
    return numbers
