"""The sections of the comparison: frames from the book, numbers from metrics, each computed once for all who see the
same."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import polars as pl

from dashboard.diagnosis import gather as diagnoses
from dashboard.standing import gather as standing_gather
from dashboard.standing import standing
from dashboard.standing.book import Book
from dashboard.standing.standing import Standing
from db.calendar import calendar
from db.log import activity
from metrics import periods, workdays
from metrics.catalog import DEAL_AMOUNT, MANAGER_DAYS, PER_DAY, RATES
from metrics.comparison import change, mix, rates, ways, weeks
from metrics.comparison.weeks import beside_all
from metrics.diagnosis.funnels import lines, placed, share_funnel
from metrics.metric import Ratio, measure
from metrics.periods import Period
from metrics.plans.summary import everyone
from metrics.promises import kept_by

WEEKS = 8
COHORT_DAYS = 91  # calendar days in which a cohort begins
BESIDE: tuple[Ratio, ...] = (*PER_DAY, *RATES)  # what is set side by side of two periods


@dataclass(frozen=True)
class Compared:
    """What the page compares: branches, or the managers of one (`key`), in a period of the book, by a measure."""

    book: Book
    found: Standing
    key: str
    measure: str

    def log(self) -> pl.LazyFrame:
        """The activity of the period up to the day."""
        return self.book.frames(self.found.period).activity.filter(pl.col("day") <= self.found.on)

    def cached(self, name: str, *asked: object, read):
        """What `read` answers of the period. What of `found` it is made of, it reads too, or names in `asked`."""
        return self.book.viewer.cached(
            f"compared {name}",
            self.found.period,
            self.found.on,
            self.found.through,
            self.book.part,
            self.key,
            *asked,
            read=read,
        )

    def units(self) -> pl.DataFrame:
        """Everyone who has a row."""
        return self.found.table.select(self.key)

    def in_order(self, table: pl.DataFrame) -> pl.DataFrame:
        """The rows with their names, whoever is furthest behind in the measure on top, as in the table of the plan."""
        order = self.found.ranked(self.measure).select(self.key).with_row_index("order")
        table = table.join(order, on=self.key, how="left", maintain_order="left").sort("order", nulls_last=True)
        return standing.with_names(self.book.viewer, self.placed_in(table.drop("order")))

    def placed_in(self, table: pl.DataFrame) -> pl.DataFrame:
        """With the branch that is looked at, where the rows are managers."""
        if self.key != "manager" or "branch" in table.columns:
            return table
        return table.with_columns(branch=pl.lit(self.book.part.branch, pl.Int32))


def period_rates(asked: Compared, rate: Ratio) -> pl.DataFrame:
    """metrics.comparison.rates.period_rates of the period."""
    return asked.cached(
        "rates", rate.name, read=lambda: rates.period_rates(asked.log(), asked.found.table, rate, asked.key)
    )


def period_limits(asked: Compared, rate: Ratio) -> pl.DataFrame:
    """The limits of `period_rates` as lines."""
    return asked.cached("limits", rate.name, read=lambda: rates.period_lines(period_rates(asked, rate)))


def cohort_limits(asked: Compared, end: str) -> pl.DataFrame:
    """The limits of `cohort_rates` as lines."""
    return asked.cached("cohort limits", end, read=lambda: lines(cohort_rates(asked, end), "to"))


def activity_of(asked: Compared) -> tuple[pl.DataFrame, dict]:
    """The funnel of each, PER_DAY and what it is made of, and for both kinds of ratio `<ratio>_place`; and PER_DAY of all
    together."""
    per_day = asked.book.per_day(asked.found, [asked.key])
    days = per_day.select(asked.key, MANAGER_DAYS.name, *(one.name for one in PER_DAY))
    table = asked.found.table.join(days, on=asked.key, how="left", maintain_order="left")
    together = asked.book.per_day(asked.found, []).row(0, named=True)
    for one in PER_DAY:
        table = table.join(
            beside_all(per_day, one, together[one.name], asked.key), on=asked.key, how="left", maintain_order="left"
        )
    for one in RATES:
        place = period_rates(asked, one).select(asked.key, pl.col("place").alias(f"{one.name}_place"))
        table = table.join(place, on=asked.key, how="left", maintain_order="left")
    return table, {name: together[name] for name in (MANAGER_DAYS.name, *(one.name for one in PER_DAY))}


def cohort_period(asked: Compared) -> Period:
    """In which the opportunities were first consulted whose horizon is over by now."""
    horizon, through = asked.found.rules.horizon_days, asked.found.through
    known = Period(through - timedelta(3 * horizon + 31), through)
    days = calendar.read(asked.book.viewer, known).filter("is_workday")["day"].tail(horizon + 1)
    last = days[0] if len(days) else through
    return Period(last - timedelta(COHORT_DAYS - 1), last)


def cohort_rates(asked: Compared, end: str) -> pl.DataFrame:
    """metrics.comparison.rates.cohort_rates of those who began in `cohort_period`."""

    units = asked.units()

    def read() -> pl.DataFrame:
        cases = diagnoses.cohort(asked.book.viewer, cohort_period(asked), asked.found.through, asked.book.part)
        return rates.cohort_rates(cases, units, end, asked.found.rules.horizon_days, asked.key)

    return asked.cached("cohorts", end, tuple(units[asked.key]), read=read)


def week_by_week(asked: Compared, one: Ratio) -> tuple[pl.DataFrame, pl.DataFrame]:
    """metrics.comparison.weeks of the WEEKS weeks up to the period's last day that is over."""

    def read() -> tuple[pl.DataFrame, pl.DataFrame]:
        span = periods.weeks_back(min(asked.found.through, asked.found.period.last), WEEKS)
        frames = asked.book.frames(span)
        there = frames.posting_days.join(frames.people.select("branch").unique(), on="branch", how="semi")
        return weeks.week_by_week(frames.activity, there, frames.calendar, span, asked.found.through, one, asked.key)

    return asked.cached("weeks", one.name, read=read)


