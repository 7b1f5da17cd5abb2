"""Whether a number has moved since a day, for more than chance: before and after with their limits."""

from collections.abc import Sequence

import polars as pl

from metrics import statuses
from metrics.comparison.change import moved
from metrics.diagnosis.rates import PER_DAY, SHARED_BY
from metrics.diagnosis.tallies import SHARED, TOTALS, rate_of
from metrics.intervals import count_per_day, difference, period_rate

RISEN, FALLEN, UNCLEAR = statuses.RISEN.code, statuses.FALLEN.code, statuses.AS_BEFORE.code
EARLY = "early"
SOONEST = 10  # working days after which something is said
LONGEST = 20  # working days before and after that are looked at
WATCHED = (PER_DAY, "application_rate", "deal_rate")
NUMBERS = ("before", "before_low", "before_high", "after", "after_low", "after_high", "change", "low", "high")
EFFECT = dict.fromkeys(NUMBERS, pl.Float64) | {"verdict": pl.String}


def effect(
    before: pl.DataFrame, after: pl.DataFrame, watched: str, days: int, scatter: float = 1.0
) -> dict[str, object]:
    """One row as a dict (EFFECT) of a number of WATCHED: its value before and after with 95 % limits (null without cases),
    their difference with its limits (intervals.difference), and the verdict: RISEN or FALLEN where the limits leave 0
    out, UNCLEAR where they do not or cannot be told, EARLY before SOONEST working `days` are over.

    `before` and `after` are tallies (metrics.diagnosis.tallies), put together here; a volume's variance is `scatter` times
    that of chance (Poisson), at least once."""
    sides = {"before": before, "after": after}
    row = pl.concat([limits(part, watched, scatter, side) for side, part in sides.items()], how="horizontal")
    ends = [pl.col(f"{side}{end}") for side in ("after", "before") for end in ("", "_low", "_high")]
    change, low, high = difference(*ends)
    row = row.with_columns(change=change, low=low, high=high)
    said = pl.lit(EARLY) if days < SOONEST else moved(pl.col("low"), pl.col("high")).cast(pl.String).fill_null(UNCLEAR)
    return row.with_columns(verdict=said).select(list(EFFECT)).row(0, named=True)


def limits(tallies: pl.DataFrame, watched: str, scatter: float, side: str) -> pl.DataFrame:
    """A number of tallies, put together, and its limits: `side`, `side_low` and `side_high`; null where there is nothing
    it could be of."""
    whole = tallies.select(pl.col(name).sum() for name in (*TOTALS, *SHARED))
    of, to, shared = SHARED_BY.get(watched, ("consultations", "days", None))
    if shared is None:
        low, high = count_per_day(pl.col(of), pl.col(to), pl.lit(max(scatter, 1.0)))
    else:
        low, high = period_rate(pl.col(of), pl.col(to), pl.col(shared))
    found = {"": rate_of(of, to), "_low": low, "_high": high}
    return whole.select(one.cast(pl.Float64).alias(f"{side}{end}") for end, one in found.items())


def scatter(counts: Sequence[float], days: Sequence[float]) -> float:
    """How much more than chance the counts of single days differ, 1 or more: the variance around their mean a day over
    that of Poisson counts; 1 where there are too few to tell. `days` is for how much of each day they were there."""
    cases = [(count, day) for count, day in zip(counts, days, strict=True) if day > 0]
    mean = sum(count for count, _day in cases) / max(sum(day for _count, day in cases), 1e-9)
    if len(cases) < SOONEST or mean <= 0:
        return 1.0
    return max(1.0, sum((count - mean * day) ** 2 / (mean * day) for count, day in cases) / (len(cases) - 1))
