"""A number is the same whoever asks for it, wherever the machine stands, in whatever order the rows lie."""

import time
from datetime import UTC, date, datetime

import polars as pl
import pytest
import time_machine

from dashboard.shell import clock
from dashboard.shell.store import operator
from dashboard.standing import gather, summary_report
from dashboard.standing.book import open_book
from dashboard.standing.part import Part
from db.access import Viewer
from db.engine import Store
from db.meetings import closing
from db.people import people
from metrics.definitions import interpret
from metrics.periods import Period, month
from tests.support.sweep import sampled

NOVEMBER = month(date(2026, 11, 20))
THROUGH = date(2026, 11, 19)
STANDS = ("plan", "attainment", "pace_gap", "status", "needed_per_day", "projection", "projection_low")
FACTS = [
    "staff_no",
    "time_progress",
    *(f"{one}_{name}" for one in ("consultations", "deals", "deal_amount") for name in STANDS),
]


@pytest.fixture(scope="module")
def region(region_template) -> Store:
    store = Store(f"sqlite:///{region_template}", mark=interpret)
    yield store
    store.close()


def stood(viewer: Viewer, period: Period = NOVEMBER, part: Part = Part()) -> dict[str, tuple]:
    """Staff number → everything said of their plan."""
    table, _total, _rules = summary_report.summary(viewer, period, THROUGH, ["manager"], part)
    return {row[0]: row[1:] for row in table.select(FACTS).iter_rows()}


ASKING = [
    ("manager", {"region": 1, "branch": 1, "manager": 1}),
    ("branch_head", {"region": 1, "branch": 1}),
    ("screen", {"region": 1, "branch": 2}),
    ("regional", {"region": 1}),
    ("auditor", {}),
]
PERIODS = [NOVEMBER, Period(date(2026, 11, 9), date(2026, 11, 15)), Period(date(2026, 9, 1), date(2026, 11, 30))]


@pytest.mark.parametrize("period", sampled(PERIODS, 3), ids=lambda period: f"{period.first} {period.last}")
@pytest.mark.parametrize(("role", "place"), ASKING, ids=[role for role, _place in ASKING])
def test_attainment_does_not_change_with_who_is_signed_in(region, role, place, period):
    everything = stood(operator(region), period)
    seen = stood(Viewer(region, "somebody", role, **place), period)
    moved = moving(region, period)
    assert seen and all(facts == everything[number] for number, facts in seen.items() if number not in moved)


def test_a_manager_is_given_nothing_of_a_colleague_they_ask_for(region):
    own = Viewer(region, "100001", "manager", 1, 1, 1)
    colleague = people.managers(own, NOVEMBER, 1).filter(pl.col("manager") != 1)["manager"][0]
    asked = gather.frames(own, NOVEMBER, Part(manager=colleague))
    assert [frame.height for frame in (asked.plans, asked.posting_days, asked.activity.collect())] == [0, 0, 0]
    everything = gather.frames(operator(region), NOVEMBER, Part(manager=colleague))
    assert everything.plans.height and everything.posting_days.height


def moving(region: Store, period: Period) -> set[str]:
    """Who worked in two branches meanwhile: a branch shows what they did and had to do there."""
    table = summary_report.summary(operator(region), period, THROUGH, ["branch", "manager"])[0]
    return set(table.filter(pl.col("staff_no").is_duplicated())["staff_no"])


@pytest.mark.parametrize("zone", ["UTC", "America/Los_Angeles", "Pacific/Kiritimati", "Asia/Shanghai"])
@pytest.mark.parametrize(
    ("moment", "today", "through"),
    [
        (datetime(2026, 11, 19, 16, 30, tzinfo=UTC), date(2026, 11, 20), date(2026, 11, 19)),  # half past midnight
        (datetime(2026, 11, 20, 9, 59, tzinfo=UTC), date(2026, 11, 20), date(2026, 11, 19)),  # a minute to six
        (datetime(2026, 11, 20, 10, 1, tzinfo=UTC), date(2026, 11, 20), date(2026, 11, 20)),
    ],
)
def test_attainment_does_not_change_with_the_time_zone_of_the_machine(
    region, configured, monkeypatch, zone, moment, today, through
):
    configured.now = None
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        with time_machine.travel(moment, tick=False):
            assert (clock.today(), clock.done_through()) == (today, through)
            found = open_book(operator(region), clock.today(), Part(branch=1)).period(NOVEMBER)
            assert found.through == through and found.working_days[0] == {19: 14, 20: 15}[through.day]
    finally:
        monkeypatch.undo()
        time.tzset()


def test_a_day_closed_by_its_meeting_is_over_for_the_manager_as_for_his_branch_head(region_url, configured):
    store = Store(region_url, mark=interpret)
    friday, head = date(2026, 11, 20), Viewer(store, "head-1", "branch_head", 1, 1)
    own = Viewer(store, "100001", "manager", 1, 1, 1)
    asked = [(head, Part(branch=1)), (own, Part(manager=1))]
    assert {open_book(one, friday, part).done_through(friday) for one, part in asked} == {date(2026, 11, 19)}
    closing.close_day(head, 1, friday, friday)
    assert {open_book(one, friday, part).done_through(friday) for one, part in asked} == {friday}
    store.close()
