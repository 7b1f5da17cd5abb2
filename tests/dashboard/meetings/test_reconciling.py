"""Promises against the log, through the store: what the meetings, the profile and the comparison count is one number."""

from datetime import date, datetime, timedelta

import pytest

from dashboard.comparison import gather
from dashboard.comparison.gather import Compared
from dashboard.manager_profile import promises_view
from dashboard.meetings import report
from dashboard.meetings.content import contents
from dashboard.meetings.content.asked import Asked
from dashboard.shell.store import operator
from dashboard.standing.book import Book, open_book
from dashboard.standing.part import Part
from db.meetings import closing, notes, promises, running
from db.people import leave
from metrics import periods
from tests.support.builders import EAST, LI, MONDAY, WANG, bank, head, manager
from tests.support.sheets import bring, row

FRIDAY, NEXT = date(2026, 11, 20), date(2026, 11, 23)
DAYS = [MONDAY + timedelta(n) for n in range(5)]
WEEK = periods.week(MONDAY)


@pytest.fixture
def branch(configured, sqlite_store):
    """Seen on the Monday after: Wang met two a day from Monday to Thursday, and nobody on Friday."""
    configured.database_url, configured.now = sqlite_store.url, datetime(2026, 11, 23, 9, 0)
    store = bank(sqlite_store)
    met(store, *(day for day in DAYS[:4] for _visit in range(2)))
    return store


def met(store, *days: date, staff_no: str = "1001", name: str = "王芳") -> None:
    meetings = {"staff_no": staff_no, "manager": name}
    bring(
        operator(store), *(row(customer=f"{name}的{n}店{day}", date=str(day), **meetings) for n, day in enumerate(days))
    )


def book(store, on: date = NEXT) -> Book:
    return open_book(head(store), on, Part(branch=EAST))


def of_wang(store, span, on: date = NEXT) -> dict:
    return book(store, on).reconciled(span).filter(manager=WANG).row(0, named=True)


def promise(store, number: int, grain: str = "week", day: date = MONDAY, **more) -> None:
    promises.set_promises(operator(store), day, {WANG: {"consultations": number}}, grain, **more)


@pytest.mark.parametrize(("number", "status"), [(8, "kept"), (7, "over_kept"), (9, "not_kept")])
def test_a_week_is_kept_by_all_of_its_days(branch, number, status):
    promise(branch, number)
    found = of_wang(branch, WEEK)
    assert (found["consultations"], found["promise_status"]) == (8, status)


def test_until_its_last_working_day_is_over_a_week_is_in_progress(branch, configured):
    promise(branch, 9)
    configured.now = datetime(2026, 11, 20, 9, 0)
    assert of_wang(branch, WEEK, FRIDAY)["promise_status"] == "running"
    closing.close_day(head(branch), EAST, FRIDAY, FRIDAY)
    assert of_wang(branch, WEEK, FRIDAY)["promise_status"] == "not_kept"


@pytest.mark.parametrize(("days", "away", "status"), [(DAYS, 1.0, "absent"), (DAYS[:2], 0.4, "not_kept")])
def test_leave_of_the_whole_week_is_absence_and_of_a_part_scales_nothing(branch, days, away, status):
    promise(branch, 9)
    leave.record(operator(branch), WANG, days[0], days[-1])
    found = of_wang(branch, WEEK)
    assert (found["away"], found["promise_status"], found["consultations_promise"]) == (away, status, 9)


def test_who_promised_nothing_for_the_week_has_no_promise(branch):
    promise(branch, 9)
    assert book(branch).reconciled(WEEK).filter(manager=LI)["promise_status"].to_list() == ["not_promised"]


def test_a_week_that_was_promised_late_is_shown_and_not_counted(branch):
    promise(branch, 8, late=True)
    asked = Asked(book(branch), "weekly")
    assert "迟承诺" in str(contents.blocks(asked, "week"))
    found = gather.promises_kept(compared(branch)).filter(manager=WANG).row(0, named=True)
    assert (found["weeks_of"], found["weeks_to"], found["weeks_apart"]) == (0, 0, 1)


def compared(store) -> Compared:
    opened = book(store)
    return Compared(opened, opened.period(periods.month(NEXT)), "manager", "deals")


def test_what_is_logged_after_its_day_was_closed_counts_for_no_week_and_no_day(branch):
    """Thursday was closed with two of three; two more were logged since: eight of nine in the week, not kept."""
    promise(branch, 9)
    promise(branch, 3, "day", DAYS[3])
    closing.close_day(operator(branch), EAST, DAYS[3], NEXT, {WANG: {"consultations": (3, 2)}})
    met(branch, DAYS[3], DAYS[3], DAYS[3])
    day, week = of_wang(branch, periods.day(DAYS[3]), DAYS[3]), of_wang(branch, WEEK)
    assert (day["consultations"], day["late"], day["promise_status"]) == (2, 3, "not_kept")
    assert (week["consultations"], week["late"], week["promise_status"]) == (8, 3, "not_kept")


def test_profile_comparison_and_evening_count_the_same(branch):
    """Two a day are promised from Tuesday on: kept on three days, and not on Friday, when nobody was met."""
    for day in DAYS[1:]:
        promise(branch, 2, "day", day)
    promise(branch, 8)
    for on, streak in ((DAYS[2], 2), (DAYS[3], 3), (FRIDAY, 0), (NEXT, 0)):
        assert book(branch, on).streaks().get(WANG, 0) == streak
    own = book(branch).narrowed(manager=WANG)
    for grain, kept in (("day", (3, 4)), ("week", (1, 1))):
        row = promises_view.kept(own, grain, periods.Period(MONDAY, FRIDAY))
        assert (row["of"], row["to"]) == kept
    found = gather.promises_kept(compared(branch)).filter(manager=WANG).row(0, named=True)
    assert (found["of"], found["to"], found["streak"]) == (3, 4, 0)
    assert (found["weeks_of"], found["weeks_to"]) == (1, 1)


def test_a_weekly_meeting_on_monday_reconciles_the_week_before_and_promises_its_own(branch):
    promise(branch, 8)
    asked = Asked(book(branch), "weekly")
    assert (asked.week_reconciled, asked.week_promised) == (WEEK, periods.week(NEXT))
    said = report.as_report(asked)["promises"]
    found = {(one["from"], one["staff_no"]): one["status"] for one in said}
    assert found["2026-11-16", "1001"] == "kept" and found["2026-11-23", "1001"] == "not_promised"


def test_on_friday_it_looks_at_the_week_that_ends_and_a_held_one_keeps_its_day(branch, configured):
    configured.now = datetime(2026, 11, 20, 9, 0)
    assert Asked(book(branch, FRIDAY), "weekly").week_reconciled == WEEK
    running.start(head(branch), EAST, "weekly", FRIDAY, MONDAY)
    asked = Asked(book(branch, FRIDAY), "weekly")
    assert (asked.week_reconciled, asked.week_promised) == (periods.week(MONDAY - timedelta(7)), WEEK)


def test_the_own_reason_stands_beside_the_factor_and_in_the_report(branch):
    promise(branch, 9)
    meeting = running.start(head(branch), EAST, "weekly", NEXT, NEXT)
    notes.write_reason(manager(branch), meeting, "周五全天培训", "")
    asked = Asked(book(branch), "weekly")
    assert "周五全天培训" in str(contents.blocks(asked, "week"))
    reasons = {one["reason"] for one in report.as_report(asked)["promises"] if one["staff_no"] == "1001"}
    assert reasons == {"周五全天培训", None}
