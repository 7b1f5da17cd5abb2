"""Working days and time progress (时间进度), on a calendar frame (frames.CALENDAR) that covers the period."""

from collections.abc import Sequence
from datetime import date
from typing import cast

import polars as pl

from metrics.periods import ONE_DAY, Period, week

WEEKS_OFF = 4  # more than any festival lasts


def working_days(calendar: pl.DataFrame, period: Period | None) -> int:
    """How many working days the period has, worked weekends (调休) included; 0 for no period."""
    if period is None:
        return 0
    return calendar.filter(pl.col("day").is_between(period.first, period.last) & pl.col("is_workday")).height


def time_progress(calendar: pl.DataFrame, period: Period, through: date) -> float | None:
    """Working days up to and including `through` ÷ working days in the period, 0–1; None when it has none."""
    total = working_days(calendar, period)
    return working_days(calendar, period.until(through)) / total if total else None


def calendar_progress(period: Period, through: date) -> float:
    """Calendar days up to and including `through` ÷ days in the period, 0–1."""
    elapsed = period.until(through)
    return elapsed.length / period.length if elapsed else 0.0


def is_known(calendar: pl.DataFrame, period: Period) -> bool:
    """Whether the bank's calendar covers the period; where it does not, weekdays were counted."""
    return bool(calendar.filter(pl.col("day").is_between(period.first, period.last))["known"].all())


def workday_before(calendar: pl.DataFrame, day: date) -> date | None:
    """The last working day before `day` in the calendar frame; None when it has none."""
    return cast(date | None, calendar.filter((pl.col("day") < day) & pl.col("is_workday"))["day"].max())


def last_working_day(calendar: pl.DataFrame, period: Period) -> date:
    """The last working day of the period; its last day where it has none."""
    days = calendar.filter(pl.col("day").is_between(period.first, period.last) & pl.col("is_workday"))
    return cast(date | None, days["day"].max()) or period.last


def half_over(calendar: pl.DataFrame, period: Period, on: date) -> bool:
    """Whether the morning of a day finds no more than half of the period's working days ahead."""
    ahead = Period(max(on, period.first), period.last) if on <= period.last else None
    return 2 * working_days(calendar, ahead) <= working_days(calendar, period)


def week_ahead(calendar: pl.DataFrame, on: date) -> Period:
    """The first week from a day's own on of which more than half of the working days lie ahead, the day included."""
    this = week(on)
    coming = [Period(this.first + 7 * n * ONE_DAY, this.last + 7 * n * ONE_DAY) for n in range(WEEKS_OFF)]
    return next((one for one in coming if not half_over(calendar, one, on)), this)


def week_behind(calendar: pl.DataFrame, before: Period) -> Period:
    """The last week before a week in which anybody worked."""
    gone = [Period(before.first - 7 * n * ONE_DAY, before.last - 7 * n * ONE_DAY) for n in range(1, WEEKS_OFF)]
    return next((one for one in gone if working_days(calendar, one)), gone[0])


def numbered(calendar: pl.DataFrame) -> pl.DataFrame:
    """The calendar's days with how many working days there were up to and including each: day, number. Two days'
    difference is the working days from the one to the other."""
    return calendar.sort("day").select("day", number=pl.col("is_workday").cast(pl.Int64).cum_sum())


def manager_days(
    posting_days: pl.DataFrame, calendar: pl.DataFrame, period: Period, through: date, by: Sequence[str] = ()
) -> pl.DataFrame:
    """Working days of the period up to `through` that managers were there, leave left out: keys of `by`,
    manager_days."""
    inside = pl.col("day").is_between(period.first, min(period.last, through))
    days = calendar.filter(pl.col("is_workday"), inside)
    there = posting_days.join(days.select("day"), on="day")
    present = {"manager_days": (1 - pl.col("away")).sum()}
    return there.group_by(by).agg(**present) if by else there.select(**present)


def in_force(posting_days: pl.DataFrame, period: Period, on: date) -> pl.DataFrame:
    """The days managers are posted (frames.POSTING_DAY) as a day finds them: up to it where they were, after it to the
    end of the period where they are on that day. Leave is as it is known."""
    after = pl.DataFrame({"day": [day for day in period.days() if day > on]}, {"day": pl.Date})
    held = posting_days.filter(pl.col("day") == on).drop("day", "away").join(after, how="cross")
    leave = posting_days.filter(pl.col("away") > 0).select("manager", "day", "away").unique(["manager", "day"])
    held = held.join(leave, on=["manager", "day"], how="left").with_columns(pl.col("away").fill_null(0.0))
    return pl.concat([posting_days.filter(pl.col("day") <= on), held.select(posting_days.columns)])


def days_ahead(calendar: pl.DataFrame, period: Period, through: date) -> pl.DataFrame:
    """The period's working days after `through`: day, and how many are `left` after it."""
    inside = pl.col("day").is_between(period.first, period.last) & (pl.col("day") > through)
    days = calendar.filter(pl.col("is_workday"), inside).select("day").sort("day")
    return days.with_columns(left=pl.len().cast(pl.Int64) - 1 - pl.int_range(pl.len(), dtype=pl.Int64))


def festivals(calendar: pl.DataFrame) -> pl.DataFrame:
    """The runs of days off that no weekend explains, in order: name (the festivals' names joined by 、, null where the
    calendar has none), first, last, days, worked (the weekend days worked for it: by their name, else for the nearest).

    `calendar` has the days' `name` beside frames.CALENDAR, and no gaps."""
    weekend, named = pl.col("day").dt.weekday() > 5, pl.col("name").is_not_null()
    days = calendar.sort("day").with_columns(run=pl.col("is_workday").cum_sum())  # the same from one working day on
    names = pl.col("name").drop_nulls().str.split("、").explode().unique(maintain_order=True).str.join("、")
    runs = days.filter(~pl.col("is_workday"), ~weekend | named).group_by("run", maintain_order=True)
    runs = runs.agg(
        name=pl.when(named.any()).then(names),
        first=pl.col("day").first(),
        last=pl.col("day").last(),
        days=(pl.col("day").last() - pl.col("day").first()).dt.total_days() + 1,
    )
    worked = days.filter(weekend, "is_workday").select("day", of="name").join(runs, how="cross")
    away = pl.max_horizontal(pl.col("first") - pl.col("day"), pl.col("day") - pl.col("last"))
    other = ~pl.col("name").str.contains(pl.col("of"), literal=True).fill_null(False)
    nearest = worked.sort("day", other, away, "first").unique("day", keep="first", maintain_order=True)
    worked = nearest.group_by("run").agg(worked=pl.col("day").sort())
    return runs.join(worked, on="run", how="left", maintain_order="left").drop("run")
