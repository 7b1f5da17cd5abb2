"""The days before and after many interviews, looked at together."""

import polars as pl

from metrics.catalog import CONSULTATIONS
from metrics.diagnosis.tallies import tallies
from metrics.interviews.effect import scatter
from metrics.metric import measure
from metrics.periods import Period

WINDOW = {"window": pl.Int32, "manager": pl.Int32, "branch": pl.Int32, "first": pl.Date, "last": pl.Date}
Tallied = tuple[dict[int, pl.DataFrame], dict[int, float]]


def tallied(
    activity: pl.LazyFrame, posting_days: pl.DataFrame, calendar: pl.DataFrame, windows: pl.DataFrame, span: Period
) -> Tallied:
    """By window: its tallies (metrics.diagnosis.tallies; none where nobody was there), and the scatter of its daily
    consultations. `windows` (WINDOW) are days of a manager in a branch, and may overlap; `span` holds them all."""
    log = within(activity, windows).collect()
    posted = within(posting_days.lazy(), windows).collect()
    table = tallies(log.lazy(), posted, calendar, span)
    working = calendar.filter("is_workday").select("day")
    days = posted.join(working, on="day", how="semi").select("manager", "day", there=1 - pl.col("away"))
    counts = measure(log.lazy(), [CONSULTATIONS], ["manager", "day"]).select("manager", "day", "consultations")
    days = days.join(counts, on=["manager", "day"], how="left").with_columns(pl.col("consultations").fill_null(0))
    spreads = {
        key[0]: scatter(part["consultations"].to_list(), part["there"].to_list())
        for key, part in days.partition_by("manager", as_dict=True).items()
    }
    return {key[0]: part for key, part in table.partition_by("manager", as_dict=True).items()}, spreads


def within(frame: pl.LazyFrame, windows: pl.DataFrame) -> pl.LazyFrame:
    """The rows of each window, with its number in place of their manager's; a row of two windows is there twice."""
    columns = frame.collect_schema().names()
    joined = frame.join(windows.lazy(), on=["manager", "branch"])
    joined = joined.filter(pl.col("day").is_between(pl.col("first"), pl.col("last")))
    return joined.with_columns(manager=pl.col("window")).select(columns)
