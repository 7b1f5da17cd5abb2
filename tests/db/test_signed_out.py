"""A write of every kind asks whether the viewer is still signed in: what was drawn before is no permission."""

import ast
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest
from sqlalchemy import update

from dashboard.shell.store import operator
from db import definitions, rights
from db.accounts import accounts, sign_in
from db.audit import trail as audit_trail
from db.calendar import calendar
from db.calendar.notice import Notice
from db.customers import customers, filing, forgetting, handover, matching, merging
from db.delivery import channels, messages
from db.delivery.channels import Robot
from db.errors import NotAllowed
from db.imports import mappings, undo
from db.interviews import actions, interviewing
from db.log.entry import Entry
from db.meetings import agenda, closing, commitments, days_off, deputies, notes, promises, running, shelf, visiting
from db.models import (
    Absence,
    Account,
    Activity,
    AgreedAction,
    AllowedHost,
    Channel,
    Deputy,
    ImportBatch,
    Interview,
    Message,
    Posting,
    ShelfView,
    SignIn,
    Territory,
    TerritoryOwner,
)
from db.people import leave, staffing, territory_owners
from db.plans import plans
from db.plans.plans import Target
from db.recording import bulk, moving, recording
from tests.support import meetings_held
from tests.support.builders import BROWSER, EAST, LI, MONDAY, PASSWORD, REGION, SOUTH, WANG, ZHAO, account, bank, enter
from tests.support.groups import group, message
from tests.support.sheets import TODAY, bring, counts, file, fresh, held_values, logged, row, trail
from tests.support.sweep import sampled

pytestmark = [pytest.mark.both_engines, pytest.mark.slow]

