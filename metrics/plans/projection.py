"""Where a period will end if it goes on like this (预计达成), and how sure that is: by how much one day differs from
another."""

from collections.abc import Sequence
from datetime import date
from functools import cache

import polars as pl

from metrics.catalog import MEASURES
from metrics.intervals import Z_95
from metrics.metric import measure

PROJECTED = ("projection", "projection_low", "projection_high")
FEWEST_DAYS = 3  # below, days say nothing of how much they differ
COUNTS = [name for name, one in MEASURES.items() if one.value is None]


def day_to_day(activity: pl.DataFrame | pl.LazyFrame, through: date, by: Sequence[str] = ()) -> pl.DataFrame:
    """What was done up to and including `through`, and the sum of the squares of the days: the keys of `by`, measure,
    done, squares."""
    by = list(by)
    daily = measure(activity.filter(pl.col("day") <= through), list(MEASURES.values()), [*by, "day"])
    long = daily.unpivot(list(MEASURES), index=by, variable_name="measure", value_name="done")
    done = pl.col("done").cast(pl.Float64)
    return long.group_by(*by, "measure").agg(done=done.sum(), squares=(done * done).sum())


def projected(standing: pl.DataFrame, days: pl.DataFrame, by: Sequence[str] = ()) -> pl.DataFrame:
    """`standing` (attainment.against_plan) with what was `done` up to the last day elapsed, the projection of it and
    its 95 % limits, given `day_to_day` of the same keys.

    projection = done ÷ time progress, done up to the last day elapsed. The limits are those of a sum over the days
    left, each like the days gone: ± t · √(r s² + r² s² ÷ n), n days gone, r left, s² the variance of a day — for counts
    at least that of a Poisson count, so that a month in which nothing happened yet is not taken for certain; never
    below what is done already. Null before a day is gone and when none is left, for then it is known; the limits also
    below three. Source: prediction interval of a
    sum, e.g. Hahn & Meeker, Statistical Intervals (1991), ch. 4."""
    by = list(by)
    table = standing.join(days, on=[*by, "measure"], how="left", nulls_equal=True, maintain_order="left")
    table = table.with_columns(pl.col("done", "squares").fill_null(0.0))
    return table.with_columns(**projection()).drop("squares")


@cache
def projection() -> dict[str, pl.Expr]:
    n, left = pl.col("days_gone"), pl.col("days") - pl.col("days_gone")
    mean = pl.col("done") / n
    spread = ((pl.col("squares") - pl.col("done") * mean) / (n - 1)).clip(lower_bound=0)
    at_least = pl.when(pl.col("measure").is_in(COUNTS)).then((pl.col("done") + 0.5) / n).otherwise(0.0)
    variance = pl.max_horizontal(spread, at_least)
    half = student(n - 1) * (left * variance + left * left * variance / n).sqrt()
    point = pl.when(n > 0, left > 0).then(pl.max_horizontal(mean * pl.col("days"), pl.col("actual")))
    sure = (n >= FEWEST_DAYS) & (left > 0)
    return {
        "projection": point,
        "projection_low": pl.when(sure).then(pl.max_horizontal(point - half, pl.col("actual"))),
        "projection_high": pl.when(sure).then(pl.max_horizontal(point + half, pl.col("actual"))),
    }


def student(freedom: pl.Expr) -> pl.Expr:
    """The 97.5 % quantile of Student's t, for two degrees of freedom or more, to about 1 % (Cornish–Fisher series:
    Abramowitz & Stegun, 26.7.5)."""
    z = Z_95
    terms = ((z**3 + z) / 4, (5 * z**5 + 16 * z**3 + 3 * z) / 96, (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384)
    return sum((term / freedom**power for power, term in enumerate(terms, 1)), pl.lit(z))
