"""Control charts: has a process changed or is it noise, and will it reach its target by itself; and since when it has
changed."""

from collections.abc import Sequence
from math import log
from typing import cast

import polars as pl

SIGMA_OF_RANGE = 1.128  # d₂: the mean range of two normal values is 1.128 standard deviations
LIMIT_OF_RANGE = 2.66  # 3 ÷ d₂, as it is published
LARGEST_RANGE = 3.267  # D₄: a moving range beyond this times the mean one is out of control itself
TRIAL = 12  # fewer points give trial limits
RUN = 7  # so many on one side, or rising or falling, are no accident
BEYOND, SHIFT, TREND, NEAR = "beyond", "shift", "trend", "near"


def xmr(values: pl.Series) -> pl.DataFrame:
    """A chart of single values: centre and limits, mean ± 2.66 · mean moving range; ranges that are out of control
    themselves are screened out once. Source: NHS England, Making Data Count (NHSRplotthedots)."""
    ranges = values.cast(pl.Float64).drop_nulls().diff().abs()
    usual = mean(ranges.filter(ranges <= LARGEST_RANGE * mean(ranges)))
    half, value = LIMIT_OF_RANGE * usual, pl.col("value")
    chart = pl.DataFrame({"value": values.cast(pl.Float64)})
    return chart.with_columns(centre=value.mean(), low=value.mean() - half, high=value.mean() + half)


def mean(values: pl.Series) -> float:
    """0 without any."""
    return cast(float, values.mean()) if values.len() > values.null_count() else 0.0


def p_chart(found: pl.Series, cases: pl.Series, between: bool = False) -> pl.DataFrame:
    """A chart of shares found ÷ cases: value, centre, low, high, within 0 and 1; null where there are no cases. With
    `between`, Laney's p′: the limits are wider or narrower by how much neighbours differ from each other, for shares of
    so many cases that chance hardly matters. Sources: Montgomery, Introduction to Statistical Quality Control, ch. 7;
    D. B. Laney, Quality Engineering 14 (2002)."""
    table = pl.DataFrame({"found": found, "cases": cases}).cast(pl.Float64)
    share = pl.when(pl.col("cases") > 0).then(pl.col("found") / pl.col("cases"))
    centre = pl.col("found").sum() / pl.col("cases").sum()
    table = table.with_columns(value=share, centre=centre, sigma=(centre * (1 - centre) / pl.col("cases")).sqrt())
    if between:
        scores = table.filter(pl.col("sigma") > 0)
        score = (pl.col("value") - pl.col("centre")) / pl.col("sigma")
        factor = scores.select(score.diff().abs().mean() / SIGMA_OF_RANGE).item()
        table = table.with_columns(pl.col("sigma") * (1.0 if factor is None else factor))
    known = pl.when(pl.col("cases") > 0)
    low, high = (pl.col("centre") + side * pl.col("sigma") for side in (-3, 3))
    return table.select(
        "value",
        "centre",
        low=known.then(low.clip(lower_bound=0)),
        high=known.then(high.clip(upper_bound=1)),
    )


def signals(chart: pl.DataFrame) -> pl.DataFrame:
    """Adds what each point is part of: `beyond` the limits, `shift` (7 in a row on one side of the centre), `trend` (7
    rising or falling in a row), `near` (2 of 3 in the outer third towards one limit). Source: NHS England, Making Data
    Count. Points without a value are passed over."""
    points = chart.with_row_index("place").filter(pl.col("value").is_not_null())
    values, centre = points["value"].to_list(), points["centre"].to_list()
    side = [(value > middle) - (value < middle) for value, middle in zip(values, centre, strict=True)]
    step = [(after > before) - (after < before) for before, after in zip(values[:1] + values, values, strict=False)]
    ends = zip(values, centre, points["low"].to_list(), points["high"].to_list(), strict=True)
    outer = [outer_third(*one) for one in ends]
    found = {
        BEYOND: [abs(one) == 2 for one in outer],
        SHIFT: runs(side, RUN),
        TREND: rising(step),
        NEAR: two_of_three([(one > 0) - (one < 0) for one in outer]),
    }
    marked = points.select("place").with_columns(pl.Series(name, flags, pl.Boolean) for name, flags in found.items())
    table = chart.with_row_index("place").join(marked, on="place", how="left", maintain_order="left")
    return table.with_columns(pl.col(list(found)).fill_null(False)).drop("place")


def outer_third(value: float, centre: float, low: float, high: float) -> int:
    """±2 beyond a limit, ±1 in the outer third before it, else 0; the sign is the side."""
    sign, limit = (1, high) if value > centre else (-1, low)
    if (value - limit) * sign > 0:
        return 2 * sign
    return sign if abs(value - centre) > 2 / 3 * abs(limit - centre) > 0 else 0


def runs(sides: Sequence[int], length: int) -> list[bool]:
    """Which points stand in a run of so many, or more, with the same sign; 0 ends a run."""
    marked, start = [False] * len(sides), 0
    for place in range(1, len(sides) + 1):
        if place == len(sides) or sides[place] != sides[start]:
            if place - start >= length and sides[start]:
                marked[start:place] = [True] * (place - start)
            start = place
    return marked


def rising(steps: Sequence[int]) -> list[bool]:
    """Which points stand in RUN, or more, that rise or fall in a row: RUN − 1 steps, and the point they begin at."""
    stepped = runs(steps, RUN - 1)
    after = [*stepped[1:], False][: len(stepped)]
    return [one or following for one, following in zip(stepped, after, strict=True)]


def two_of_three(sides: Sequence[int]) -> list[bool]:
    """Which points in an outer third have another on the same side among the two before or after, three in a row."""
    marked = [False] * len(sides)
    for start in range(max(len(sides) - 2, 0)):
        window = sides[start : start + 3]
        for sign in (-1, 1):
            if window.count(sign) >= 2:
                for place, one in enumerate(window, start):
                    marked[place] = marked[place] or one == sign
    return marked


def will_reach(chart: pl.DataFrame, target: float, more_is_better: bool = True) -> str | None:
    """Whether the process as it is will reach the target by itself: "always", "never" or "chance", from the latest
    limits; None without a point. Source: NHS England, Making Data Count (assurance)."""
    points = chart.filter(pl.col("low").is_not_null())
    if points.is_empty():
        return None
    low, high = points.select(pl.col("low").last(), pl.col("high").last()).row(0)
    if low <= target <= high:
        return "chance"
    return "always" if (target < low) == more_is_better else "never"


def is_trial(chart: pl.DataFrame) -> bool:
    """Whether the limits are of too few points to be relied on."""
    return chart["value"].drop_nulls().len() < TRIAL


def sequential_alarm(observed: Sequence[float], expected: Sequence[float], factor: float = 2.0) -> list[float]:
    """For how much speaks that a count comes at `factor` times its expected rate rather than at the expected one: the
    logarithm of the likelihood ratio after each point, of cumulated counts. It alarms from `threshold` on. Source:
    Spiegelhalter et al., Risk-adjusted sequential probability ratio tests, Int. J. Quality in Health Care 15 (2003)."""
    return [log(factor) * o - (factor - 1) * e for o, e in zip(observed, expected, strict=True)]


def threshold(error: float) -> float:
    """From where a sequential alarm is false, or missed, with at most this probability: ln((1 − α) ÷ α)."""
    return log((1 - error) / error)
