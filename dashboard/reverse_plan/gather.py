"""Reverse planning for the pages: what each manager's plan asks of them a day from here on, and whether they ever did
it."""

from collections.abc import Callable, Collection
from datetime import date, timedelta

import polars as pl

from dashboard.shell import clock
from dashboard.standing import bank_rules
from dashboard.standing.book import Book
from dashboard.standing.part import Part
from dashboard.standing.standing import Standing
from db.access import Viewer
from db.calendar import calendar
from db.log import learning
from db.meetings import days_off
from db.people import people
from db.pipeline import opportunities
from db.store.parts import NOTHING, depend_on
from metrics import periods, workdays
from metrics.periods import Period
from metrics.pipeline import ENDS
from metrics.reverse_plan import closing
from metrics.reverse_plan.deadline import reach
from metrics.reverse_plan.proposals import proposals
from metrics.reverse_plan.reverse_plan import NEED, REMAINING, reverse_plan

LEARNED_FROM = 360  # days before
LISTED = 12  # opportunities


def own_month(book: Book) -> Standing:
    """The month of the book's one manager; of who has moved, what is left of their plan where they are now."""
    month = book.month()
    return book.narrowed(branch=book.viewer.branch).month() if month.people.height > 1 else month


def of_month(book: Book, month: Standing) -> pl.DataFrame:
    """One row a manager of the book's branch (or its one manager) and measure (metrics.reverse_plan.NEED), as a
    standing by manager has them against their plan: from what was done up to its last day elapsed, over the days after
    it."""
    viewer, branch, manager = book.viewer, branch_of(book), book.part.manager
    here = month.standing.with_columns(branch=pl.lit(branch, pl.Int32), actual="done")
    if manager is not None:
        here = here.filter(pl.col("manager") == manager)
    asked = (month.period, month.on, month.through, month.as_of, branch, manager)
    return viewer.cached(
        "needs", *asked, read=lambda: needs(viewer, here, month.period, month.through, branch, month.as_of)
    )


def branch_of(book: Book) -> int:
    """The branch whose past the needs are learned from: the book's, else the viewer's own."""
    branch = book.part.branch if book.part.branch is not None else book.viewer.branch
    assert branch is not None, "needs are learned from one branch"
    return branch


def needs(
    viewer: Viewer, remaining: pl.DataFrame, period: Period, through: date, branch: int, as_of: date | None = None
) -> pl.DataFrame:
    """The same for any plan and actual: manager, branch, measure, plan, actual. A period still to come is begun with a
    pipeline like that of `through`. `as_of`: by the postings and definitions in force on a day."""
    if remaining.is_empty():
        return pl.DataFrame(schema=NEED)
    span = learning_span(period, through)
    posted = people.posting_days(viewer, span)
    posted = posted if as_of is None else workdays.in_force(posted, span, as_of)
    posted = posted.filter(pl.col("branch") == branch)
    remaining = remaining.select(list(REMAINING)).cast(REMAINING)
    rules = bank_rules.definitions(viewer, as_of or period.last, Part(branch=branch))
    keepers = learning.keepers(viewer)
    rows = (*learned_from(viewer, period, through, branch), *map(fingerprint, (posted, remaining, keepers)))

    def make() -> pl.DataFrame:
        log, days = learning_frames(viewer, period, through, branch)
        return reverse_plan(log, days, posted, remaining, period, through, rules, keepers)

    return cached_by_rows(viewer, ("needs", period, through, rules, *rows), make)


def still_in_time(book: Book, month: Standing) -> pl.DataFrame:
    """Which of the branch's consultations can still count in the period (metrics.reverse_plan.deadline.REACH)."""
    viewer, asked = book.viewer, (month.period, month.through, branch_of(book))

    def read() -> pl.DataFrame:
        period, through, branch = asked
        rules = bank_rules.definitions(viewer, month.as_of or period.last, Part(branch=branch))
        key = ("reach", period, through, rules, *learned_from(viewer, *asked))
        return cached_by_rows(viewer, key, lambda: reach(*learning_frames(viewer, *asked), period, through, rules))

    return viewer.cached("still in time", *asked, read=read)


def limits(book: Book, month: Standing) -> pl.DataFrame:
    """The most of each measure that is taken to be doable for each manager on a working day: manager, measure,
    own_limit."""
    return of_month(book, month).select("manager", "measure", "own_limit")


def proposed(book: Book, month: Standing, span: Period | None = None) -> pl.DataFrame:
    """What each manager of the book's branch (or its one manager) may promise for the book's day, or for a week
    (metrics.reverse_plan.proposals): what `of_month` asks of their working days in it, of a week that runs into the next
    month by the plans of both. Nothing for a day off, nor to who is on leave."""
    span = span or periods.day(book.on)

    def read() -> pl.DataFrame:
        months = [month] if month.period.first <= span.last else []
        if span.last > month.period.last:
            months.append(book.period(periods.month(span.last)))
        return proposals(pl.concat(asked_of(book, one, span) for one in months))

    asked = (month.period, month.on, month.through, month.as_of, branch_of(book), book.part.manager, book.on, span)
    return book.viewer.cached("proposed", *asked, read=read)


