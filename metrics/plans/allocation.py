"""A plan divided among those below: by a chosen key, in whole units, the parts always making the whole."""

from collections.abc import Sequence
from math import floor

import polars as pl

from metrics import statuses
from metrics.catalog import MEASURES
from metrics.metric import AMOUNT

KEYS = ("equal", "last_quarter", "present")
WAN = 1_000_000  # cents: amounts are divided in 万元 where the whole is given in them
STATES = statuses.codes(statuses.BREAKDOWN)

BREAKDOWN = pl.Schema(
    {
        "measure": pl.String,
        "whole": pl.Float64,
        "parts": pl.Float64,
        "difference": pl.Float64,
        "state": pl.Enum(STATES),
    }
)


def allocate(whole: int, weights: Sequence[float], unit: int = 1) -> list[int] | None:
    """The whole in proportion to the weights, each part in units (in ones, where the whole is none of units), within a
    unit of its exact share; what is left over goes to the largest remainders, of equal ones to the larger weight. None
    where no weight is above 0. Source: method of largest remainders (A. Hamilton, 1792)."""
    total = sum(weights)
    if not total > 0:
        return None
    unit = unit if whole % unit == 0 else 1
    exact = [whole / unit * weight / total for weight in weights]
    parts = [floor(one + 1e-9) for one in exact]
    order = sorted(range(len(parts)), key=lambda n: (parts[n] - exact[n], -weights[n], n))
    for place in order[: round(whole / unit) - sum(parts)]:
        parts[place] += 1
    return [part * unit for part in parts]


def split(wholes: dict[str, int | None], holders: pl.DataFrame, key: str) -> pl.DataFrame:
    """What each holder gets of each measure's whole: `holders` with one more column a measure, null where there is no
    whole or the key says nothing. `holders` has `present`, the days somebody works there in the month, and per measure
    `<measure>_before`, what came of it last quarter. Whoever is not there at all gets nothing.

    Keys: `equal`; `last_quarter`, in proportion to what was done then; `present`, to the days somebody is there."""
    here = holders["present"].to_list()
    columns = []
    for measure, whole in wholes.items():
        before = holders[f"{measure}_before"].to_list()
        weights = {
            "equal": [float(days > 0) for days in here],
            "last_quarter": [float(done or 0) if days > 0 else 0.0 for done, days in zip(before, here, strict=True)],
            "present": here,
        }[key]
        parts = None if whole is None else allocate(whole, weights, WAN if MEASURES[measure].unit == AMOUNT else 1)
        columns.append(pl.Series(measure, parts or [None] * holders.height, pl.Int64))
    return holders.with_columns(columns)


def local_parts(typed: pl.DataFrame, stored: pl.DataFrame, measures: Sequence[str]) -> pl.DataFrame:
    """What of each holder's target falls here: holder, measure, plan. A target as it is stored has its stored part; one
    that was typed over has its `share`, for it will be meant for the days its holder is there. `typed` is holder and a
    column a measure, `stored` the same with `share` and per measure `<measure>_part`."""
    both = typed.join(stored, on="holder", suffix="_stored", maintain_order="left")
    columns = []
    for one in measures:
        same = pl.col(one).eq_missing(pl.col(f"{one}_stored"))
        columns.append(pl.when(same).then(f"{one}_part").otherwise(pl.col(one) * pl.col("share")).alias(f"{one}_here"))
    here = both.select("holder", *columns).rename(lambda name: name.removesuffix("_here"))
    return here.unpivot(measures, index="holder", variable_name="measure", value_name="plan").drop_nulls("plan")


def breakdown(wholes: pl.DataFrame, parts: pl.DataFrame) -> pl.DataFrame:
    """The sum of the parts beside the whole, one row a measure (BREAKDOWN): `wholes` is measure, plan (null without
    one), `parts` any number of rows with measure, plan. The state is `under` (未分解) where parts are missing, `over`
    (超分解) where there are too many; nothing is ever made to fit."""
    summed = parts.group_by("measure").agg(parts=pl.col("plan").sum())
    table = wholes.select("measure", whole=pl.col("plan").cast(pl.Float64))
    table = table.join(summed, on="measure", how="left", maintain_order="left")
    table = table.with_columns(pl.col("parts").cast(pl.Float64).fill_null(0.0))
    difference = pl.col("whole") - pl.col("parts")
    table = table.with_columns(difference=pl.when(difference.abs() < 1e-6).then(0.0).otherwise(difference))
    state = (
        pl.when(pl.col("whole").is_null())
        .then(pl.lit("no_whole"))
        .when(pl.col("difference") > 0)
        .then(pl.lit("under"))
        .when(pl.col("difference") < 0)
        .then(pl.lit("over"))
        .otherwise(pl.lit("even"))
    )
    return table.with_columns(state=state.cast(BREAKDOWN["state"]))
