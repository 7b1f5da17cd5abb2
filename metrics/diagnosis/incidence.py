"""Cumulative incidence with competing ends: which share of the cases has come to an end by when, those not yet
observed for long enough left out from the day they are lost sight of, and not counted as failures."""

from collections.abc import Sequence

import polars as pl

from metrics.intervals import Z_95

CENSORED = 0


def cumulative_incidence(cases: pl.DataFrame, causes: Sequence[int]) -> pl.DataFrame:
    """Aalen–Johansen: one row a cause and time at which something ended, cases lost sight of included, from 0 on: cause,
    time, share, error, low, high, at_risk.

    `cases` has `time` (≥ 0) and `cause` (0 while it is open: then it is observed up to `time`, that included, so that
    ends come before it). `error` is Aalen's standard error; the limits are 95 % on the scale log(−log share), null at 0
    and 1. An end at time 0 counts. Sources: O. O. Aalen, Annals of Statistics 6 (1978); limits as SAS LIFETEST and
    tidycmprsk give them. A frame without cases gives no rows."""
    counted = {str(one): (pl.col("cause") == one).sum().cast(pl.Float64) for one in causes}
    ended = (pl.col("cause") != CENSORED).sum().cast(pl.Float64)
    times = cases.group_by("time").agg(n=pl.len().cast(pl.Float64), ended=ended, **counted).sort("time")
    times = times.with_columns(at_risk=pl.col("n").cum_sum(reverse=True))
    steps = times.with_columns(surviving=(1 - pl.col("ended") / pl.col("at_risk")).cum_prod())
    before = pl.col("surviving").shift(1, fill_value=1.0)
    found = pl.concat(with_error(steps.with_columns(before=before, events=str(one)), one) for one in causes)
    return found.with_columns(*log_log_limits(pl.col("share"), pl.col("error")))


def with_error(steps: pl.DataFrame, cause: int) -> pl.DataFrame:
    """The curve of one cause with Aalen's variance: with n at risk, d ends of any kind, k of this one, S before, F after,
    Σ (F(t) − F)² d ÷ (n − 1)(n − d) + Σ S² k (n − k) ÷ n² (n − 1) − 2 Σ (F(t) − F) S k ÷ n (n − d) · (n − d) ÷ (n − 1)."""
    n, d, k, s = pl.col("at_risk"), pl.col("ended"), pl.col("events"), pl.col("before")
    steps = steps.with_columns(share=(s * k / n).cum_sum())
    f = pl.col("share")
    spare, left = n - 1, n - d
    first = pl.when((spare > 0) & (left > 0)).then(d / (spare * left)).otherwise(0.0)
    second = pl.when(spare > 0).then(s * s * k * (n - k) / (n * n * spare)).otherwise(0.0)
    third = pl.when((spare > 0) & (left > 0)).then(s * k * left / (n * left * spare)).otherwise(0.0)
    sums = [first, f * first, f * f * first, second, third, f * third]
    steps = steps.with_columns(one.cum_sum().alias(f"sum{place}") for place, one in enumerate(sums))
    a, af, aff, b, c, cf = (pl.col(f"sum{place}") for place in range(6))
    variance = f * f * a - 2 * f * af + aff + b - 2 * (f * c - cf)
    error = variance.clip(lower_bound=0).sqrt()
    return steps.select(cause=pl.lit(cause), time="time", share="share", error=error, at_risk="at_risk")


def log_log_limits(share: pl.Expr, error: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """Low and high: share ^ exp(± z · error ÷ (share · ln share))."""
    width = (Z_95 * error / (share * share.log())).abs()
    known = (share > 0) & (share < 1)
    low, high = share ** width.exp(), share ** (-width).exp()
    return pl.when(known).then(low).alias("low"), pl.when(known).then(high).alias("high")


def at(curve: pl.DataFrame, time: float) -> pl.DataFrame:
    """The last row of each cause up to a time; without one nothing has happened yet and the cause has no row."""
    return curve.filter(pl.col("time") <= time).sort("time").group_by("cause", maintain_order=True).last().sort("cause")
