"""Somebody's volume and rates beside their own past and the others of their branch, each with the limits of chance."""

import polars as pl

from metrics.catalog import APPLICATION_RATE, CONSULTATIONS_A_DAY, CONVERSION_RATE, DEAL_RATE
from metrics.diagnosis.funnel_plot import ALARM, LIMITS, WARNING, count_limits, period_funnel
from metrics.diagnosis.tallies import SHARED, TOTALS, rate_of
from metrics.intervals import period_rate

PER_DAY = CONSULTATIONS_A_DAY.name
SHARED_BY = {  # rate → numerator, denominator, and the cases that both count
    one.name: (one.of.name, one.to.name, shared)
    for one, shared in (
        (APPLICATION_RATE, "consulted_applied"),
        (DEAL_RATE, "applied_dealt"),
        (CONVERSION_RATE, "consulted_dealt"),
    )
}
RATED = (PER_DAY, *SHARED_BY)
OWN = {"rated": pl.String} | dict.fromkeys(("value", "low", "high"), pl.Float64)


def own(tallies: pl.DataFrame) -> pl.DataFrame:
    """One row of each of RATED, of all tallies together: rated, value, low, high (95 %, null for a volume and where there
    are no cases)."""
    whole = tallies.select(pl.col(name).sum() for name in (*TOTALS, *SHARED))
    rows = [whole.select(value=rate_of("consultations", "days"), low=None, high=None)]
    for of, to, shared in SHARED_BY.values():
        low, high = period_rate(whole[of], whole[to], whole[shared])
        rows.append(whole.select(value=rate_of(of, to), low=low, high=high))
    named = [row.cast(pl.Float64).with_columns(rated=pl.lit(name)) for name, row in zip(RATED, rows, strict=True)]
    return pl.concat(named).select(list(OWN))


def among_peers(tallies: pl.DataFrame, manager: int) -> pl.DataFrame:
    """One row of each of RATED: rated, centre (all of the branch together) and the limits around it of as many cases or
    days as the manager has (low_95, high_95, low_998, high_998), and `beyond`: "alarm", "warning", null within. `tallies`
    are those of the branch. Volumes are Poisson; nothing where there is nobody else."""
    place = tallies["manager"].to_list().index(manager) if manager in tallies["manager"] else None
    if place is None or tallies.filter(pl.col("days") > 0)["manager"].n_unique() < 2:
        return pl.DataFrame(schema=PEERS)
    rows = [volume(tallies, place)]
    for name, (of, to, shared) in SHARED_BY.items():
        units = tallies.select(of=pl.col(of).cast(pl.Int64), to=pl.col(to).cast(pl.Int64), shared=shared)
        found = period_funnel(units).row(place, named=True)
        rows.append({"rated": name} | {one: found[one] for one in PEERS if one != "rated"})
    return pl.DataFrame(rows, PEERS)


def volume(tallies: pl.DataFrame, place: int) -> dict[str, object]:
    consultations, days = (tallies[name].to_list() for name in ("consultations", "days"))
    centre = sum(consultations) / sum(days)
    expected = centre * days[place]
    if not expected:
        return {"rated": PER_DAY, "centre": centre, "beyond": None}
    ends = [end * centre for inside in (WARNING, ALARM) for end in count_limits(expected, inside)]
    value = consultations[place] / days[place]
    beyond = None if ends[0] <= value <= ends[1] else "warning" if ends[2] <= value <= ends[3] else "alarm"
    return {"rated": PER_DAY, "centre": centre, "beyond": beyond} | dict(zip(LIMITS, ends, strict=True))


PEERS = {"rated": pl.String, "centre": pl.Float64} | dict.fromkeys(LIMITS, pl.Float64) | {"beyond": pl.String}