def asked_of(book: Book, month: Standing, span: Period) -> pl.DataFrame:
    """What `of_month` has, with `days`: how many working days of the span, from the book's day on, lie in the month and are
    each manager's own."""
    found, first = of_month(book, month), max(span.first, month.period.first, book.on)
    last = min(span.last, month.period.last)
    if first > last:
        return found.with_columns(days=pl.lit(None, pl.Float64))
    inside, branch = Period(first, last), branch_of(book)
    posted = people.posting_days(book.viewer, inside).filter(pl.col("branch") == branch)
    days = calendar.read(book.viewer, inside)
    if span.length == 1:  # a branch may work on a day off
        days = days.with_columns(is_workday=pl.lit(days_off.works(book.viewer, branch, span.first)))
    there = workdays.manager_days(posted, days, inside, last, ["manager"]).rename({"manager_days": "days"})
    return found.join(there, on="manager", how="left", maintain_order="left")


def still_possible(book: Book, month: Standing, measure: str, managers: Collection[int]) -> pl.DataFrame:
    """The open opportunities of these managers that can still come to the measure in the period, the likeliest on top:
    who looks after each, what is shown of it (opportunities.DETAIL), and its chance."""
    viewer, branch = book.viewer, branch_of(book)
    everyone = pl.DataFrame({"manager": sorted(managers)}, {"manager": pl.Int32}).with_columns(
        branch=pl.lit(branch, pl.Int32)
    )
    rules = bank_rules.definitions(viewer, month.as_of or month.period.last, Part(branch=branch))

    def read() -> pl.DataFrame:
        period, through, owners = month.period, month.through, learning.keepers(viewer)
        rows = (*learned_from(viewer, period, through, branch), *map(fingerprint, (everyone, owners)))

        def make() -> pl.DataFrame:
            log, days = learning_frames(viewer, period, through, branch)
            return closing.still_possible(log, days, everyone, period, through, rules, measure, owners)

        return cached_by_rows(viewer, ("possible", period, through, rules, measure, *rows), make)

    asked = ("still possible", month.period, month.through, month.as_of, branch, measure, tuple(sorted(managers)))
    found = viewer.cached(*asked, read=read)
    known = opportunities.details(viewer, found.head(3 * LISTED)["opportunity"].to_list()).drop("manager_name")
    found = found.join(known, on="opportunity", how="inner", maintain_order="left")
    if book.on >= clock.today():  # what has ended since needs no push
        found = found.filter(~pl.col("latest_kind").is_in(ENDS).fill_null(False))
    return found.head(LISTED)


def done_so_far(book: Book, month: Period) -> tuple[pl.DataFrame, date]:
    """What each manager of the branch has done of a month (manager, measure, actual), and up to which day; of one that
    has not begun nothing, up to the last day elapsed."""
    through = book.done_through(book.on)
    if through < month.first:
        return pl.DataFrame(schema={"manager": pl.Int32, "measure": pl.String, "actual": pl.Float64}), through
    found = book.period(month, through=through).standing
    return found.select("manager", "measure", actual="done"), through


def learning_span(period: Period, through: date) -> Period:
    """The months before that are learned from, and the period."""
    return Period(periods.month(through - timedelta(LEARNED_FROM)).first, max(period.last, through))


def learning_frames(viewer: Viewer, period: Period, through: date, branch: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The branch's log of the months before, and the calendar over these and the period."""
    span = learning_span(period, through)
    log = learning.read(viewer, Period(span.first, through)).filter(pl.col("branch") == branch).collect()
    return log, calendar.read(viewer, span)


def learned_from(viewer: Viewer, period: Period, through: date, branch: int) -> tuple[tuple[int, int], ...]:
    """The fingerprints of these frames: the rows themselves, some thousands, are read again where they count."""
    asked = (period, through, branch)
    return viewer.cached(
        "learned from",
        *asked,
        action="read_rates",
        read=lambda: tuple(map(fingerprint, learning_frames(viewer, *asked))),
    )


def fingerprint(frame: pl.DataFrame) -> tuple[int, int]:
    """What a frame holds, as a number, whatever the order of its rows."""
    return frame.height, frame.hash_rows().sum() or 0


def cached_by_rows(viewer: Viewer, key: tuple, make: Callable[[], pl.DataFrame]) -> pl.DataFrame:
    """What `make` answers, kept as long as the same is asked of the same rows: what is written today changes nothing of
    what was learned up to yesterday."""

    def read() -> pl.DataFrame:
        depend_on(NOTHING)  # but the rows, which the key names
        return make()

    return viewer.store.cached(("reverse planning", *key), read)
