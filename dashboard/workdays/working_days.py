"""Which days the bank works, and whether its calendar says so."""

from datetime import date, timedelta

from dashboard.shell import clock
from db.access import Viewer
from db.calendar import calendar
from metrics import periods, workdays
from metrics.periods import Period

LOOK_BACK = timedelta(31)  # longer than any holiday

OFFERED = 5  # working days ahead among which a next step is offered


def workday_before(viewer: Viewer, on: date) -> date:
    """The last working day before; the day before where there was none for a month."""

    def read() -> date:
        days = calendar.read(viewer, Period(on - LOOK_BACK, on))
        return workdays.workday_before(days, on) or on - timedelta(1)

    return viewer.cached("working day before", on, read=read, same_for_all=True)


def workdays_after(viewer: Viewer, on: date, number: int) -> list[date]:
    """The next working days after a day."""

    def read() -> list[date]:
        days = calendar.read(viewer, Period(on + timedelta(1), on + LOOK_BACK))
        return days.filter("is_workday")["day"].to_list()

    return viewer.cached("working days after", on, read=read, same_for_all=True)[:number]


def calendar_known(viewer: Viewer, *asked: Period) -> bool:
    """Whether the bank's calendar covers the months of all these periods, over whose working days plans are spread;
    where it does not, weekdays were counted."""

    def read() -> bool:
        whole = map(periods.whole_months, asked)
        return all(workdays.is_known(calendar.read(viewer, months), months) for months in whole)

    return viewer.cached("calendar known", *asked, read=read, same_for_all=True)


def last_of(viewer: Viewer, period: Period) -> date:
    """The last working day of a period; its last day where it has none."""

    def read() -> date:
        return workdays.last_working_day(calendar.read(viewer, period), period)

    return viewer.cached("last working day", period, read=read, same_for_all=True)


def half_over(viewer: Viewer, span: Period) -> bool:
    """Whether half of a day, or of the working days of a week, is over by now."""
    now = clock.now()
    if span.length == 1:
        return span.first < now.date() or (span.first == now.date() and now.time() >= clock.NOON)
    return workdays.half_over(calendar.read(viewer, span), span, now.date())


def week_ahead(viewer: Viewer, on: date) -> Period:
    """The week that is promised for on a day: the first of which more than half of the working days lie ahead."""

    def read() -> Period:
        return workdays.week_ahead(calendar.read(viewer, Period(periods.week(on).first, on + LOOK_BACK)), on)

    return viewer.cached("week ahead", on, read=read, same_for_all=True)


def week_behind(viewer: Viewer, week: Period) -> Period:
    """The last week before a week in which anybody worked."""

    def read() -> Period:
        return workdays.week_behind(calendar.read(viewer, Period(week.first - LOOK_BACK, week.last)), week)

    return viewer.cached("week behind", week, read=read, same_for_all=True)


def soon(viewer: Viewer, on: date) -> Period:
    """From a day to the latest day that is offered for a next step."""
    return Period(on, max(workdays_after(viewer, on, OFFERED), default=on))


def is_workday(viewer: Viewer, on: date) -> bool:
    return calendar.read(viewer, periods.day(on))["is_workday"][0]


UNKNOWN_CALENDAR = "The bank's calendar does not cover this period: weekdays were counted as working days."
