"""Funnel plots: within which limits a rate of so many cases lies when nothing but chance is at work."""

from collections.abc import Sequence
from math import asin, inf, log, pi, sin, sqrt
from statistics import NormalDist

import polars as pl

from metrics.plans.chance import incomplete_beta, incomplete_gamma

WARNING, ALARM = 0.95, 0.998  # the two pairs of limits of a funnel plot
ENOUGH_UNITS = 10  # units from which over-dispersion is estimated
WINSORISED = 0.1  # of the scores at either end, before they are squared
HALVINGS = 60
LIMITS = ("low_95", "high_95", "low_998", "high_998")
NORMAL = NormalDist()


def tails(inside: float, narrower: float = 1.0) -> tuple[float, float]:
    """The probabilities below the lower and below the upper limit; `narrower` is f of a period rate: z · √f."""
    z = NORMAL.inv_cdf((1 + inside) / 2) * sqrt(narrower)
    return NORMAL.cdf(-z), NORMAL.cdf(z)


def binomial_quantile(probability: float, cases: int, share: float) -> float:
    """The quantile of a binomial count, interpolated between whole numbers. Source: D. J. Spiegelhalter, Funnel plots
    for comparing institutional performance, Statistics in Medicine 24 (2005), appendix A.1.1."""

    def below(count: int) -> float:
        """P(X ≤ count)."""
        if count < 0:
            return 0.0
        return 1.0 if count >= cases else incomplete_beta(cases - count, count + 1, 1 - share)

    low, high = -1, cases
    while high - low > 1:  # the first count whose distribution function reaches the probability
        middle = (low + high) // 2
        low, high = (low, middle) if below(middle) >= probability else (middle, high)
    at, before = below(high), below(high - 1)
    part = (at - probability) / (at - before) if at > before else 0.0
    return max(high - part, 0.0)


def share_limits(cases: int, share: float, inside: float = WARNING, narrower: float = 1.0) -> tuple[float, float]:
    """Exact binomial limits, 0–1, of the share of a cohort of so many cases, around `share`."""
    low, high = tails(inside, narrower)
    return binomial_quantile(low, cases, share) / cases, binomial_quantile(high, cases, share) / cases


def period_rate_limits(
    both: int, rate: float, shared: float, inside: float = WARNING, spread: float = 0.0
) -> tuple[float, float]:
    """Limits of a period rate D ÷ N around `rate`, of `both` = D + N cases: binomial of D in D + N around
    rate ÷ (1 + rate), mapped back; `shared` is the part K ÷ (D + N) of cases that have both events in the period
    (metrics.intervals.period_rate). With over-dispersion (`spread`, τ²) they are those of arcsine √share."""
    share, narrower = rate / (1 + rate), max(1 - 2 * shared, 0.0)
    low, high = (
        dispersed_limits(both, share, spread, inside, narrower)
        if spread > 0
        else share_limits(both, share, inside, narrower)
    )
    return low / (1 - low) if low < 1 else inf, high / (1 - high) if high < 1 else inf


def dispersed_limits(
    cases: float, share: float, spread: float, inside: float = WARNING, narrower: float = 1.0
) -> tuple[float, float]:
    """Limits of a share that differs between units beyond chance: asin √share ± z · √(f ÷ 4n + τ²), mapped back."""
    z = NORMAL.inv_cdf((1 + inside) / 2)
    half, centre = z * sqrt(narrower / (4 * cases) + spread), asin(sqrt(share))
    return sin(max(centre - half, 0.0)) ** 2, sin(min(centre + half, pi / 2)) ** 2


def chi_square_quantile(probability: float, freedom: float) -> float:
    """By halving: where the distribution function of chi-square is `probability`."""
    low, high = 0.0, freedom + 10 * sqrt(2 * freedom) + 50
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if incomplete_gamma(freedom / 2, middle / 2) >= probability else (middle, high)
    return (low + high) / 2


def count_limits(expected: float, inside: float = WARNING) -> tuple[float, float]:
    """Exact Poisson limits of observed ÷ expected. Source: Dobson et al., Statistics in Medicine 10 (1991), as
    FunnelPlotR draws them."""
    outside = (1 - inside) / 2
    low = chi_square_quantile(outside, 2 * expected) / 2
    high = chi_square_quantile(1 - outside, 2 * (expected + 1)) / 2
    return low / expected, high / expected


