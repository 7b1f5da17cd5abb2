"""Which open opportunities can still come to something in the period, the likeliest first."""

from datetime import date

import polars as pl

from metrics.definitions import Definitions
from metrics.periods import Period
from metrics.reverse_plan.experience import OWN, experience
from metrics.reverse_plan.yielding import POSSIBLE, open_cases
from metrics.workdays import days_ahead

CHANCES = pl.Schema({"manager": pl.Int32, "branch": pl.Int32, "opportunity": pl.Int32, "chance": pl.Float64})


def still_possible(
    log: pl.DataFrame,
    calendar: pl.DataFrame,
    everyone: pl.DataFrame,
    period: Period,
    through: date,
    definitions: Definitions,
    measure: str,
    owners: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """One row an open opportunity of `everyone` (manager, branch) that can still be applied for, or dealt, by the end of
    the period, the likeliest on top (CHANCES): the chances that a reverse plan's pipeline is the sum of."""
    past = experience(log, calendar, through, definitions, everyone)
    left = days_ahead(calendar, period, through).height
    cases = open_cases(past, left, definitions.small_sample, owners)
    cases = cases.with_columns(chance="own_ask" if measure == "applications" else "own_deal")
    cases = cases.filter(pl.col("chance") >= POSSIBLE).join(everyone, on=OWN, how="semi")
    return cases.sort("chance", "opportunity", descending=[True, False]).select(list(CHANCES)).cast(CHANCES)
