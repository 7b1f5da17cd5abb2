"""Promises of the morning: set by the branch head, whole or not at all, with a trail."""

from datetime import date

import pytest
from builders import EAST, LI, MONDAY, WANG, ZHAO, bank, head, manager, regional
from sheets import counts
from sqlalchemy import select

from dashboard.stores import operator
from db import meetings
from db.access import Viewer
from db.errors import NotAllowed, Refused
from db.models import Audit


def promised(viewer, day=MONDAY) -> set[tuple]:
    return set(meetings.promises(viewer, day).select("manager", "measure", "target").iter_rows())


def test_a_promise_is_set_changed_and_taken_back_with_a_trail(store):
    viewer = head(bank(store))
    assert (
        meetings.set_promises(viewer, MONDAY, {WANG: {"consultations": 4, "deals": 1}, LI: {"consultations": 3}}) == 3
    )
    assert (
        meetings.set_promises(viewer, MONDAY, {WANG: {"consultations": 5, "deals": None}, LI: {"consultations": 3}})
        == 2
    )
    assert promised(viewer) == {(WANG, "consultations", 5), (LI, "consultations", 3)}
    assert promised(viewer, date(2026, 11, 17)) == set()
    with store.reading() as connection:
        trail = connection.execute(select(Audit.account, Audit.before, Audit.after).order_by(Audit.id)).all()
    assert [(account, before["target"], after["target"]) for account, before, after in trail] == [
        ("head 1", None, 4),
        ("head 1", None, 1),
        ("head 1", None, 3),
        ("head 1", 4, 5),
        ("head 1", 1, None),
    ]


@pytest.mark.parametrize("measure, target", [("deals", -1), ("smiles", 1), ("deal_amount", 10**18)])
def test_one_wrong_promise_leaves_none_of_them(store, measure, target):
    viewer = head(bank(store))
    held = counts(store)
    with pytest.raises(Refused):
        meetings.set_promises(viewer, MONDAY, {WANG: {"consultations": 4}, LI: {measure: target}})
    assert counts(store) == held


def test_promises_are_set_in_the_own_branch_only_and_seen_in_the_scope(sqlite_store):
    bank(sqlite_store)
    with pytest.raises(NotAllowed):
        meetings.set_promises(head(sqlite_store), MONDAY, {WANG: {"deals": 1}, ZHAO: {"deals": 1}})
    for viewer in (manager(sqlite_store), regional(sqlite_store), Viewer(sqlite_store, "x", "guest")):
        with pytest.raises(NotAllowed):
            meetings.set_promises(viewer, MONDAY, {WANG: {"deals": 1}})
    with pytest.raises(Refused, match="not posted"):
        meetings.set_promises(operator(sqlite_store), MONDAY, {99: {"deals": 1}})
    meetings.set_promises(operator(sqlite_store), MONDAY, {one: {"deals": one} for one in (WANG, LI, ZHAO)})
    assert {one for one, *_ in promised(regional(sqlite_store))} == {WANG, LI, ZHAO}
    assert {one for one, *_ in promised(head(sqlite_store, EAST))} == {WANG, LI}
    assert {one for one, *_ in promised(manager(sqlite_store))} == {WANG}