HOST = "qyapi.weixin.qq.com"
LATER = MONDAY + timedelta(7)
SUNDAY = MONDAY - timedelta(1)
NEWCOMERS = pl.DataFrame({"manager": [ZHAO], "staff_no": ["1003"], "manager_name": ["赵敏"]})
VISIT = Entry("consultation", MONDAY, customer_name="湖滨书店")
STRICT = {"small_sample": 5}
ACTION = interviewing.Action("the_manager", "每天三户", MONDAY)
FOUND = interviewing.Sheet("habit", "urge", "consultations_a_day", "没有计划", (ACTION,))
PAIR = visiting.Arrangement((visiting.Place(WANG, 1, "main_talker"), visiting.Place(LI, 1, "observer")))
TO_KNOW = shelf.Content("news", "监管新规", "利率下调", MONDAY)
HELD = {"held_by": "head", "cause": "habit", "reaction": "urge", "watched": "deal_rate", "real_reason": "没有计划"}
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
    "recording.record": ("wang", lambda one: recording.record(one, WANG, VISIT, "new", MONDAY)),
    "recording.correct": ("wang", lambda one: recording.correct(one, *entry(one), MONDAY, note="改")),
    "recording.void": ("head", lambda one: recording.void(one, *entry(one))),
    "recording.restore": ("wang", lambda one: recording.restore(one, *withdrawn(one))),
    "moving.lose": ("wang", lambda one: moving.lose(one, 1, "rejected", "not_qualified", entry(one)[1], TODAY)),
    "moving.plan_step": ("wang", lambda one: moving.plan_step(one, 1, "call_again", TODAY, TODAY, (None, None))),
    "closing.close_day": ("head", lambda one: closing.close_day(one, EAST, MONDAY, MONDAY)),
    "closing.reopen_day": ("head", lambda one: closing.reopen_day(one, EAST, MONDAY)),
    "filing.put": ("wang", lambda one: filing.put(one, 1, None, 1)),
    "merging.merge": ("head", lambda one: merging.merge(one, 1, 2)),
    "handover.hand_over": ("head", lambda one: handover.hand_over(one, [1], LI, MONDAY, MONDAY)),
    "forgetting.forget": ("chief", lambda one: forgetting.forget(one, 2, "本人要求", LATER, 0, lambda *_told: None)),
    "agenda.change": (
        "head",
        lambda one: agenda.change(one, "weekly", agenda.ITEMS["weekly"][:1], MONDAY, EAST, MONDAY, 0),
    ),
    "deputies.name": ("head", lambda one: deputies.name(one, LI, MONDAY, MONDAY, MONDAY)),
    "deputies.end": ("head", lambda one: deputies.end(one, 1, MONDAY)),
    "visiting.plan": ("head", lambda one: visiting.plan(one, EAST, LATER, PAIR, MONDAY)),
    "visiting.repeat": (
        "head",
        lambda one: visiting.repeat(one, EAST, visiting.Rule(1, MONDAY, LATER), PAIR, MONDAY),
    ),
    "visiting.cancel": ("head", lambda one: visiting.cancel(one, 1, "下雨", MONDAY)),
    "shelf.put": ("head", lambda one: shelf.put(one, TO_KNOW, EAST)),
    "shelf.withdraw": ("head", lambda one: shelf.withdraw(one, 1)),
    "shelf.extract": ("head", lambda one: shelf.extract(one, 1, "focus", "先问旺季备货")),
    "shelf.mark_seen": ("wang", lambda one: shelf.mark_seen(one, 1, MONDAY)),
    "running.start": ("head", lambda one: running.start(one, EAST, "evening", MONDAY, MONDAY)),
    "running.attend": ("head", lambda one: running.attend(one, 1, {WANG: "present"})),
    "running.set_chair": ("head", lambda one: running.set_chair(one, 1, "王芳")),
    "running.go_to": ("head", lambda one: running.go_to(one, 1, "targets", "focus")),
    "running.end": ("head", lambda one: running.end(one, 1)),
    "running.resume": ("head", lambda one: running.resume(one, 2)),
    "notes.write_reason": ("wang", lambda one: notes.write_reason(one, 1, "客户在外地", "")),
    "notes.write_note": ("wang", lambda one: notes.write_note(one, 1, "focus", "记一笔", "")),
    "commitments.agree": ("head", lambda one: commitments.agree(one, 1, "focus", "跟进", MONDAY, LI, MONDAY)),
    "commitments.finish": ("wang", lambda one: commitments.finish(one, 1, MONDAY)),
    "commitments.drop": ("head", lambda one: commitments.drop(one, 1, "不需要", MONDAY)),
    "interviewing.hold": ("head", lambda one: interviewing.hold(one, WANG, FOUND, MONDAY)),
    "interviewing.answer": ("wang", lambda one: interviewing.answer(one, 1, "同意")),
    "actions.mark": ("wang", lambda one: actions.mark(one, 1, True, MONDAY)),
    "promises.set_promises": ("head", lambda one: promises.set_promises(one, MONDAY, {WANG: {"deals": 1}})),
    "promises.confirm": ("wang", lambda one: promises.confirm(one, WANG, MONDAY, {"deals": 1}, MONDAY)),
    "days_off.say_works": ("head", lambda one: days_off.say_works(one, EAST, SUNDAY)),
    "bulk.each": ("wang", lambda one: bulk.plan_step(one, [1], "call_again", TODAY, entry(one)[1], TODAY)),
    "mappings.remember": ("head", lambda one: mappings.remember(one, "activities", {"拜访日期": "date"})),
    "imports.import_file": ("program", lambda one: file(one, "people", HIRED)),
    "undo.undo_batch": ("program", lambda one: undo.undo_batch(one, batch(one))),
    "matching.may_be_told": ("wang", lambda one: matching.may_be_told(one, 1)),
    "customers.unmask": ("regional", lambda one: customers.unmask(one, 1, "客户投诉", 5)),
    "trail.exported": ("regional", lambda one: audit_trail.exported(one, "comparison", {}, 3)),
    "accounts.add": ("chief", lambda one: accounts.add(one, "new", "新人", "auditor", None, None)),
    "accounts.add_managers": ("chief", lambda one: accounts.add_managers(one, NEWCOMERS)),
    "accounts.change_role": ("chief", lambda one: accounts.change_role(one, 1, "auditor", None)),
    "accounts.disable": ("chief", lambda one: accounts.disable(one, 1)),
    "accounts.enable": ("chief", lambda one: accounts.enable(one, 6)),
    "accounts.set_password": ("chief", lambda one: accounts.set_password(one, 1, "blue-kettle-42")),
    "accounts.change_own_password": ("wang", lambda one: accounts.change_own_password(one, PASSWORD, "blue-kettle-42")),
    "staffing.add_branch": ("chief", lambda one: staffing.add_branch(one, "江城分行", "西山支行")),
    "staffing.hire": ("chief", lambda one: staffing.hire(one, "1009", "周正", EAST, MONDAY)),
    "staffing.transfer": ("chief", lambda one: staffing.transfer(one, WANG, SOUTH, LATER)),
    "territory_owners.give": ("head", lambda one: territory_owners.give(one, 1, LI, MONDAY)),
    "territory_owners.end": ("head", lambda one: territory_owners.end(one, 1, MONDAY)),
    "plans.set_targets": (
        "head",
        lambda one: plans.set_targets(one, MONDAY, [Target("manager", WANG, "deals", 9, None)]),
    ),
    "definitions.set_version": ("regional", lambda one: definitions.set_version(one, MONDAY, STRICT, 1, MONDAY)),
    "calendar.load_notice": ("chief", lambda one: calendar.load_notice(one, Notice(2027, {LATER: "行庆"}, {}))),
    "calendar.set_day": ("chief", lambda one: calendar.set_day(one, LATER, False, "行庆")),
    "leave.record": ("head", lambda one: leave.record(one, WANG, MONDAY, MONDAY)),
    "leave.withdraw": ("head", lambda one: leave.withdraw(one, LI, MONDAY)),
    "channels.allow": ("chief", lambda one: channels.allow(one, "oapi.dingtalk.com")),
    "channels.forbid": ("chief", lambda one: channels.forbid(one, HOST)),
    "channels.add": (
        "head",
        lambda one: channels.add(one, EAST, Robot("wecom", "新群", address=f"https://{HOST}/a?key=b")),
    ),
    "channels.change": ("head", lambda one: channels.change(one, 1, Robot("wecom", "东湖群", is_on=False))),
    "messages.queue": ("head", lambda one: messages.queue(one, EAST, "evening", MONDAY, "夕会纪要")),
    "messages.try_out": ("chief", lambda one: messages.try_out(one, 1, MONDAY, "测试消息")),
    "messages.send_again": ("head", lambda one: messages.send_again(one, 1)),
    "messages.strike": ("head", lambda one: messages.strike(one, 1)),
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
        write.session.add(Interview(id=1, manager_id=WANG, branch_id=EAST, day=SUNDAY, **HELD))
        meetings_held.add(write)
        write.session.add(Territory(id=1, branch_id=EAST, name="东湖社区"))
        write.session.flush()
        write.session.add(TerritoryOwner(id=1, territory_id=1, manager_id=WANG))
        write.session.add(AgreedAction(id=1, interview_id=1, owner="the_manager", action="每天三户", due=MONDAY))
        write.session.add(AllowedHost(host=HOST, internal=False, added_by="chief", added_at=write.now))
        write.session.add(group(1, EAST, "东湖群", HOST))
        write.session.flush()
        write.session.add(message(1, 1, "unconfirmed", write.now))
    for login, (role, place) in PEOPLE.items():
        identity = account(store, login, "auditor", None, PASSWORD if login == "wang" else None)
        columns = {"role": role} | ({f"{rights.PLACE[role]}_id": place} if role in rights.PLACE else {})
        with store.writing("test") as write:
            write.session.execute(update(Account).where(Account.id == identity).values(columns))
    with store.writing("test") as write:
        write.session.add(Account(login="gone", name="走了", role="auditor", must_change=False, disabled_at=write.now))
    return store


