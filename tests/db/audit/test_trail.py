"""The trail as people read it: by the bank's days, for those who may, with what leaves the bank."""

import json
from datetime import datetime, timedelta

import pytest
import time_machine

from dashboard.shell.store import operator
from db.access import Viewer
from db.audit import trail
from db.audit.trail import Wanted
from db.errors import NotAllowed
from db.log.entry import Entry
from db.models import Activity
from db.recording import recording
from tests.support import builders
from tests.support.builders import EAST, MONDAY, REGION, WANG, bank, head, manager, regional
from tests.support.sheets import logged


def auditor(store) -> Viewer:
    return Viewer(store, "auditor", "auditor")


def note(store, moment: str, account: str, action: str = "set") -> None:
    with time_machine.travel(datetime.fromisoformat(moment), tick=False), store.noting(account) as write:
        write.audit(action, "test", None, {"名": "甲"}, None)


@pytest.mark.both_engines
def test_a_day_of_the_trail_is_a_day_of_the_banks_clock_the_latest_first(store):
    for moment, account in [
        ("2026-11-15T23:59:59+08:00", "sunday"),
        ("2026-11-16T00:00:00+08:00", "first"),
        ("2026-11-16T23:59:59+08:00", "last"),
        ("2026-11-17T00:00:00+08:00", "tuesday"),
    ]:
        note(store, moment, account)
    found = trail.entries(auditor(store), Wanted(MONDAY, MONDAY))
    assert found.select("account", "at", "before", "after").rows() == [
        ("last", datetime(2026, 11, 16, 23, 59, 59), '{"名": "甲"}', None),
        ("first", datetime(2026, 11, 16), '{"名": "甲"}', None),
    ]
    assert trail.entries(auditor(store), Wanted(MONDAY - timedelta(1), MONDAY + timedelta(1)))["id"].to_list() == [
        4,
        3,
        2,
        1,
    ]
    assert trail.latest_day(auditor(store)) == MONDAY + timedelta(1)


def test_the_trail_is_searched_by_who_and_what(sqlite_store):
    for who, action in [("a", "set"), ("a", "void"), ("by", "set")]:
        note(sqlite_store, "2026-11-16T12:00:00+08:00", who, action)
    builders.account(sqlite_store, "by", "auditor")
    for asked, ids in [
        ({"account": "a"}, [2, 1]),
        ({"action": "set"}, [3, 1]),
        ({"account": "by", "action": "void"}, []),
        ({"account": "somebody called by"}, [3]),
    ]:
        assert trail.entries(auditor(sqlite_store), Wanted(MONDAY, MONDAY, **asked))["id"].to_list() == ids
    all_of_them = Wanted(MONDAY, MONDAY)
    assert trail.entries(auditor(sqlite_store), all_of_them, limit=1)["id"].to_list() == [3]
    assert trail.entries(auditor(sqlite_store), all_of_them, below=3)["id"].to_list() == [2, 1]


def test_an_empty_trail_has_no_last_day(store):
    assert trail.latest_day(auditor(store)) is None and trail.entries(auditor(store), Wanted(MONDAY, MONDAY)).is_empty()


def test_only_administrator_and_auditor_read_the_trail(sqlite_store):
    bank(sqlite_store)
    for viewer in (manager(sqlite_store), head(sqlite_store), regional(sqlite_store)):
        for read in (trail.entries, trail.count, lambda one, _wanted: trail.latest_day(one)):
            with pytest.raises(NotAllowed):
                read(viewer, Wanted(MONDAY, MONDAY))
    assert trail.latest_day(Viewer(sqlite_store, "chief", "administrator")) is not None


def test_what_leaves_the_bank_is_noted_before_it_leaves(sqlite_store):
    trail.exported(regional(bank(sqlite_store)), "comparison", {"month": "2026-11"}, 12)
    today = trail.latest_day(auditor(sqlite_store))
    found = trail.entries(auditor(sqlite_store), Wanted(today, today))
    assert found.select("account", "action", "entity", "after").rows() == [
        ("regional", "export", "comparison", '{"month": "2026-11", "rows": 12}')
    ]
    for viewer in (manager(sqlite_store), Viewer(sqlite_store, "tv", "screen", REGION, EAST)):
        with pytest.raises(NotAllowed):
            trail.exported(viewer, "comparison", {}, 12)


@pytest.mark.parametrize("role", ["administrator", "auditor"])
def test_the_trail_shows_no_note_on_a_customer_to_whom_notes_are_hidden(sqlite_store, role):
    viewer = manager(bank(sqlite_store))
    entry = Entry("consultation", MONDAY, customer_name="湖滨书店", note="老板张建国 13812345678")
    identity = recording.record(viewer, WANG, entry, "r", MONDAY)
    recording.correct(viewer, identity, logged(sqlite_store, Activity.version)[0][0], MONDAY, note="张建国不在")
    reader = Viewer(sqlite_store, role, role)
    today = trail.latest_day(operator(sqlite_store))
    shown = repr(trail.entries(reader, Wanted(today, today)).rows())
    assert "correct" in shown and "13812345678" not in shown and "张建国" not in shown


def test_of_a_free_text_the_trail_says_only_that_there_was_one(sqlite_store):
    texts = {"note": "张建国不在", "next_step": "周四回访", "lost_reason": "利率高", "reason": "投诉", "amount": 5}
    with sqlite_store.noting("test") as write:
        write.audit("correct", "plan", 1, dict.fromkeys(texts), texts)
    day = trail.latest_day(auditor(sqlite_store))
    found = trail.entries(auditor(sqlite_store), Wanted(day, day))
    assert json.loads(found["after"][0]) == texts | {"note": "…", "next_step": "…", "lost_reason": "…"}
    assert json.loads(found["before"][0]) == dict.fromkeys(texts)
