"""Promises for a week: the same rows as those for a day, and what was promised late."""

from datetime import date, timedelta

import pytest

from dashboard.shell.store import operator
from db.errors import Conflict, NotAllowed, Refused
from db.meetings import closing, held, notes, promises, running
from tests.support.builders import EAST, LI, MONDAY, SOUTH, WANG, bank, head, manager, regional

SUNDAY = MONDAY + timedelta(6)
TEN = {"consultations": 10}


def promised(viewer, grain: str) -> list[tuple]:
    return promises.read(viewer, MONDAY, grain).select("manager", "target", "late").rows()


@pytest.mark.both_engines
def test_a_day_and_the_week_that_begins_on_it_are_two_promises(store):
    viewer = head(bank(store))
    promises.set_promises(viewer, MONDAY, {WANG: {"consultations": 2}})
    assert promises.set_promises(viewer, MONDAY, {WANG: TEN}, "week") == 1
    assert (promised(viewer, "day"), promised(viewer, "week")) == ([(WANG, 2, False)], [(WANG, 10, False)])
    promises.confirm(manager(store), WANG, MONDAY, TEN, MONDAY, "week")
    assert (promises.confirmed(viewer, MONDAY), promises.confirmed(viewer, MONDAY, "week")) == (set(), {WANG})
    promises.set_promises(viewer, MONDAY, {WANG: {"consultations": None}}, "week")
    assert (promised(viewer, "day"), promised(viewer, "week")) == ([(WANG, 2, False)], [])


def test_a_week_begins_on_a_monday_and_is_confirmed_until_it_is_over(sqlite_store):
    bank(sqlite_store)
    with pytest.raises(Refused, match="Monday"):
        promises.set_promises(head(sqlite_store), MONDAY + timedelta(1), {WANG: TEN}, "week")
    with pytest.raises(Refused, match="for a day or for a week"):
        promises.set_promises(head(sqlite_store), MONDAY, {WANG: TEN}, "month")
    promises.confirm(manager(sqlite_store), WANG, MONDAY, TEN, MONDAY - timedelta(4), "week")
    promises.confirm(manager(sqlite_store), WANG, MONDAY, {"consultations": 11}, SUNDAY, "week")
    with pytest.raises(Refused, match="is over"):
        promises.confirm(manager(sqlite_store), WANG, MONDAY, TEN, SUNDAY + timedelta(1), "week")
    with pytest.raises(NotAllowed):
        promises.confirm(manager(sqlite_store), LI, MONDAY, TEN, MONDAY, "week")
    assert promised(operator(sqlite_store), "week") == [(WANG, 11, False)]


@pytest.mark.parametrize("grain", ["day", "week"])
def test_what_is_made_or_changed_late_is_late_and_what_is_confirmed_as_it_stands_is_not(sqlite_store, grain):
    bank(sqlite_store)
    own, chief = manager(sqlite_store), head(sqlite_store)
    promises.set_promises(chief, MONDAY, {WANG: TEN | {"deals": 1}, LI: TEN}, grain)
    promises.confirm(own, WANG, MONDAY, TEN | {"deals": 1}, MONDAY, grain, late=True)
    assert not promises.read(chief, MONDAY, grain)["late"].any()
    promises.confirm(own, WANG, MONDAY, TEN, MONDAY, grain, late=True)  # a deal less: the whole promise is another one
    assert promised(chief, grain) == [(WANG, 10, True), (LI, 10, False)]
    promises.set_promises(chief, MONDAY, {LI: {"consultations": 12}}, grain, late=True)
    assert [late for *_, late in promised(chief, grain)] == [True, True]


def evening(store) -> int:
    return running.start(head(bank(store)), EAST, "evening", MONDAY, MONDAY)


def test_a_reason_is_ones_own_and_is_read_by_the_head_and_the_region_and_by_no_colleague(sqlite_store):
    meeting = evening(sqlite_store)
    notes.write_reason(manager(sqlite_store), meeting, "客户在外地", "")
    notes.write_reason(manager(sqlite_store), meeting, "客户在外地", "")
    with pytest.raises(Conflict, match="another device"):
        notes.write_reason(manager(sqlite_store), meeting, "下雨", "")
    for viewer in (head(sqlite_store), regional(sqlite_store), manager(sqlite_store)):
        assert held.reasons(viewer, meeting, EAST) == {WANG: "客户在外地"}
    assert held.reasons(head(sqlite_store, SOUTH), meeting, EAST) == {}
    notes.write_reason(manager(sqlite_store), meeting, "", "客户在外地")
    assert held.reasons(head(sqlite_store), meeting, EAST) == {}


def test_a_reason_is_given_while_the_meeting_that_reconciles_runs(sqlite_store):
    meeting = evening(sqlite_store)
    with pytest.raises(NotAllowed):
        notes.write_reason(head(sqlite_store), meeting, "替他写", "")
    with pytest.raises(Refused, match="ID or bank card"):
        notes.write_reason(manager(sqlite_store), meeting, "11010519491231002X", "")
    running.end(head(sqlite_store), meeting)
    with pytest.raises(Refused, match="not in progress"):
        notes.write_reason(manager(sqlite_store), meeting, "晚了", "")
    morning = running.start(head(sqlite_store), EAST, "morning", MONDAY, MONDAY)
    with pytest.raises(Refused, match="evening meeting"):
        notes.write_reason(manager(sqlite_store), morning, "早了", "")


def test_a_meeting_says_on_which_day_it_was_held(sqlite_store):
    friday = date(2026, 11, 20)
    running.start(head(bank(sqlite_store)), EAST, "weekly", MONDAY, friday)
    assert held.read(head(sqlite_store), EAST, "weekly", MONDAY).held_on == friday
    assert not closing.closed(head(sqlite_store), EAST, friday)
