"""A write of every kind asks whether the viewer is still signed in: what was drawn before is no permission."""

import ast
from datetime import timedelta
from pathlib import Path

import pytest
from builders import BROWSER, EAST, LI, MONDAY, PASSWORD, REGION, SOUTH, WANG, ZHAO, account, bank, enter
from sheets import TODAY, bring, counts, file, fresh, held_values, logged, row, trail
from sqlalchemy import update

from dashboard.stores import operator
from db import (
    access,
    accounts,
    activity,
    calendar,
    customers,
    definitions,
    leave,
    meetings,
    moving,
    one_customer,
    plans,
    sign_in,
    staffing,
    undoing,
)
from db import trail as audit_trail
from db.entry import Entry
from db.errors import NotAllowed
from db.models import Absence, Account, Activity, ImportBatch, Posting, SignIn
from db.notice import Notice
from db.plans import Target

LATER = MONDAY + timedelta(7)
VISIT = Entry("consultation", MONDAY, customer_name="湖滨书店")
STRICT = {"small_sample": 5}
HIRED = "region,branch,staff_no,manager\n江城分行,东湖支行,1009,周正"
PEOPLE = {  # a program that holds the database is in no session; here it is put into one
    "wang": ("manager", WANG),
    "head": ("branch_head", EAST),
    "regional": ("regional", REGION),
    "chief": ("administrator", None),
    "program": ("operator", None),
}


def entry(viewer) -> tuple[int, int]:
    return logged(viewer.store, Activity.id, Activity.version)[0]


def withdrawn(viewer) -> tuple[int, int]:
    return logged(viewer.store, Activity.id, Activity.version)[1]


def batch(viewer) -> int:
    return min(held_values(viewer.store, ImportBatch.id))[0]


WRITES = {
    "activity.record": ("wang", lambda one: activity.record(one, WANG, VISIT, "new", MONDAY)),
    "activity.correct": ("wang", lambda one: activity.correct(one, *entry(one), MONDAY, note="改")),
    "activity.void": ("head", lambda one: activity.void(one, *entry(one))),
    "activity.restore": ("wang", lambda one: activity.restore(one, *withdrawn(one))),
    "moving.lose": ("wang", lambda one: moving.lose(one, 1, "rejected", "not_qualified", entry(one)[1], TODAY)),
    "moving.plan_step": ("wang", lambda one: moving.plan_step(one, 1, "call_again", TODAY, TODAY, (None, None))),
    "meetings.close_day": ("head", lambda one: meetings.close_day(one, EAST, MONDAY, MONDAY)),
    "meetings.reopen_day": ("head", lambda one: meetings.reopen_day(one, EAST, MONDAY)),
    "one_customer.merge": ("head", lambda one: one_customer.merge(one, 1, 2)),
    "one_customer.hand_over": ("head", lambda one: one_customer.hand_over(one, [1], LI, MONDAY, MONDAY)),
    "meetings.set_promises": ("head", lambda one: meetings.set_promises(one, MONDAY, {WANG: {"deals": 1}})),
    "imports.import_file": ("program", lambda one: file(one, "people", HIRED)),
    "undoing.undo": ("program", lambda one: undoing.undo(one, batch(one))),
    "customers.unmask": ("regional", lambda one: customers.unmask(one, 1, "客户投诉", 5)),
    "trail.exported": ("regional", lambda one: audit_trail.exported(one, "comparison", {}, 3)),
    "accounts.add": ("chief", lambda one: accounts.add(one, "new", "新人", "auditor", None, None)),
    "accounts.change_role": ("chief", lambda one: accounts.change_role(one, 1, "auditor", None)),
    "accounts.disable": ("chief", lambda one: accounts.disable(one, 1)),
    "accounts.enable": ("chief", lambda one: accounts.enable(one, 6)),
    "accounts.set_password": ("chief", lambda one: accounts.set_password(one, 1, "blue-kettle-42")),
    "accounts.change_own_password": ("wang", lambda one: accounts.change_own_password(one, PASSWORD, "blue-kettle-42")),
    "staffing.add_branch": ("chief", lambda one: staffing.add_branch(one, "江城分行", "西山支行")),
    "staffing.hire": ("chief", lambda one: staffing.hire(one, "1009", "周正", EAST, MONDAY)),
    "staffing.transfer": ("chief", lambda one: staffing.transfer(one, WANG, SOUTH, LATER)),
    "plans.set_targets": (
        "head",
        lambda one: plans.set_targets(one, MONDAY, [Target("manager", WANG, "deals", 9, None)]),
    ),
    "definitions.set_version": ("regional", lambda one: definitions.set_version(one, MONDAY, STRICT, 1, MONDAY)),
    "calendar.load_notice": ("chief", lambda one: calendar.load_notice(one, Notice(2027, {LATER: "行庆"}, {}))),
    "calendar.set_day": ("chief", lambda one: calendar.set_day(one, LATER, False, "行庆")),
    "leave.record": ("head", lambda one: leave.record(one, WANG, MONDAY, MONDAY)),
    "leave.withdraw": ("head", lambda one: leave.withdraw(one, LI, MONDAY)),
    "staffing.leave": ("chief", lambda one: staffing.leave(one, LI, MONDAY)),
}
ENDS = {
    "signed out": lambda one, write: sign_in.end_sessions(write, SignIn.id == one.sign_in),
    "run out": lambda one, write: write.session.execute(update(SignIn).values(lasts_until=write.now)),
    "disabled": lambda one, write: write.session.execute(update(Account).values(disabled_at=write.now)),
    "another role": lambda one, write: write.session.execute(update(Account).values(role="auditor")),
    "another person": lambda one, write: write.session.execute(update(Account).values(manager_id=ZHAO)),
    "no such session": lambda one, write: write.session.execute(SignIn.__table__.delete()),
}


