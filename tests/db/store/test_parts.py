"""A write empties what depends on a part it touches, and nothing else: counted, part by part."""

from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import insert, select

from dashboard.shell.store import operator
from dashboard.standing.book import open_book
from db import definitions
from db.access import Viewer
from db.calendar import calendar
from db.customers import filing, forgetting, handover
from db.customers.customers import search
from db.engine import Store
from db.imports.imports import import_file
from db.interviews import actions, interviewing
from db.log import product_list
from db.log.entry import Entry
from db.meetings import agenda, closing, commitments, deputies, notes, promises, running, shelf, visiting
from db.models import Activity, AgreedAction, Product, Region, Territory
from db.people import leave, staffing, territory_owners
from db.plans import plans
from db.plans.plans import Target
from db.recording import recording
from db.store.parts import CALENDAR, PRODUCTS
from metrics.definitions import interpret
from tests.support.builders import (
    EAST,
    FAR,
    LI,
    NORTH,
    REGION,
    SOUTH,
    SUN,
    WANG,
    ZHAO,
    bank,
    far_region,
    head,
    regional,
)
from tests.support.shown import everything
from tests.support.sweep import sampled

pytestmark = pytest.mark.slow
MONDAY, FRIDAY = date(2026, 11, 16), date(2026, 11, 20)
NOVEMBER = date(2026, 11, 1)
MET = Entry("consultation", FRIDAY, customer_name="张三", phone="13800001234", met_decider=True, next_step="call")
OTHER_MET = replace(MET, customer_name="李四", phone="13800005678")


@pytest.fixture(autouse=True)
def friday():
    with time_machine.travel(datetime(2026, 11, 20, 4), tick=True):
        yield


@pytest.fixture
def staffed(store) -> Store:
    """Three branches in two regions; 王芳 of the east has met somebody."""
    far_region(bank(store))
    recording.record(operator(store), WANG, MET, "first", FRIDAY)
    with store.writing("test") as write:
        write.session.add(Territory(id=EAST, branch_id=EAST, name="东湖社区"))
    return store


def forget_somebody(store: Store) -> None:
    """Who needs nothing any more."""
    recording.record(operator(store), WANG, Entry("consultation", FRIDAY, customer_name="王五"), "third", FRIDAY)
    customer = search(operator(store), "王五")["customer"][0]
    forgetting.forget(operator(store), customer, "本人要求", FRIDAY, 0, lambda *_told: None)


FOUND = interviewing.Sheet(
    "habit", "urge", "consultations_a_day", "没有计划", (interviewing.Action("the_manager", "每天三户", FRIDAY),)
)


class Readers:
    """Heads of the three branches and both regions, each with an answer that depends on all that a meeting shows."""

    def __init__(self, store: Store):
        far = Viewer(store, "far", "regional", FAR)
        heads = {
            "east": head(store, EAST),
            "south": head(store, SOUTH),
            "north": replace(head(store, NORTH), region=FAR),
        }
        self.viewers = heads | {"region": regional(store), "far": far}
        self.computed: Counter = Counter()

    def ask(self) -> set[str]:
        """Whose answer had to be computed anew."""
        before = Counter(self.computed)
        for name, viewer in self.viewers.items():
            viewer.cached("all that is shown", read=lambda name=name, viewer=viewer: self.compute(name, viewer))
        return {name for name in self.viewers if self.computed[name] > before[name]}

    def compute(self, name: str, viewer: Viewer) -> str:
        self.computed[name] += 1
        return everything(viewer, FRIDAY)


PAIR = visiting.Arrangement((visiting.Place(WANG, 1, "main_talker"), visiting.Place(LI, 1, "observer")))
EVERYBODY = {"east", "south", "north", "region", "far"}
OWN = {"east", "region"}


def an_import(store: Store) -> None:
    rows = "2026-11-20,江城分行,东湖支行,1001,王芳,consultation,李四,13900001111"
    content = f"date,region,branch,staff_no,manager,kind,customer,phone\n{rows}\n".encode()
    report = import_file(head(store), "activities", "log.csv", content, FRIDAY, create_missing=True)
    assert report.accepted == 1


def days_off(store: Store) -> None:
    assert import_file(head(store), "absences", "leave.csv", b"staff_no,day\n1002,2026-11-19\n", FRIDAY).accepted == 1


