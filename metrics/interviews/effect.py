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
SIDES = ("before", "after")
COUNTED = (*TOTALS, *SHARED)
EFFECT = dict.fromkeys(NUMBERS, pl.Float64) | {"verdict": pl.String}


def effect(
    before: pl.DataFrame, after: pl.DataFrame, watched: str, days: int, scatter: float = 1.0
) -> dict[str, object]:
    """The effect (EFFECT) of one interview; `before` and `after` are tallies (metrics.diagnosis.tallies), put together
    here."""
    whole = [pl.col(name).sum() for name in COUNTED]
    sides = [part.select(whole).rename(prefixed(side)) for side, part in zip(SIDES, (before, after), strict=True)]
    case = pl.concat(sides, how="horizontal").with_columns(watched=pl.lit(watched), scatter=scatter, days=days)
    return effects(case).select(list(EFFECT)).row(0, named=True)


def effects(cases: pl.DataFrame) -> pl.DataFrame:
    """With EFFECT of each row's number of WATCHED, `watched`: its value before and after with 95 % limits (null without
    cases), their difference with its limits (intervals.difference), and the verdict: RISEN or FALLEN where the limits
    leave 0 out, UNCLEAR where they do not or cannot be told, EARLY before SOONEST working `days` are over.

    `cases` have the totals of tallies before and after (`before_…` and `after_…` of COUNTED; null is none); the variance
    of a volume is `scatter` times that of chance (Poisson), at least once."""
    counts = [f"{side}_{name}" for side in SIDES for name in COUNTED]
    cases = cases.with_columns(pl.col(name).cast(pl.Float64).fill_null(0) for name in counts)
    for side in SIDES:
        found: dict[str, list[pl.Expr]] = {"": [], "_low": [], "_high": []}
        for one in WATCHED:
            for end, number in limits(cases, one, side).items():
                found[end].append(pl.when(pl.col("watched") == one).then(number.cast(pl.Float64)))
        cases = cases.with_columns(pl.coalesce(each).alias(f"{side}{end}") for end, each in found.items())
    ends = [pl.col(f"{side}{end}") for side in ("after", "before") for end in ("", "_low", "_high")]
    change, low, high = difference(*ends)
    cases = cases.with_columns(change=change, low=low, high=high)
    said = moved(pl.col("low"), pl.col("high")).cast(pl.String).fill_null(UNCLEAR)
    early = pl.when(pl.col("days") < SOONEST).then(pl.lit(EARLY)).otherwise(said)
    return cases.with_columns(verdict=early).drop(counts)


def prefixed(side: str) -> dict[str, str]:
    return {name: f"{side}_{name}" for name in COUNTED}


def limits(cases: pl.DataFrame, watched: str, side: str) -> dict[str, pl.Expr]:
    """A number of one side of `effects` by `cases`, and its limits; null where there is nothing it could be of."""
    of, to, shared = SHARED_BY.get(watched, ("consultations", "days", None))
    done, there = pl.col(f"{side}_{of}"), pl.col(f"{side}_{to}")
    if shared is None:
        low, high = count_per_day(done, there, pl.max_horizontal("scatter", 1.0))
    else:
        low, high = map(pl.lit, period_rate(*(cases[f"{side}_{name}"] for name in (of, to, shared))))
    return {"": rate_of(f"{side}_{of}", f"{side}_{to}"), "_low": low, "_high": high}


def scatter(counts: Sequence[float], days: Sequence[float]) -> float:
    """`scattered` of the counts of single days, of which they were there for `days`."""
    table = pl.DataFrame({"count": counts, "day": days}, {"count": pl.Float64, "day": pl.Float64})
    return table.filter(pl.col("day") > 0).select(scattered("count", "day")).item()


def scattered(count: str, day: str) -> pl.Expr:
    """How much more than chance the counts of single days differ, 1 or more: the variance around their mean a day over
    that of Poisson counts; 1 where there are too few to tell. `day` is for how much of each day they were there, more
    than 0."""
    mean = pl.col(count).sum() / pl.col(day).sum()
    expected = mean * pl.col(day)
    found = ((pl.col(count) - expected) ** 2 / expected).sum() / (pl.len() - 1)
    return pl.when(pl.len() < SOONEST).then(1.0).when(mean > 0).then(pl.max_horizontal(found, 1.0)).otherwise(1.0)
