"""A morning is as the morning of that day found it, past or present."""

import shutil
import sqlite3
from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest
import time_machine

from dashboard.shell import clock
from dashboard.shell.store import operator
from dashboard.standing.book import open_book
from dashboard.standing.part import Part
from dashboard.standing.standing import Standing
from db import definitions
from db.access import Viewer
from db.engine import Store
from db.people import leave, staffing
from db.plans.plans import Target, set_targets
from metrics.definitions import DEFAULT, interpret
from metrics.plans.attainment import STATUSES
from tests.support.builders import EAST, LI, SOUTH, WANG, bank, head, regional
from tests.support.sheets import bring, row
from tests.support.sweep import scaled

pytestmark = pytest.mark.slow

FRIDAY = date(2026, 11, 20)
SHOWN = ["manager", "measure", "actual", "plan", "attainment", "time_progress", "pace_gap", "needed_per_day", "status"]
LAST_MONTH = [FRIDAY - timedelta(n) for n in range(28) if (FRIDAY - timedelta(n)).weekday() < 5]  # no festival in it


def morning(viewer: Viewer, on: date, branch: int = EAST) -> Standing:
    return open_book(viewer, on, Part(branch=branch)).month()


def deals(found: Standing, manager: int = WANG) -> dict:
    return found.standing.filter(pl.col("manager") == manager, pl.col("measure") == "deals").row(0, named=True)


def moment(day: date, hour: float = 0.5) -> time_machine.travel:
    """Some hours into a day, as the bank's clock has it."""
    return time_machine.travel(
        datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=hour - 8), tick=False
    )


def test_past_mornings_equal_what_the_page_showed_then_wherever_nothing_was_entered_late(region_template, tmp_path):
    """Each of the last 20 working days, beside a store that has only what was recorded by that morning."""
    whole = Store(f"sqlite:///{region_template}", mark=interpret)
    later = 0
    for on in LAST_MONTH[:: scaled(sweep=1, test=5)]:
        path = tmp_path / f"{on}.db"
        shutil.copy(region_template, path)
        with sqlite3.connect(path) as then:
            then.execute("DELETE FROM activity WHERE recorded_at > ?", (str(clock.morning(on) - timedelta(hours=8)),))
        before = Store(f"sqlite:///{path}", mark=interpret)
        for branch in (1, 2):
            book = open_book(operator(whole), on, Part(branch=branch))
            late = book.late(book.month())
            now, shown = book.month(), morning(operator(before), on, branch)
            same = ~pl.col("manager").is_in(late["manager"].implode())
            assert now.standing.filter(same).select(SHOWN).equals(shown.standing.filter(same).select(SHOWN)), on
            counts = ["contacts", "applications", "deals"]
            more = now.table.select(counts).sum() - shown.table.select(counts).sum()
            assert 0 <= sum(more.row(0)) <= late["late"].sum()
            later += late["late"].sum()
        before.close()
    assert later, "the demo has people who type in everything days afterwards"
    whole.close()


def test_nothing_of_the_day_itself_is_in_its_morning_and_the_clock_says_nothing(sqlite_store, configured):
    viewer = operator(bank(sqlite_store))
    days = [date(2026, 11, 18), date(2026, 11, 19), FRIDAY]
    bring(viewer, *(row(date=str(day), kind="成交", customer=str(day), reference=str(day)) for day in days))
    found = []
    for now in (datetime(2026, 11, 20, 8, 30), datetime(2026, 11, 20, 23, 0), datetime(2027, 3, 1, 9, 0)):
        configured.now = now
        viewer.store.cache.clear()
        found.append(deals(morning(viewer, FRIDAY)))
    assert found[0] == found[1] == found[2]
    assert (found[0]["actual"], found[0]["days_gone"]) == (2, 14)


def test_what_was_done_on_a_day_off_is_in_the_morning_after_it(sqlite_store):
    viewer = operator(bank(sqlite_store))
    bring(viewer, row(date="2026-11-14", kind="成交", customer="周六", reference="s"))
    assert [deals(morning(viewer, date(2026, 11, day)))["actual"] for day in (13, 14, 16)] == [0, 0, 1]


