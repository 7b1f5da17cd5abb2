"""Promises of the morning: set by the branch head, whole or not at all, with a trail."""

from datetime import date

import pytest
from sqlalchemy import select

from dashboard.shell.store import operator
from db.access import Viewer
from db.errors import NotAllowed, Refused
from db.meetings import closing, promises
from db.models import Audit
from tests.support.builders import EAST, LI, MONDAY, WANG, ZHAO, bank, head, manager, regional
from tests.support.sheets import counts


def promised(viewer, day=MONDAY) -> set[tuple]:
    return set(promises.read(viewer, day).select("manager", "measure", "target").iter_rows())


@pytest.mark.both_engines
def test_a_promise_is_set_changed_and_taken_back_with_a_trail(store):
    viewer = head(bank(store))
    assert (
        promises.set_promises(viewer, MONDAY, {WANG: {"consultations": 4, "deals": 1}, LI: {"consultations": 3}}) == 3
    )
    assert (
        promises.set_promises(viewer, MONDAY, {WANG: {"consultations": 5, "deals": None}, LI: {"consultations": 3}})
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
        promises.set_promises(viewer, MONDAY, {WANG: {"consultations": 4}, LI: {measure: target}})
    assert counts(store) == held


def test_promises_are_set_in_the_own_branch_only_and_seen_in_the_scope(sqlite_store):
    bank(sqlite_store)
    with pytest.raises(NotAllowed):
        promises.set_promises(head(sqlite_store), MONDAY, {WANG: {"deals": 1}, ZHAO: {"deals": 1}})
    for viewer in (manager(sqlite_store), regional(sqlite_store), Viewer(sqlite_store, "x", "guest")):
        with pytest.raises(NotAllowed):
            promises.set_promises(viewer, MONDAY, {WANG: {"deals": 1}})
    with pytest.raises(Refused, match="not posted"):
        promises.set_promises(operator(sqlite_store), MONDAY, {99: {"deals": 1}})
    promises.set_promises(operator(sqlite_store), MONDAY, {one: {"deals": one} for one in (WANG, LI, ZHAO)})
    assert {one for one, *_ in promised(regional(sqlite_store))} == {WANG, LI, ZHAO}
    assert {one for one, *_ in promised(head(sqlite_store, EAST))} == {WANG, LI}
    assert {one for one, *_ in promised(manager(sqlite_store))} == {WANG}


def confirm(viewer, targets: dict, today=MONDAY, who: int = WANG, day=MONDAY) -> None:
    promises.confirm(viewer, who, day, targets, today)


@pytest.mark.both_engines
def test_a_manager_confirms_what_was_promised_for_them_or_changes_it(store):
    bank(store)
    own, chief = manager(store), head(store)
    promises.set_promises(chief, MONDAY, {WANG: {"consultations": 4, "deals": 1}, LI: {"consultations": 3}})
    assert promises.confirmed(chief, MONDAY) == set()
    confirm(own, {"consultations": 4, "deals": 1})
    assert promises.confirmed(chief, MONDAY) == {WANG} == promises.confirmed(own, MONDAY)
    confirm(own, {"consultations": 6, "applications": 1})
    assert promised(own) == {(WANG, "consultations", 6), (WANG, "applications", 1)}
    assert promises.confirmed(chief, MONDAY) == {WANG}
    promises.set_promises(chief, MONDAY, {WANG: {"consultations": 8}})
    assert promises.confirmed(chief, MONDAY) == set(), "what is changed for them is not their word any more"


def test_of_nothing_there_is_no_promise(sqlite_store):
    viewer = head(bank(sqlite_store))
    promises.set_promises(viewer, MONDAY, {WANG: {"consultations": 4, "deals": 0}})
    assert promised(viewer) == {(WANG, "consultations", 4)}
    promises.set_promises(viewer, MONDAY, {WANG: {"consultations": 0}})
    assert promised(viewer) == set()
    with pytest.raises(Refused):
        confirm(manager(sqlite_store), {"consultations": 0, "deals": None})


def test_nobody_confirms_for_another_nor_on_another_day_nor_once_the_day_is_closed(sqlite_store):
    bank(sqlite_store)
    own, wanted = manager(sqlite_store), {"deals": 1}
    for viewer, who in ((own, LI), (head(sqlite_store), WANG), (regional(sqlite_store), WANG), (own, 99)):
        with pytest.raises(NotAllowed):
            confirm(viewer, wanted, who=who)
    with pytest.raises(Refused, match="another"):
        confirm(own, wanted, today=date(2026, 11, 17))
    closing.close_day(head(sqlite_store), EAST, MONDAY, MONDAY)
    with pytest.raises(Refused, match="closed"):
        confirm(own, wanted)
    assert promised(operator(sqlite_store)) == set()
