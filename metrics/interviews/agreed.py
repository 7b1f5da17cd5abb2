"""Where what was agreed in interviews stands."""

from datetime import date

import polars as pl

from metrics.statuses import OVERDUE, STEP_DONE, STEP_OPEN

STATES = (OVERDUE, STEP_OPEN, STEP_DONE)


def with_state(agreed: pl.DataFrame, on: date) -> pl.DataFrame:
    """Actions (due, done_on) with `state`, a code of STATES: done, overdue when the day they were due by is over, or to
    do."""
    late = pl.col("due") < on
    open_ones = pl.when(late).then(pl.lit(OVERDUE.code)).otherwise(pl.lit(STEP_OPEN.code))
    return agreed.with_columns(
        state=pl.when(pl.col("done_on").is_not_null()).then(pl.lit(STEP_DONE.code)).otherwise(open_ones)
    )


def counted(stated: pl.DataFrame) -> dict[str, int]:
    """How many are in each of STATES, of those there are."""
    found = dict(stated["state"].value_counts().iter_rows())
    return {one.code: found[one.code] for one in STATES if one.code in found}
