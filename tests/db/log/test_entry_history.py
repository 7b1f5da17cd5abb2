"""The log's own history: who recorded what when, every correction, and nothing of what is not one's own."""

from datetime import timedelta

import pytest

from dashboard.shell.store import operator
from db.access import Viewer
from db.errors import NotAllowed
from db.log import entry_history
from db.log.entry import Entry
from db.models import Activity
from db.recording import recording
from tests.support.builders import EAST, LI, MONDAY, SOUTH, WANG, ZHAO, bank, head, manager, regional
from tests.support.sheets import bring, logged, row

VISIT = Entry("consultation", MONDAY, customer_name="湖滨书店", note="a")


@pytest.fixture
def kept(store):
    bank(store)
    for who in (WANG, LI, ZHAO):
        recording.record(operator(store), who, VISIT, f"{who}", MONDAY)
    return store


def version(store, identity=1) -> int:
    return dict(logged(store, Activity.id, Activity.version))[identity]


def names(found) -> list[str]:
    return sorted(found["manager_name"])


def test_everyone_sees_the_rows_of_his_scope(kept):
    days = (MONDAY, MONDAY)
    assert names(entry_history.read(manager(kept), *days)) == ["王芳"]
    assert names(entry_history.read(head(kept), *days)) == ["李强", "王芳"]
    assert names(entry_history.read(head(kept), *days, manager=LI)) == ["李强"]
    assert entry_history.read(head(kept), *days, kind="deal").is_empty()
    assert names(entry_history.read(head(kept), *days, kind="consultation")) == ["李强", "王芳"]
    assert names(entry_history.read(regional(kept), *days)) == ["李强", "王芳", "赵敏"]
    assert names(entry_history.read(regional(kept), *days, branch=SOUTH)) == ["赵敏"]
    assert entry_history.read(head(kept), *days, branch=SOUTH).is_empty()
    assert entry_history.read(regional(kept), MONDAY + timedelta(1), MONDAY + timedelta(2)).is_empty()
    with pytest.raises(NotAllowed):
        entry_history.read(Viewer(kept, "admin", "administrator"), *days)


def test_a_customer_is_whole_only_for_those_who_look_after_him(kept):
    assert set(entry_history.read(head(kept), MONDAY, MONDAY)["customer_name"]) == {"湖滨书店"}
    assert set(entry_history.read(regional(kept), MONDAY, MONDAY)["customer_name"]) == {"湖*"}


@pytest.mark.both_engines
def test_every_correction_is_told_with_what_stood_there_before(kept):
    recording.correct(manager(kept), 1, version(kept), MONDAY, note="b")
    recording.void(head(kept), 1, version(kept))
    recording.restore(head(kept), 1, version(kept))
    told = entry_history.of_entry(manager(kept), 1)
    assert [(account, action, deeds) for _at, account, action, deeds in told] == [
        ("manager 1", "correct", {"note": ("a", "b")}),
        ("head 1", "void", {"voided": (False, True)}),
        ("head 1", "restore", {"voided": (True, False)}),
    ]
    row = entry_history.read(manager(kept), MONDAY, MONDAY).row(0, named=True)
    assert (row["changes"], row["voided"], row["recorded_by"]) == (3, False, "operator")


def test_what_was_noted_of_a_masked_customer_is_left_out(kept):
    recording.correct(manager(kept), 1, version(kept), MONDAY, note="b", method="visit")
    ((_at, _account, _action, deeds),) = entry_history.of_entry(regional(kept), 1)
    assert deeds == {"method": (None, "visit")}


def test_the_history_of_a_row_out_of_scope_is_empty_like_that_of_none(kept):
    recording.void(head(kept), 1, version(kept))
    for viewer in (manager(kept, LI), head(kept, SOUTH), manager(kept, ZHAO, SOUTH)):
        assert entry_history.of_entry(viewer, 1) == entry_history.of_entry(viewer, 99) == []


def test_a_withdrawn_row_stands_there_and_an_imported_one_names_its_batch(sqlite_store):
    bank(sqlite_store)
    bring(operator(sqlite_store), row(customer="甲"))
    recording.void(head(sqlite_store, EAST), 1, version(sqlite_store))
    found = entry_history.read(head(sqlite_store), MONDAY, MONDAY).row(0, named=True)
    assert (found["batch"], found["voided"]) == (1, True)
