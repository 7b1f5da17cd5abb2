"""Activity a manager and working day, week by week: who did credibly less or more than all together in a week."""

from collections.abc import Sequence
from datetime import date

import polars as pl

from metrics import workdays
from metrics.diagnosis.funnels import count_funnel, placed
from metrics.metric import Ratio, measure
from metrics.periods import Period, calendar_dimension


def week_by_week(
    activity: pl.LazyFrame,
    posting_days: pl.DataFrame,
    calendar: pl.DataFrame,
    period: Period,
    through: date,
    one: Ratio,
    key: str,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """One row a unit and week of the period in which anybody of it was there: key, week (its Monday), the ratio (one of
    catalog.PER_DAY) and its totals, `expected` by the ratio of all together in that week, and `place`
    (funnels.placed). And all together: week, the ratio and its totals."""
    weeks = calendar_dimension(period).select("day", "week")
    there = posting_days.join(weeks, on="day")
    done = activity.filter(pl.col("day") <= through).join(weeks.lazy(), on="day")

    def measured(by: Sequence[str]) -> pl.DataFrame:
        days = workdays.manager_days(there, calendar, period, through, by).filter(pl.col("manager_days") > 0)
        return measure(done, [one], by, days.select(by), given=days).filter(pl.col("manager_days") > 0)

    table, together = measured([key, "week"]), measured(["week"])
    norm = together.select("week", norm=one.name)
    table = table.join(norm, on="week", how="left", maintain_order="left").with_columns(
        observed=pl.col(one.of.name), expected=pl.col("norm") * pl.col("manager_days")
    )
    found = placed(count_funnel(table), "ratio")
    return found.drop("norm", "observed", "ratio", "centre", "spread", "beyond"), together


def beside_all(per_day: pl.DataFrame, one: Ratio, norm: float | None, key: str) -> pl.DataFrame:
    """Each unit's activity a day beside that of all together (`norm`): key, `<ratio>_place` (funnels.placed)."""
    expected = pl.lit(norm or 0.0, pl.Float64) * pl.col("manager_days").fill_null(0.0)
    units = per_day.select(key, observed=pl.col(one.of.name), expected=expected)
    return placed(count_funnel(units), "ratio").select(key, pl.col("place").alias(f"{one.name}_place"))