@pytest.fixture(scope="module")
def office(sqlite_template):
    """One store for many refusals: nothing is stored in it."""
    with fresh(sqlite_template) as store:
        furnish(store)
        yield store


def furnish(store):
    bank(store)
    bring(operator(store), row(customer="甲", phone="13812345678", product="信用贷款"), row(customer="乙"))
    with store.writing("test") as write:
        write.session.get(Activity, 2).voided_at = write.now
        write.session.add(Absence(manager_id=LI, day=MONDAY))
    for login, (role, place) in PEOPLE.items():
        identity = account(store, login, "auditor", None, PASSWORD if login == "wang" else None)
        columns = {"role": role} | ({f"{access.PLACE[role]}_id": place} if role in access.PLACE else {})
        with store.writing("test") as write:
            write.session.execute(update(Account).where(Account.id == identity).values(columns))
    with store.writing("test") as write:
        write.session.add(Account(login="gone", name="走了", role="auditor", must_change=False, disabled_at=write.now))
    return store


def stored(store) -> dict:
    """What the tables hold, besides the trail, and every value a write above may change."""
    tables = (Absence, Account, Activity, Posting)
    return {name: number for name, number in counts(store).items() if name not in ("audit", "session")} | {
        table.__tablename__: held_values(store, table.__table__) for table in tables
    }


def test_every_function_that_writes_in_a_viewers_name_is_here():
    begins = {"writing", "noting", "managing"}
    found = set()
    for path in sorted((Path(__file__).parents[2] / "db").glob("*.py")):
        for function in ast.parse(path.read_text()).body:
            called = {getattr(node.func, "id", None) for node in ast.walk(function) if isinstance(node, ast.Call)}
            if isinstance(function, ast.FunctionDef) and called & begins and function.name not in begins:
                found.add(f"{path.stem}.{function.name}")
    assert found == WRITES.keys()


@pytest.mark.parametrize("kind", WRITES)
def test_a_write_is_done_while_the_session_lasts(sqlite_store, kind):
    login, write = WRITES[kind]
    before = len(trail(furnish(sqlite_store)))
    write(enter(sqlite_store, login))
    assert "refuse" not in [action for _, action, _ in trail(sqlite_store)[before:]]


@pytest.mark.parametrize("kind", WRITES)
def test_a_write_of_a_session_that_has_ended_is_refused_and_stores_nothing(office, kind):
    login, write = WRITES[kind]
    viewer = enter(office, login, BROWSER)
    sign_in.end(viewer)
    held, noted = stored(office), trail(office)
    with pytest.raises(NotAllowed):
        write(viewer)
    assert stored(office) == held
    assert trail(office) == [*noted, (login, "refuse", "write")]


@pytest.mark.parametrize("end", ENDS)
def test_however_a_session_ends_the_next_write_is_refused_with_a_trail(store, end):
    account(bank(store), "wang", "manager", WANG)
    viewer = enter(store, "wang")
    activity.record(viewer, WANG, VISIT, "first", MONDAY)
    with store.writing("test") as write:
        ENDS[end](viewer, write)
    held = stored(store)
    with pytest.raises(NotAllowed, match="no longer signed in"):
        activity.record(viewer, WANG, VISIT, "second", MONDAY)
    assert stored(store) == held and trail(store)[-1] == ("wang", "refuse", "write")


def test_a_refusal_inside_a_write_is_noted_though_the_write_is_rolled_back(store):
    account(bank(store), "head", "branch_head", EAST)
    viewer, held = enter(store, "head"), stored(store)
    with pytest.raises(NotAllowed):
        meetings.set_promises(viewer, MONDAY, {WANG: {"deals": 1}, ZHAO: {"deals": 1}})
    assert stored(store) == held and trail(store)[-1] == ("head", "refuse", "set_promises")
