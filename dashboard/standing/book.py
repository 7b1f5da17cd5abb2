"""The book of a part of the bank as it stood on a day: opened once a page, everything in it of one version."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import polars as pl

from dashboard.shell import clock
from dashboard.standing import bank_rules, gather, kept
from dashboard.standing.part import Part
from dashboard.standing.standing import Standing, compute
from dashboard.workdays import working_days
from db.access import Viewer
from db.engine import Version
from db.log import activity
from db.meetings import closing, promises
from metrics import periods, workdays
from metrics.catalog import FUNNEL, PER_DAY
from metrics.definitions import Definitions
from metrics.metric import measure
from metrics.periods import Period
from metrics.plans.summary import Frames, everyone
from metrics.promises import streaks

BY_MANAGER = ("manager",)
QUARTER = timedelta(91)  # in which promises are looked back at


@dataclass(frozen=True)
class Book:
    """What a page, a report or a message is made of: the viewer's view of `part` as it stood `on` a day, read at
    `version`. Each answer is computed once for all who see the same, until anybody writes."""

    viewer: Viewer
    on: date
    part: Part
    version: Version

    def narrowed(self, **part: int | None) -> "Book":
        """The same day of another part: narrowed(manager=7)."""
        return replace(self, part=replace(self.part, **part))

    @property
    def rules(self) -> Definitions:
        """The definitions in force on the day."""
        return bank_rules.definitions(self.viewer, self.on, self.part)

    def frames(self, period: Period, tier: str = "target") -> Frames:
        return gather.frames(self.viewer, period, self.part, tier)

    def period(self, period: Period, by: Sequence[str] = BY_MANAGER, through: date | None = None) -> Standing:
        """The period as it stands: activity up to the day, time up to the last day done by then (or `through`)."""
        through = through or self.done_through(min(self.on, period.last))
        return self._standing(period, self.on, by, through)

    def month(self, by: Sequence[str] = BY_MANAGER) -> Standing:
        """The month as the morning of the day finds it, past or present: what is dated before the day, as known now, by
        the plans, postings and definitions in force on it. Nothing of the day itself is in it."""
        before = self.on - timedelta(1)
        return self._standing(periods.month(self.on), before, by, before, as_of=self.on)

    def likewise(self, found: Standing, by: Sequence[str]) -> Standing:
        """The same standing by other keys."""
        return self._standing(found.period, found.on, by, found.through, found.as_of)

    def _standing(
        self, period: Period, on: date, by: Sequence[str], through: date, as_of: date | None = None
    ) -> Standing:
        asked = (period, on, self.part, tuple(by), through, as_of)
        return self.viewer.cached("standing", *asked, read=lambda: compute(self.viewer, *asked))

    def late(self, month: Standing) -> pl.DataFrame:
        """What the morning did not know yet although it is dated before: one row a manager, with the number of rows
        recorded later (`late`)."""
        dated = month.period.until(month.through)
        if dated is None:
            return pl.DataFrame(schema=activity.LATE)
        asked = (dated, clock.morning(self.on), tuple(month.people["manager"].unique().sort()))
        return self.viewer.cached("late", *asked, read=lambda: activity.late(self.viewer, *asked))

    def week(self, by: Sequence[str] = BY_MANAGER) -> Standing:
        return self.period(periods.week(self.on), by)

    def day(self, by: Sequence[str] = BY_MANAGER) -> Standing:
        return self.period(periods.day(self.on), by)

    def has_log(self) -> bool:
        """Whether anything was ever recorded in the part."""

        def read() -> bool:
            return not gather.log(self.viewer, self.part).head(1).collect().is_empty()

        return self.viewer.cached("has log", self.part, read=read)

    def log_begins(self) -> date | None:
        """The first day of which anything was recorded in the branch, as far as the viewer sees: what was before it is
        not known to be nothing."""
        branch = replace(self.part, manager=None)

        def read() -> date | None:
            return gather.log(self.viewer, branch).select(pl.col("day").min()).collect().item()

        return self.viewer.cached("log begins", branch, read=read)

    def workday_before(self) -> date:
        return working_days.workday_before(self.viewer, self.on)

    def day_before(self, by: Sequence[str] = BY_MANAGER) -> Standing:
        """The last working day before."""
        return replace(self, on=self.workday_before()).day(by)

    def done_through(self, on: date) -> date:
        """The last day that counts as elapsed: today too, once the branch's evening meeting is closed or evening has
        come."""
        branch = (
            self.part.branch if self.part.branch is not None else self.viewer.branch
        )  # a manager's day ends with it
        if on == clock.today() and branch is not None and closing.closed(self.viewer, branch, on):
            return on
        return clock.done_through(on)

    def is_over(self) -> bool:
        """Whether the day is done: past, closed by its evening meeting, or it is 18:00."""
        return self.done_through(self.on) >= self.on

    def is_done(self, span: Period) -> bool:
        """Whether a day, or the last working day of a week, is done."""
        return self.done_through(min(self.on, span.last)) >= working_days.last_of(self.viewer, span)

    def promised(self, span: Period | None = None) -> pl.DataFrame:
        """Promises of the part for the book's day, or another day or week (metrics.frames.PROMISE)."""
        span = span or periods.day(self.on)
        asked = (span.first, grain_of(span))

        def read() -> pl.DataFrame:
            return promises.read(self.viewer, *asked).filter(*kept.within(self.part))

        return self.viewer.cached("promised", *asked, self.part, read=read)

    def reconciled(self, span: Period | None = None) -> pl.DataFrame:
        """What everyone promised for the book's day, or another day or week, and did (metrics.promises.against_promise):
        as the day found it, with what was logged since a day was closed kept apart."""
        span = span or periods.day(self.on)
        asked = (self.part, span, grain_of(span), self.on, self.is_done(span))
        return self.viewer.cached("reconciled", *asked, read=lambda: kept.of_span(self.viewer, *asked))

    def promises_over(self, grain: str, period: Period, through: date) -> pl.DataFrame:
        """The promises for the days of a period, or for the weeks that begin in it, as far as these are over by a day, with
        how they were kept (metrics.promises.against_promise)."""
        first = period.first if grain == promises.DAY else periods.week(period.first + timedelta(6)).first
        last = min(period.last, through)
        if grain == promises.WEEK:
            week = periods.week(last)
            last = week.last if through >= working_days.last_of(self.viewer, week) else week.first - periods.ONE_DAY
        asked = (self.part, Period(first, max(first, last)), grain)
        found = self.viewer.cached("promises over", *asked, read=lambda: kept.of_period(self.viewer, *asked))
        return found if first <= last else found.clear()

    def latest_promises(self, grain: str = promises.DAY) -> pl.DataFrame:
        """`promises_over` of the last quarter."""
        last = self.on if self.is_over() else self.on - periods.ONE_DAY
        return self.promises_over(grain, Period(last - QUARTER, last), last)

    def streaks(self, grain: str = promises.DAY) -> dict[int, int]:
        """Of whoever kept their last promise that is over: how many in a row."""
        return dict(streaks(self.latest_promises(grain)).iter_rows())

    def by_week(self, period: Period) -> pl.DataFrame:
        """The funnel of each manager and week of the period, everyone and every week included."""

        def read() -> pl.DataFrame:
            frames = self.frames(period)
            weeks = periods.calendar_dimension(period).select("day", "week")
            log = frames.activity.join(weeks.lazy(), on="day", how="left")
            return measure(log, FUNNEL, ["manager", "week"], everyone(frames.people, period, ["manager", "week"]))

        return self.viewer.cached("funnel by week", period, self.part, read=read)

    def per_day(self, found: Standing, by: Sequence[str]) -> pl.DataFrame:
        """Activity a manager and working day of a standing: the keys, PER_DAY and what they are made of."""

        def read() -> pl.DataFrame:
            frames = self.frames(found.period)
            there = frames.posting_days.join(found.people.select("branch").unique(), on="branch", how="semi")
            days = workdays.manager_days(there, frames.calendar, found.period, found.through, by)
            # A day still running is no whole day.
            done = gather.done(self.viewer, found.period, self.part, found.through)
            return measure(done, PER_DAY, by, everyone(frames.people, found.period, by), given=days)

        asked = (found.period, found.through, self.part, tuple(by))
        return self.viewer.cached("activity a day", *asked, read=read)


def open_book(viewer: Viewer, on: date, part: Part = Part()) -> Book:
    """The book of what the viewer sees of a part of the bank, as it stood on a day."""
    return Book(viewer, on, part, viewer.store.version())


def grain_of(span: Period) -> str:
    return promises.DAY if span.length == 1 else promises.WEEK