def product_mix(asked: Compared) -> tuple[pl.DataFrame, pl.DataFrame]:
    """metrics.comparison.mix of the period."""
    return asked.cached("mix", read=lambda: mix.product_mix(asked.log(), asked.units(), asked.key))


def by_way(asked: Compared, way: str) -> pl.DataFrame:
    """metrics.comparison.ways of the period; way is channel or method."""
    first, last = asked.found.period.first, min(asked.found.period.last, asked.found.on)

    def read() -> pl.DataFrame:
        known = activity.read(asked.book.viewer, Period(first - diagnoses.BEFORE_COHORTS, max(first, last)))
        return ways.by_way(known, Period(first, max(first, last)), way, asked.book.part.conditions())

    return asked.cached("ways", way, read=read)


def earlier(asked: Compared, period: Period) -> Period:
    """As many working days just before a period."""
    return asked.cached("earlier", period, read=lambda: diagnoses.just_before(asked.book.viewer, period))


def two_periods(asked: Compared, first: Period, second: Period) -> tuple[pl.DataFrame, pl.DataFrame]:
    """metrics.comparison.change of two periods: one row a unit, and one of all together; with the deals' amounts."""

    def of(period: Period, by: Sequence[str]) -> pl.DataFrame:
        through = asked.book.done_through(min(asked.book.on, period.last))
        frames = standing_gather.frames(asked.book.viewer, period, asked.book.part, through=through)
        there = frames.posting_days.join(frames.people.select("branch").unique(), on="branch", how="semi")
        days = workdays.manager_days(there, frames.calendar, period, through, by)
        done = standing_gather.done(asked.book.viewer, period, asked.book.part, through)
        table = measure(done, (*BESIDE, DEAL_AMOUNT), by, everyone(frames.people, period, by), given=days)
        return change.with_limits(table, BESIDE, frames.scatter, frames.people.drop_nulls("manager"))

    def read() -> tuple[pl.DataFrame, pl.DataFrame]:
        key = asked.key
        table = change.side_by_side(of(first, [key]), of(second, [key]), BESIDE, key)
        return table, change.side_by_side(of(first, []), of(second, []), BESIDE, None)

    return asked.cached("periods", first, second, read=read)


def promises_kept(asked: Compared) -> pl.DataFrame:
    """metrics.promises.kept_by of the days of the period that are over, with `place` beside all together; of its weeks the
    same as `weeks_of`, `weeks_to` and `weeks_share` with its limits; and of managers how many days they have kept in a row
    (`streak`)."""

    def read() -> pl.DataFrame:
        days, weeks = (
            kept_by(asked.book.promises_over(grain, asked.found.period, asked.found.through), asked.key, asked.units())
            for grain in ("day", "week")
        )
        weeks = weeks.rename({name: f"weeks_{name.removeprefix('kept_')}" for name in weeks.columns[1:]})
        table = placed(share_funnel(days)).join(weeks, on=asked.key, how="left", maintain_order="left")
        if asked.key != "manager":
            return table
        streak = pl.col("manager").replace_strict(asked.book.streaks(), default=0, return_dtype=pl.Int64)
        return table.with_columns(streak=streak)

    return asked.cached("promises", read=read)
