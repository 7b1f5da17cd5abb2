"""The days before and after many interviews, looked at together."""

import polars as pl

from metrics.catalog import CONSULTATIONS
from metrics.diagnosis.tallies import tallies
from metrics.interviews.effect import COUNTED, scattered
from metrics.metric import measure
from metrics.periods import Period

WINDOW = {"window": pl.Int32, "manager": pl.Int32, "branch": pl.Int32, "first": pl.Date, "last": pl.Date}
Tallied = tuple[pl.DataFrame, dict[int, float]]


def tallied(
    activity: pl.LazyFrame, posting_days: pl.DataFrame, calendar: pl.DataFrame, windows: pl.DataFrame, span: Period
) -> Tallied:
    """One row a window, with its tallies put together (window, effect.COUNTED; none where nobody was there), and by window
    the scatter of its daily consultations. `windows` (WINDOW) are days of a manager in a branch, and may overlap; `span` holds them all."""
    log = within(activity, windows).collect()
    posted = within(posting_days.lazy(), windows).collect()
    table = tallies(log.lazy(), posted, calendar, span)
    working = calendar.filter("is_workday").select("day")
    days = posted.join(working, on="day", how="semi").select("manager", "day", there=1 - pl.col("away"))
    counts = measure(log.lazy(), [CONSULTATIONS], ["manager", "day"]).select("manager", "day", "consultations")
    days = days.join(counts, on=["manager", "day"], how="left").with_columns(pl.col("consultations").fill_null(0))
    there = days.filter(pl.col("there") > 0).group_by("manager").agg(scatter=scattered("consultations", "there"))
    whole = table.group_by(window="manager").agg(pl.col(name).sum() for name in COUNTED)
    return whole.sort("window"), dict(there.iter_rows())


def within(frame: pl.LazyFrame, windows: pl.DataFrame) -> pl.LazyFrame:
    """The rows of each window, with its number in place of their manager's; a row of two windows is there twice."""
    columns = frame.collect_schema().names()
    joined = frame.join(windows.lazy(), on=["manager", "branch"])
    joined = joined.filter(pl.col("day").is_between(pl.col("first"), pl.col("last")))
    return joined.with_columns(manager=pl.col("window")).select(columns)
