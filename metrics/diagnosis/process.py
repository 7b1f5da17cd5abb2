"""How somebody's work runs from week to week, or from working day to working day: each measure with its control limits,
whether it has changed, and whether it will reach the plan by itself."""

from dataclasses import dataclass
from datetime import date
from math import exp, sqrt
from typing import Any

import polars as pl

from metrics.catalog import APPLICATION_RATE, COUNTS, DEAL_AMOUNT, DEAL_RATE, MEASURES
from metrics.diagnosis import control_chart
from metrics.diagnosis.control_chart import BEYOND, NEAR, SHIFT, TREND
from metrics.diagnosis.funnel_plot import share_limits
from metrics.diagnosis.tallies import rate_of
from metrics.metric import measure
from metrics.periods import Period, calendar_dimension

GRAINS = ("week", "day")
CHARTED_RATES = {one.name: (one.of.name, one.to.name) for one in (APPLICATION_RATE, DEAL_RATE)}
CHARTED = ("consultations", "application_rate", "applications", "deal_rate", "deals", "deal_amount")
COUNTED = ("consultations", "applications", "deals")
SIGNALS = (BEYOND, SHIFT, TREND, NEAR)
FEW = 5  # cases a point
THREE_SIGMA = 0.9973
NORMAL_FROM = 100  # a Poisson mean
MANY = 300  # cases a point, from which chance hardly matters and neighbours say how much shares differ (p′)
POINT = {"point": pl.Date, "days": pl.Float64} | dict.fromkeys(MEASURES, pl.Float64)


def points(
    activity: pl.LazyFrame, posting_days: pl.DataFrame, calendar: pl.DataFrame, period: Period, grain: str
) -> pl.DataFrame:
    """One row a week (by its Monday) or working day of the period (POINT): for how many working days they were there,
    and the totals of the funnel. Weeks and days without one are left out."""
    place = calendar_dimension(period).select("day", point=grain)
    working = calendar.filter("is_workday").select("day").join(place, on="day")
    there = posting_days.join(working, on="day").group_by("point").agg(days=(1 - pl.col("away")).sum())
    log = activity.join(place.lazy(), on="day")
    done = measure(log, [*COUNTS, DEAL_AMOUNT], ["point"])
    table = there.filter(pl.col("days") > 0).join(done, on="point", how="left")
    table = table.with_columns(pl.exclude("point").cast(pl.Float64).fill_null(0.0))
    return table.select(list(POINT)).sort("point")


