"""Units side by side on a funnel plot: of shares, of period rates and of counts, which differ for more than chance, and
the lines to draw."""

from collections.abc import Sequence
from math import inf, sqrt
from statistics import NormalDist

import polars as pl

from metrics import statuses
from metrics.diagnosis.funnel_plot import (
    ALARM,
    ENOUGH_UNITS,
    LIMITS,
    WARNING,
    between,
    dispersed_limits,
    dispersion,
    period_rate_limits,
    share_limits,
    spread_of_shares,
    winsorised,
    with_limits,
    without_limits,
)
from metrics.plans.chance import incomplete_gamma

PLACES = statuses.codes(statuses.PLACES)
STEPS = 48  # points of a line
NORMAL = NormalDist()


def placed(table: pl.DataFrame, value: str = "rate", centre: str = "centre") -> pl.DataFrame:
    """Adds `place` (statuses.PLACES) to a funnel: beyond which limits and on which side; null where there is no value."""
    above = pl.col(value) > pl.col(centre)
    word = (
        pl.when(pl.col(value).is_null())
        .then(None)
        .when(pl.col("beyond").is_null())
        .then(pl.lit("within"))
        .when((pl.col("beyond") == "alarm") & above)
        .then(pl.lit("clearly_higher"))
        .when(pl.col("beyond") == "alarm")
        .then(pl.lit("clearly_lower"))
        .when(above)
        .then(pl.lit("higher"))
        .otherwise(pl.lit("lower"))
    )
    return table.with_columns(place=word.cast(pl.Enum(PLACES)))


def share_funnel(units: pl.DataFrame) -> pl.DataFrame:
    """Units with `of` cases of `to`, such as a cohort's, beside the limits around the share of all together: funnel_plot.FUNNEL is
    added. Limits are exact binomial, or additive with over-dispersion from ENOUGH_UNITS units
    on."""
    of, to = units["of"].to_list(), units["to"].to_list()
    all_of, all_to = sum(of), sum(to)
    if not all_to:
        return without_limits(units)
    centre, spread = all_of / all_to, spread_of_shares(of, to)

    def limits(cases: int, inside: float) -> tuple[float, float]:
        if spread > 0:
            return dispersed_limits(cases, centre, spread, inside)
        return share_limits(cases, centre, inside)

    rows = [(*limits(n, WARNING), *limits(n, ALARM)) if n else (None,) * 4 for n in to]
    return with_limits(units, rows, centre, spread)


def count_funnel(units: pl.DataFrame) -> pl.DataFrame:
    """Units with `observed` and `expected` counts: adds ratio, centre (1), spread (τ²) and beyond, as a funnel of rates
    has them. Within ENOUGH_UNITS units the limits are exact Poisson, from there on additive with over-dispersion on the
    scale of √(observed ÷ expected). Source: D. J. Spiegelhalter et al., Statistical methods for healthcare regulation,
    Journal of the Royal Statistical Society A 175 (2012)."""
    pairs = list(units.select("observed", "expected").iter_rows())
    spread = spread_of_counts([(o, e) for o, e in pairs if e > 0])
    beyond = [beyond_count(o, e, spread) if e > 0 else None for o, e in pairs]
    ratio = pl.when(pl.col("expected") > 0).then(pl.col("observed") / pl.col("expected"))
    return units.with_columns(
        ratio=ratio, centre=pl.lit(1.0), spread=pl.lit(spread), beyond=pl.Series(beyond, dtype=pl.String)
    )


def spread_of_counts(units: Sequence[tuple[float, float]]) -> float:
    """τ² of observed and expected counts on the scale of √(observed ÷ expected), winsorised; 0 with fewer than
    ENOUGH_UNITS."""
    if len(units) < ENOUGH_UNITS:
        return 0.0
    scores = [2 * (sqrt(o) - sqrt(e)) for o, e in units]
    return between([1 / (2 * sqrt(e)) for _o, e in units], dispersion(winsorised(scores)))


def beyond_count(observed: float, expected: float, spread: float) -> str | None:
    """ "alarm", "warning" or null: the limits that a count lies beyond."""
    if spread > 0:
        score = abs(sqrt(observed / expected) - 1) / sqrt(1 / (4 * expected) + spread)
        outside = 2 * NORMAL.cdf(-score)
    else:
        few = 1 - incomplete_gamma(observed + 1, expected)
        many = incomplete_gamma(observed, expected) if observed > 0 else 1.0
        outside = 2 * min(few, many)
    return "alarm" if outside < 1 - ALARM else "warning" if outside < 1 - WARNING else None


def lines(table: pl.DataFrame, cases: str, shared: float | None = None) -> pl.DataFrame:
    """The limits of a funnel as lines: `cases` and LIMITS, one row a point, from the smallest to the largest unit.
    `shared` is the part of cases with both events of a period rate (funnel_plot.period_rate_limits), None for shares.
    Empty where the funnel has no centre."""
    known = table.filter(pl.col("centre").is_not_null(), pl.col(cases) > 0)
    if known.is_empty():
        return pl.DataFrame(schema={"cases": pl.Float64} | dict.fromkeys(LIMITS, pl.Float64))
    centre, spread = known["centre"][0], known["spread"][0]
    smallest, largest = min(known[cases]), max(known[cases])
    first, last = max(smallest * 0.7, 1.0), max(largest * 1.1, 2.0)
    points = sorted({round(first * (last / first) ** (step / STEPS)) for step in range(STEPS + 1)})

    def limits(n: int, inside: float) -> tuple[float, float]:
        if shared is not None:
            return period_rate_limits(n, centre, shared, inside, spread)
        return dispersed_limits(n, centre, spread, inside) if spread > 0 else share_limits(n, centre, inside)

    rows = [(float(n), *limits(n, WARNING), *limits(n, ALARM)) for n in points]
    found = pl.DataFrame(rows, {"cases": pl.Float64} | dict.fromkeys(LIMITS, pl.Float64), orient="row")
    return found.with_columns(pl.when(pl.col(name) < inf).then(name).alias(name) for name in LIMITS)