def stored(store) -> dict:
    """What the tables hold, besides the trail, and every value a write above may change."""
    tables = (
        Absence,
        Account,
        Activity,
        AllowedHost,
        Channel,
        Interview,
        Message,
        Deputy,
        Posting,
        ShelfView,
        TerritoryOwner,
    )
    return {name: number for name, number in counts(store).items() if name not in ("audit", "session")} | {
        table.__tablename__: held_values(store, table.__table__) for table in tables
    }


WITHIN_AN_IMPORT = {"portions.in_turns", "intake.accepted", "intake.given_up", "intake.broken_off"}


def test_every_function_that_writes_in_a_viewers_name_is_here():
    begins = {"writing", "writing_note", "managing_accounts"}
    found = set()
    for path in sorted((Path(__file__).parents[2] / "db").rglob("*.py")):
        for function in ast.parse(path.read_text()).body:
            called = {getattr(node.func, "id", None) for node in ast.walk(function) if isinstance(node, ast.Call)}
            if isinstance(function, ast.FunctionDef) and called & begins and function.name not in begins:
                found.add(f"{path.stem}.{function.name}")
    assert found == WRITES.keys() | WITHIN_AN_IMPORT


@pytest.mark.parametrize("kind", sampled(list(WRITES), 3))
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
    recording.record(viewer, WANG, VISIT, "first", MONDAY)
    with store.writing("test") as write:
        ENDS[end](viewer, write)
    held = stored(store)
    with pytest.raises(NotAllowed, match="no longer signed in"):
        recording.record(viewer, WANG, VISIT, "second", MONDAY)
    assert stored(store) == held and trail(store)[-1] == ("wang", "refuse", "write")


def test_a_refusal_inside_a_write_is_noted_though_the_write_is_rolled_back(store):
    account(bank(store), "head", "branch_head", EAST)
    viewer, held = enter(store, "head"), stored(store)
    with pytest.raises(NotAllowed):
        promises.set_promises(viewer, MONDAY, {WANG: {"deals": 1}, ZHAO: {"deals": 1}})
    assert stored(store) == held and trail(store)[-1] == ("head", "refuse", "set_promises")