def charts(table: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Of points, by measure (CHARTED): point, value, centre, low, high and the signals (control_chart.signals).
    Totals are those a working day, on a chart of single values; rates on a p chart, p′ where cases are many. A rate of
    more numerators than cases, which a period may have, is no share: it has a chart of single values."""
    return {name: chart(table, name) for name in CHARTED}


def chart(table: pl.DataFrame, name: str) -> pl.DataFrame:
    """The chart of one measure. Where the points have few cases, limits are at least those of chance (binomial,
    Poisson); and fewer than FEW say nothing but by a point beyond them: most of such points lie below their mean."""
    of, to = CHARTED_RATES.get(name, (name, "days"))
    rate = table.select(rate_of(of, to)).to_series()
    found, cases = float(table[of].sum()), float(table[to].sum())
    by_chance = name in COUNTED or (name in CHARTED_RATES and cases > found)
    if name in CHARTED_RATES and by_chance:
        many = cases >= MANY * table.height
        limits = control_chart.p_chart(table[of], table[to], between=many)
        limits = limits if many else at_least(limits, binomial(table[to].to_list(), found / cases))
    else:
        limits = control_chart.xmr(rate)
        if by_chance and found > 0:
            limits = at_least(limits, poisson(table[to].to_list(), found / cases))
    marked = control_chart.signals(limits).with_columns(pl.col("low").clip(lower_bound=0))
    if is_sparse(table, name):
        marked = marked.with_columns(pl.lit(False).alias(one) for one in (SHIFT, TREND, NEAR))
        if not by_chance:  # nothing says how far such values may lie from each other
            nothing = pl.lit(None, pl.Float64)
            marked = marked.with_columns(low=nothing, high=nothing, beyond=pl.lit(False))
    return pl.concat([table.select("point"), marked], how="horizontal")


def is_sparse(table: pl.DataFrame, name: str) -> bool:
    """Whether the points have fewer than FEW cases on average."""
    counted = CHARTED_RATES[name][1] if name in CHARTED_RATES else "deals" if name == "deal_amount" else name
    return not table.is_empty() and table[counted].sum() < FEW * table.height


def at_least(limits: pl.DataFrame, others: list[tuple[float, float]]) -> pl.DataFrame:
    """The wider of two pairs of limits, point by point."""
    wide = pl.DataFrame(others, {"lower": pl.Float64, "higher": pl.Float64}, orient="row")
    both = pl.concat([limits, wide], how="horizontal")
    low, high = pl.min_horizontal("low", "lower"), pl.max_horizontal("high", "higher")
    return both.select("value", "centre", low=low, high=high)


def binomial(cases: list[float], share: float) -> list[tuple[float, float]]:
    """Limits of shares by chance, as rare as three standard deviations; below 0 there is no limit."""
    sigma = [sqrt(share * (1 - share) / n) if n else 0.0 for n in cases]
    exact = [share_limits(round(n), share, THREE_SIGMA) if n else (share, share) for n in cases]
    return [(min(low, share - 3 * one), high) for one, (low, high) in zip(sigma, exact, strict=True)]


def poisson(days: list[float], rate: float) -> list[tuple[float, float]]:
    """Limits of counts a day by chance."""
    most = {one: most_by_chance(rate * one) for one in set(days)}
    return [(rate - 3 * sqrt(rate / one), most[one] / one) for one in days]


def most_by_chance(mean: float) -> float:
    """The count that a Poisson count exceeds as seldom as a normal value exceeds three standard deviations."""
    if mean > NORMAL_FROM:
        return mean + 3 * sqrt(mean)
    count, term = 0, exp(-mean)
    below = term
    while below < (1 + THREE_SIGMA) / 2:
        count += 1
        term *= mean / count
        below += term
    return float(count)


def targets(standing: pl.DataFrame) -> dict[str, float | None]:
    """What a month's plan asks for, by measure (CHARTED), null where it does not: totals a working day, and of rates the
    ratio of two plans. `standing` has one row a measure: measure, plan, days (attainment.against_plan)."""
    plans = {row["measure"]: (row["plan"], row["days"]) for row in standing.to_dicts()}

    def asked(name: str) -> float | None:
        of, to = CHARTED_RATES.get(name, (name, None))
        plan, days = plans.get(of, (None, None))
        base = days if to is None else plans.get(to, (None, None))[0]
        return plan / base if plan and base else None

    return {name: asked(name) for name in CHARTED}


@dataclass(frozen=True)
class Verdict:
    """`signal` is what the last point is part of (of SIGNALS; None where it is noise), on the `better` side of the
    centre or not, `since` its first point; `reach` says whether the target is reached by itself (control_chart.
    will_reach), None without one; `trial` that there are too few points to rely on the limits."""

    signal: str | None
    better: bool
    since: date | None
    reach: str | None
    trial: bool


def verdict(chart: pl.DataFrame, target: float | None) -> Verdict:
    """The two questions of Making Data Count of a chart: has it changed or is it noise, and will it reach the target."""
    trial = control_chart.is_trial(chart)
    reach = None if target is None else control_chart.will_reach(chart, target)
    rows = chart.filter(pl.col("value").is_not_null()).to_dicts()
    last: dict[str, Any] = rows[-1] if rows else {}
    signal = next((name for name in SIGNALS if last.get(name)), None)
    if signal is None:
        return Verdict(None, False, None, reach, trial)
    start = len(rows) - 1
    while signal in (SHIFT, TREND) and start > 0 and rows[start - 1][signal] and is_same_run(rows, start, signal):
        start -= 1
    before = rows[-2]["value"] if signal == TREND else rows[-1]["centre"]
    return Verdict(signal, rows[-1]["value"] > before, rows[start]["point"], reach, trial)


def is_same_run(rows: list[dict[str, Any]], place: int, signal: str) -> bool:
    """Whether a point goes on as the last one does: on its side of the centre, or rising or falling with it."""
    if signal == SHIFT:
        sides = [rows[one]["value"] > rows[one]["centre"] for one in (place - 1, -1)]
        return sides[0] == sides[1]
    steps = [rows[one]["value"] > rows[one - 1]["value"] for one in (place, len(rows) - 1)]
    return steps[0] == steps[1]
