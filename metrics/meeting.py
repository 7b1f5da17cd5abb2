"""Promise and actual: what a manager said in the morning, and what the log shows in the evening."""

from math import ceil

import polars as pl

from metrics.catalog import COUNTS

STATUSES = ("not_kept", "not_promised", "kept")


def against_promise(measured: pl.DataFrame, promises: pl.DataFrame) -> pl.DataFrame:
    """One row a manager of `measured` (one day's counts by manager): per count its actual and `_promise`, then
    `promised` (did he promise anything), `kept` (every promised count reached; null without a promise) and `shortfall`
    (the mean share missed over what he promised, 0–1), and `promise_status`. Not kept first, the largest shortfall on
    top, then no promise, then kept."""
    names = [one.name for one in COUNTS]
    wide = promises.filter(pl.col("measure").is_in(names)).pivot("measure", index="manager", values="target")
    absent = [pl.lit(None, pl.Int64).alias(name) for name in names if name not in wide.columns]
    wide = wide.with_columns(absent).select("manager", *(pl.col(name).alias(f"{name}_promise") for name in names))
    table = measured.select("manager", *names).join(wide, on="manager", how="left", validate="1:1")
    pairs = [(pl.col(name), pl.col(f"{name}_promise")) for name in names]
    missed = [pl.when(promise > 0).then((1 - actual / promise).clip(lower_bound=0)) for actual, promise in pairs]
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
            .when("kept")
            .then(pl.lit("kept"))
            .otherwise(pl.lit("not_kept"))
            .cast(pl.Enum(STATUSES))
        )
        .sort("promise_status", pl.col("shortfall").neg(), "manager", nulls_last=True)
    )


def missing(done: int, goal: float | None) -> int:
    """How much of a day's goal is still to be done, in whole ones; 0 when it is reached or there is none."""
    return max(ceil(goal - done), 0) if goal is not None else 0


def together(table: pl.DataFrame) -> dict[str, int]:
    """The team's evening in one row (of against_promise): how many of each promise_status, and per count the sum of
    what the promising managers did and promised."""
    said = table.filter("promised")
    numbers = {status: table.filter(pl.col("promise_status") == status).height for status in STATUSES}
    for one in COUNTS:
        numbers[one.name] = said[one.name].sum()
        numbers[f"{one.name}_promise"] = said[f"{one.name}_promise"].sum()
    return numbers


def proposals(standing: pl.DataFrame) -> pl.DataFrame:
    """What each manager would have to do today to reach his month: manager and per count the whole number not below
    needed_per_day (attainment.against_plan by manager); null without a plan or a day left."""
    needed = pl.col("needed_per_day").ceil().cast(pl.Int64)
    names = [one.name for one in COUNTS]
    wide = standing.filter(pl.col("measure").is_in(names)).with_columns(needed=needed)
    wide = wide.pivot("measure", index="manager", values="needed")
    return wide.select("manager", *names)