def an_evening(store: Store) -> int:
    return running.start(head(store), EAST, "evening", FRIDAY, FRIDAY)


def a_commitment(store: Store) -> None:
    commitments.agree(head(store), an_evening(store), "review", "跟进", FRIDAY, LI, FRIDAY)


def visit_planned(store: Store) -> int:
    return visiting.plan(head(store), EAST, FRIDAY, PAIR, FRIDAY)


def of_li(store: Store) -> Viewer:
    return Viewer(store, "li", "manager", REGION, EAST, LI)


def the_first(store: Store) -> tuple[int, int]:
    """The entry that is stored already, and its version."""
    with store.reading() as connection:
        return tuple(connection.execute(select(Activity.id, Activity.version)).one())


def agreed(store: Store) -> int:
    """An action agreed in an interview just held."""
    interviewing.hold(head(store), LI, FOUND, FRIDAY)
    with store.reading() as connection:
        return connection.execute(select(AgreedAction.id)).scalar_one()


WRITES = {
    "an entry": (lambda s: recording.record(head(s), LI, MET, "another", FRIDAY), OWN),
    "the same again": (lambda s: recording.record(operator(s), WANG, MET, "first", FRIDAY), set()),
    "a correction": (lambda s: recording.correct(head(s), *the_first(s), FRIDAY, note="again"), OWN),
    "a withdrawal": (lambda s: recording.void(head(s), *the_first(s)), OWN),
    "an import": (an_import, OWN),
    "leave from a file": (days_off, OWN),
    "a promise": (lambda s: promises.set_promises(head(s), FRIDAY, {LI: {"deals": 2}}), OWN),
    "a weekly promise": (lambda s: promises.set_promises(head(s), MONDAY, {LI: {"deals": 2}}, promises.WEEK), OWN),
    "a promise confirmed": (lambda s: promises.confirm(of_li(s), LI, FRIDAY, {"deals": 2}, FRIDAY), OWN),
    "a meeting begun": (lambda s: running.start(head(s), EAST, "morning", FRIDAY, FRIDAY), set()),
    "a note": (lambda s: notes.write_note(head(s), an_evening(s), "review", "记一笔", ""), set()),
    "an own reason": (lambda s: notes.write_reason(of_li(s), an_evening(s), "客户在外地", ""), set()),
    "attendance": (lambda s: running.attend(head(s), an_evening(s), {LI: "absent"}), set()),
    "a visiting day cancelled": (lambda s: visiting.cancel(head(s), visit_planned(s), "下雨", FRIDAY), OWN),
    "an agenda": (
        lambda s: agenda.change(head(s), "weekly", agenda.ITEMS["weekly"][:1], FRIDAY, EAST, FRIDAY, 0),
        OWN,
    ),
    "visiting days that repeat": (
        lambda s: visiting.repeat(head(s), EAST, visiting.Rule(4, FRIDAY, FRIDAY), PAIR, FRIDAY),
        OWN,
    ),
    "a visiting day": (lambda s: visiting.plan(head(s), EAST, FRIDAY, PAIR, FRIDAY), OWN),
    "a deputy": (lambda s: deputies.name(head(s), LI, FRIDAY, FRIDAY, FRIDAY), OWN),
    "an entry of the shelf": (
        lambda s: shelf.put(head(s), shelf.Content("news", "监管新规", "利率下调", FRIDAY), EAST),
        set(),
    ),
    "a commitment": (a_commitment, OWN),
    "an interview": (lambda s: interviewing.hold(head(s), LI, FOUND, FRIDAY), OWN),
    "an action done": (lambda s: actions.mark(operator(s), agreed(s), True, FRIDAY), OWN),
    "a closed day": (lambda s: closing.close_day(head(s), EAST, FRIDAY, FRIDAY), OWN),
    "leave": (lambda s: leave.record(head(s), LI, FRIDAY, FRIDAY), OWN),
    "a customer put on file": (lambda s: filing.put(head(s), 1, "startup", EAST), OWN),
    "a territory given": (lambda s: territory_owners.give(head(s), EAST, LI, FRIDAY), OWN),
    "a manager's plan": (
        lambda s: plans.set_targets(head(s), NOVEMBER, [Target("manager", LI, "deals", 7, None)]),
        OWN,
    ),
    "a branch's plan": (
        lambda s: plans.set_targets(regional(s), NOVEMBER, [Target("branch", SOUTH, "deals", 70, None)]),
        {"south", "region"},
    ),
    "a region's plan": (
        lambda s: plans.set_targets(regional(s), NOVEMBER, [Target("region", REGION, "deals", 700, None)]),
        {"region"},
    ),
    "a manager who moves": (
        lambda s: staffing.transfer(operator(s), LI, SOUTH, FRIDAY),
        {"east", "south", "region"},
    ),
    "a manager who moves far": (
        lambda s: staffing.transfer(operator(s), LI, NORTH, FRIDAY),
        {"east", "north", "region", "far"},
    ),
    "a customer handed over": (
        lambda s: handover.hand_over(regional(s), search(regional(s), "")["customer"].to_list(), ZHAO, FRIDAY, FRIDAY),
        {"east", "south", "region"},
    ),
    "a customer forgotten": (forget_somebody, EVERYBODY),
    "a region's definitions": (
        lambda s: definitions.set_version(regional(s), FRIDAY, {"small_sample": 7}, 1, FRIDAY),
        {"east", "south", "region"},
    ),
    "the bank's definitions": (
        lambda s: definitions.set_version(operator(s), FRIDAY, {"small_sample": 7}, 1, FRIDAY),
        EVERYBODY,
    ),
    "the calendar": (lambda s: calendar.set_day(operator(s), FRIDAY, False), EVERYBODY),
}


