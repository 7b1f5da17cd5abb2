"""How sure a rate is: the Wilson score interval."""

import polars as pl

Z_95 = 1.959963984540054


def wilson(successes: pl.Expr, trials: pl.Expr, z: float = Z_95) -> tuple[pl.Expr, pl.Expr]:
    """Lower and upper limit, 0–1, of successes ÷ trials at the confidence of z (95 % unless told).

    Null without trials, and null where successes exceed trials: a period rate above 100 % is no share of its
    denominator. Source: E. B. Wilson, Probable inference, JASA 22 (1927)."""
    n = trials.cast(pl.Float64)
    share = successes.cast(pl.Float64) / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * (share * (1 - share) / n + z * z / (4 * n * n)).sqrt()
    possible = (trials > 0) & (successes <= trials)
    low = pl.when(possible).then(pl.min_horizontal(share, (centre - half).clip(0, 1)))  # at 0 and n of n they meet,
    high = pl.when(possible).then(pl.max_horizontal(share, (centre + half).clip(0, 1)))  # but for rounding
    return low, high
