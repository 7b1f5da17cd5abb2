"""Which of today's consultations can still become deals this month: how many ever do, how many in time, and after how
long."""

from datetime import date

import polars as pl

from metrics.definitions import Definitions
from metrics.frames import ACTIVITY, FAMILIES
from metrics.periods import ONE_DAY, Period
from metrics.reverse_plan.experience import OWN, experience
from metrics.reverse_plan.lags import NO_FAMILY, median_lag
from metrics.workdays import days_ahead

REACH = pl.Schema(
    {
        "branch": pl.Int32,
        "family": pl.Enum(FAMILIES),
        "measure": pl.String,
        "eventual": pl.Float64,
        "chance": pl.Float64,
        "typical_lag": pl.Int64,
        "last_day": pl.Date,
    }
)


def reach(
    log: pl.DataFrame, calendar: pl.DataFrame, period: Period, through: date, definitions: Definitions
) -> pl.DataFrame:
    """Which consultations can still count in the period: one row a branch of the log, family, and applications or deals
    (REACH). Of the consultations of the next working day the share that comes to it at all (`eventual`) and within the
    period (`chance`); typical_lag, the working days by which half of those have that come to it; last_day, the last
    working day of the period after which as many are left, null where there is none."""
    nobody = pl.DataFrame(schema={name: ACTIVITY[name] for name in OWN})
    routes = experience(log, calendar, through, definitions, nobody).routes
    left = days_ahead(calendar, period, through).height
    days = days_ahead(calendar, period, period.first - ONE_DAY).select(last_day="day", typical_lag="left")
    routes = routes.with_columns(deal=pl.col("via") + pl.col("direct"), lag="lag").filter(pl.col("family") < NO_FAMILY)
    parts = [
        routes.group_by("branch", "family").agg(
            measure=pl.lit(measure),
            eventual=pl.col(share).sum(),
            chance=pl.col(share).filter(pl.col("lag") < left).sum(),
            typical_lag=median_lag(share),
        )
        for measure, share in (("applications", "applied"), ("deals", "deal"))
    ]
    table = pl.concat(parts).join(days, on="typical_lag", how="left")
    family = pl.col("family").replace_strict(dict(enumerate(FAMILIES)), return_dtype=REACH["family"])
    return table.with_columns(family=family).sort("branch", "family", "measure").select(list(REACH)).cast(REACH)
