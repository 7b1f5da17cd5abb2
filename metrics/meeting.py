"""Promise and actual: what a manager said in the morning, and what the log shows in the evening."""

import polars as pl

from metrics.catalog import COUNTS


def against_promise(measured: pl.DataFrame, promises: pl.DataFrame) -> pl.DataFrame:
    """One row a manager of `measured` (one day's counts by manager): per count its actual and `_promise`, then
    `promised` (did he promise anything), `kept` (every promised count reached; null without a promise) and `shortfall`
    (the mean share missed over what he promised, 0–1). Not kept first, the largest shortfall on top, then no promise."""
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
        .with_columns(_order=pl.when(~pl.col("promised")).then(1).when("kept").then(2).otherwise(0))
        .sort("_order", pl.col("shortfall").neg(), "manager", nulls_last=True)
        .drop("_order")
    )
