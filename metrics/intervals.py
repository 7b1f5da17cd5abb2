"""How sure a rate is: Wilson's score interval of a share, what it becomes for a rate of a period or a count a day, and the
limits of the difference of two."""

import numpy as np
import polars as pl

Z_95 = 1.959963984540054


def wilson(successes: pl.Series, trials: pl.Series, z: float = Z_95) -> tuple[pl.Series, pl.Series]:
    """Lower and upper limit, 0–1, of successes ÷ trials at the confidence of z (95 % unless told): of a share, such as
    a cohort's that was observed to the end. Computed with numpy: as expressions of Polars it takes ten times as long.

    Null without trials, and null where successes exceed trials: that is no share of them. Source: E. B. Wilson,
    Probable inference, JASA 22 (1927)."""
    done, n = (one.cast(pl.Float64).to_numpy() for one in (successes, trials))
    with np.errstate(divide="ignore", invalid="ignore"):
        share = done / n
        centre = (share + z * z / (2 * n)) / (1 + z * z / n)
        half = z / (1 + z * z / n) * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
        low = np.minimum(share, np.clip(centre - half, 0, 1))  # at 0 and n of n they meet,
        high = np.maximum(share, np.clip(centre + half, 0, 1))  # but for rounding
        possible = (n > 0) & (done <= n)
    return known(low, possible), known(high, possible)


def period_rate(of: pl.Series, to: pl.Series, shared: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Lower and upper 95 % limit of the rate of ÷ to of a period, above 1 too; null where `to` is 0.

    The counts are neither independent nor a share of each other: `shared` says how many cases of `of` have their own
    event of `to` in the same period. So it is Wilson's interval of of ÷ (of + to), mapped back, with z · √f, where f is
    the variance of the logarithm of the rate over that of two independent Poisson counts: (1/of + 1/to − 2 shared/(of
    to)) ÷ (1/of + 1/to), which is 1 − 2 shared ÷ (of + to). Where every case is shared, all of all, f is 0 and the
    limits are those of a share, `wilson`."""
    n_of, n_to, n_shared = (one.cast(pl.Float64).to_numpy() for one in (of, to, shared))
    with np.errstate(divide="ignore", invalid="ignore"):
        both = n_of + n_to
        apart = both - 2 * np.minimum(n_shared, np.minimum(n_of, n_to))
        half = Z_95 * Z_95 / 2 * apart / both
        width = np.sqrt(2 * half * (n_of * n_to / both + half / 2))
        low = np.maximum((n_of + half - width) / (n_to + half + width), 0)
        high = (n_of + half + width) / (n_to + half - width)
        low = np.where(apart > 0, low, n_of / (n_of + Z_95 * Z_95))
    return known(low, n_to > 0), known(high, n_to > 0)


def known(values: np.ndarray, where: np.ndarray) -> pl.Series:
    """The values where they are known; null elsewhere."""
    return pl.Series(np.where(where, values, np.nan), nan_to_null=True)


def count_per_day(count: pl.Expr, days: pl.Expr, spread: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """Lower and upper 95 % limit of a count ÷ days whose variance is `spread` times its mean (1: Poisson): the score
    interval. Null without days."""
    half = Z_95 * Z_95 / 2 * spread
    width = (half * (2 * count + half)).sqrt()
    there = pl.when(days > 0).then(days)
    return (count + half - width) / there, (count + half + width) / there


def difference(
    value: pl.Expr, low: pl.Expr, high: pl.Expr, before: pl.Expr, low_before: pl.Expr, high_before: pl.Expr
) -> tuple[pl.Expr, pl.Expr, pl.Expr]:
    """value − before, and the lower and upper limit of it that their own limits give; null where one is. Source: the
    method of variance estimates recovery, G. Y. Zou, A. Donner, Construction of confidence limits about effect measures,
    Statistics in Medicine 27 (2008)."""
    change = value - before
    down = ((value - low) ** 2 + (high_before - before) ** 2).sqrt()
    return change, change - down, change + ((high - value) ** 2 + (before - low_before) ** 2).sqrt()