def test_later_entries_are_counted_and_named(sqlite_store):
    viewer = operator(bank(sqlite_store))
    early, late = (row(date="2026-11-19", customer=name, reference=name) for name in ("早", "晚"))
    with moment(FRIDAY, 8.4):
        bring(viewer, early)
    with moment(FRIDAY, 8.6):
        bring(viewer, late)
    for on, known in ((FRIDAY, {WANG: 1}), (date(2026, 11, 19), {}), (date(2026, 11, 23), {})):
        book = open_book(viewer, on, Part(branch=EAST))
        assert dict(book.late(book.month()).iter_rows()) == known, on
    assert dict(book.late(open_book(head(viewer.store, SOUTH), FRIDAY, Part(branch=SOUTH)).month()).iter_rows()) == {}


def set_deals(store: Store, day: date, target: int | None, seen: int | None) -> None:
    with moment(day, 10):
        set_targets(regional(store), date(2026, 11, 1), [Target("manager", WANG, "deals", target, seen)])


@pytest.mark.both_engines
def test_a_morning_goes_by_the_plan_in_force_that_day(store):
    viewer = operator(bank(store))
    set_deals(store, date(2026, 11, 4), 21, None)
    set_deals(store, date(2026, 11, 11), 42, 21)
    set_deals(store, date(2026, 11, 13), None, 42)
    set_deals(store, date(2026, 11, 17), 63, None)
    shown = {day: deals(morning(viewer, date(2026, 11, day)))["plan"] for day in (2, 4, 10, 11, 12, 13, 16, 17, 20)}
    first = dict.fromkeys((2, 4, 10), 21.0)  # set for the whole month, though not on its first day
    assert shown == first | dict.fromkeys((11, 12), 42.0) | dict.fromkeys((13, 16), None) | dict.fromkeys(
        (17, 20), 63.0
    )


def test_a_morning_goes_by_the_postings_in_force_that_day(sqlite_store):
    viewer = operator(bank(sqlite_store))
    set_deals(sqlite_store, date(2026, 11, 1), 21, None)
    before = morning(viewer, date(2026, 11, 9))
    staffing.transfer(viewer, WANG, SOUTH, date(2026, 11, 16))
    staffing.hire(viewer, "1009", "新人", EAST, date(2026, 11, 18))
    after = morning(viewer, date(2026, 11, 9))
    assert after.standing.equals(before.standing) and deals(after)["plan"] == 21.0
    moved = deals(morning(viewer, FRIDAY))
    assert (moved["plan"], moved["days"], moved["days_gone"]) == (10.0, 10, 10), "what was theirs here stays"
    assert deals(morning(viewer, FRIDAY, SOUTH))["plan"] == 11.0
    there = [set(morning(viewer, date(2026, 11, day)).people["manager"]) for day in (9, 18)]
    assert there[0] == {WANG, LI} and len(there[1]) == 3


def test_a_morning_goes_by_the_definitions_in_force_that_day(sqlite_store):
    viewer = operator(bank(sqlite_store))
    set_deals(sqlite_store, date(2026, 11, 1), 42, None)
    before = morning(viewer, date(2026, 11, 10))
    lax = DEFAULT | {"watch_below": -0.9, "behind_below": -0.95, "far_behind_below": -0.99}
    definitions.set_version(regional(sqlite_store), date(2026, 11, 12), lax, 1, date(2026, 11, 11))
    assert morning(viewer, date(2026, 11, 10)).standing.equals(before.standing)
    words = [deals(morning(viewer, date(2026, 11, day)))["status"] for day in (11, 12)]
    assert words == ["far_behind", "on_pace"]


@pytest.mark.parametrize("on", [date(2026, 11, 1), date(2026, 11, 2), date(2026, 11, 14), date(2026, 2, 18)])
def test_a_morning_of_a_day_off_or_of_a_first_day_makes_sense(sqlite_store, on):
    """A Sunday that begins a month, its first working day, a Saturday, the Spring Festival."""
    viewer = operator(bank(sqlite_store))
    leave.record(viewer, LI, date(2026, 11, 2), date(2026, 11, 30))
    found = morning(viewer, on)
    assert set(found.standing["status"]) <= set(STATUSES) and found.standing["actual"].sum() == 0
    assert found.standing["projection"].is_nan().any() is not True
    if on.day <= 2 and on.month == 11:
        assert deals(found)["days_gone"] == 0 and found.time_progress == 0


def test_a_bank_without_anybody_has_an_empty_morning(sqlite_store):
    found = open_book(operator(sqlite_store), FRIDAY).month()
    assert found.people.is_empty() and found.total["deals"] == 0