@pytest.mark.parametrize("write", sampled(list(WRITES), 13))
def test_a_write_empties_what_shows_it_and_nothing_else(staffed, url, write):
    do, concerned = WRITES[write]
    readers, other = Readers(staffed), Store(url, mark=interpret)
    assert readers.ask() == EVERYBODY and readers.ask() == set()
    do(other)
    other.close()
    assert readers.ask() == concerned


def test_a_product_and_the_calendar_empty_only_what_asks_for_them(staffed):
    asked: Counter = Counter()
    viewer = head(staffed)

    def ask() -> None:
        for name, read in (
            ("products", lambda: product_list.read(viewer)),
            ("days", lambda: calendar.years(viewer)),
            ("a month", lambda: open_book(viewer, FRIDAY).month()),
        ):
            viewer.cached(("asks for", name), read=lambda name=name, read=read: (asked.update([name]), read()))

    ask()
    before = Counter(asked)
    with staffed.writing("test") as write:
        write.touch(PRODUCTS)
        row = {"code": "new", "family": "loan", "name_zh": "新贷", "name_en": "new"}
        write.session.execute(insert(Product).values(row))
    ask()
    assert asked - before == Counter(products=1)
    assert "new" in product_list.read(viewer)["code"].to_list()
    before = Counter(asked)
    with staffed.writing("test") as write:
        write.touch(CALENDAR)
    ask()
    assert set(asked - before) == {"days", "a month"}


@pytest.mark.both_engines
def test_a_write_that_does_not_say_what_it_touches_empties_everything(staffed):
    readers = Readers(staffed)
    readers.ask()
    with staffed.writing("test") as write:
        write.session.add(Region(name="新分行"))
    assert readers.ask() == EVERYBODY


def test_who_reads_without_saying_what_depends_on_everything(staffed):
    asked = []

    def read() -> None:
        with staffed.reading() as connection:
            asked.append(connection.scalar(select(Region.id)))

    staffed.cached("undeclared", read)
    recording.record(operator(staffed), SUN, OTHER_MET, "far away", FRIDAY)
    staffed.cached("undeclared", read)
    assert len(asked) == 2


def test_norms_of_days_that_are_over_move_with_those_days_and_not_with_today(staffed):
    readers = Readers(staffed)
    readers.ask()
    recording.record(operator(staffed), ZHAO, OTHER_MET, "today", FRIDAY)
    assert readers.ask() == {"south", "region"}
    yesterday = replace(OTHER_MET, day=FRIDAY - timedelta(1))
    recording.record(operator(staffed), ZHAO, yesterday, "yesterday", FRIDAY)
    assert readers.ask() == {"east", "south", "region"}, "the norms of a step are their region's"