def share_scores(found: Sequence[int], cases: Sequence[int], narrower: float = 1.0) -> list[float]:
    """How many standard errors each unit's share lies from that of all together, on the scale of arcsine √share."""
    centre = asin(sqrt(sum(found) / sum(cases)))
    pairs = zip(found, cases, strict=True)
    return [(asin(sqrt(one / n)) - centre) * 2 * sqrt(n / narrower) for one, n in pairs]


def count_scores(observed: Sequence[float], expected: Sequence[float]) -> list[float]:
    """Likewise of counts: √expected · ln(observed ÷ expected)."""
    return [sqrt(e) * log(o / e) for o, e in zip(observed, expected, strict=True)]


def winsorised(scores: Sequence[float], part: float = WINSORISED) -> list[float]:
    """The scores with those beyond the quantiles at either end drawn in to them."""
    series = pl.Series(scores, dtype=pl.Float64)
    low, high = (series.quantile(one, "linear") for one in (part, 1 - part))
    return series.clip(low, high).to_list()


def dispersion(scores: Sequence[float]) -> float:
    """φ: the mean of the squared scores, 1 where nothing but chance is at work."""
    return sum(one * one for one in scores) / len(scores)


def between(errors: Sequence[float], ratio: float) -> float:
    """τ², how much units differ beyond chance, from their standard errors and the dispersion φ (`ratio`): the estimate
    of moments of DerSimonian & Laird, Controlled Clinical Trials 7 (1986), as Spiegelhalter (2005) takes it; 0 where
    nφ < n − 1."""
    n, weights = len(errors), [1 / (one * one) for one in errors]
    total = sum(weights)
    freedom = total - sum(one * one for one in weights) / total
    return max(0.0, (n * ratio - (n - 1)) / freedom) if freedom > 0 else 0.0


def spread_of_shares(found: Sequence[int], cases: Sequence[int], narrower: float = 1.0) -> float:
    """τ² of shares on the arcsine scale, winsorised; 0 with fewer than ENOUGH_UNITS units."""
    units = [(one, n) for one, n in zip(found, cases, strict=True) if n > 0]
    if len(units) < ENOUGH_UNITS or narrower <= 0:
        return 0.0
    found, cases = zip(*units, strict=True)
    errors = [sqrt(narrower / n) / 2 for n in cases]
    return between(errors, dispersion(winsorised(share_scores(found, cases, narrower))))


def period_funnel(units: pl.DataFrame) -> pl.DataFrame:
    """Units with `of`, `to` and `shared` (metrics.metric.shared), one row each, beside the limits around the rate of all
    together: rate, centre, low_95, high_95, low_998, high_998, spread (τ², 0 where the limits are those of chance
    alone), beyond: "alarm", "warning", or null within the limits and where nothing was to be expected."""
    of, to, shared = (units[name].to_list() for name in ("of", "to", "shared"))
    all_of, all_to = sum(of), sum(to)
    if not all_of or not all_to:
        return without_limits(units)
    centre, both = all_of / all_to, [one + n for one, n in zip(of, to, strict=True)]
    part = min(sum(shared), all_of, all_to) / (all_of + all_to)
    spread = spread_of_shares(of, both, max(1 - 2 * part, 0.0))
    rows = [
        (*period_rate_limits(n, centre, part, WARNING, spread), *period_rate_limits(n, centre, part, ALARM, spread))
        if n
        else (None,) * 4
        for n in both
    ]
    return with_limits(units, rows, centre, spread)


FUNNEL = dict.fromkeys(("rate", "centre", *LIMITS, "spread"), pl.Float64) | {"beyond": pl.String}
Limits = Sequence[tuple[float | None, ...]]


def with_limits(units: pl.DataFrame, limits: Limits, centre: float, spread: float) -> pl.DataFrame:
    """Units with `of` and `to`, and the LIMITS of each, as a funnel: FUNNEL is added."""
    rate = pl.when(pl.col("to") > 0).then(pl.col("of") / pl.col("to"))
    known = pl.DataFrame(limits, dict.fromkeys(LIMITS, pl.Float64), orient="row")
    table = units.with_columns(known, rate=rate, centre=pl.lit(centre), spread=pl.lit(spread))
    inside = {name: pl.col("rate").is_between(f"low_{name}", f"high_{name}") for name in ("95", "998")}
    beyond = pl.when(~inside["998"]).then(pl.lit("alarm")).when(~inside["95"]).then(pl.lit("warning"))
    return table.with_columns(beyond=beyond).select(*units.columns, *FUNNEL)


def without_limits(units: pl.DataFrame) -> pl.DataFrame:
    """Units of which there is nothing to compare: FUNNEL is null."""
    return units.with_columns(pl.lit(None, kind).alias(name) for name, kind in FUNNEL.items())
