"""A day closed by its evening meeting is the branch head's to change, and an entry may be late only so long."""

from datetime import timedelta

import pytest

from db.errors import NotAllowed, Refused
from db.log.entry import Entry
from db.meetings import closing
from db.models import Activity
from db.recording import recording
from tests.support.builders import EAST, MONDAY, SOUTH, WANG, bank, head, manager, regional
from tests.support.sheets import logged, trail

VISIT = Entry("consultation", MONDAY, customer_name="湖滨书店")
FRIDAY = MONDAY - timedelta(3)


def record(viewer, reference="r", entry=VISIT, **more) -> int:
    return recording.record(viewer, WANG, entry, reference, MONDAY, **more)


def seen(store) -> int:
    return logged(store, Activity.version)[0][0]


def test_on_a_closed_day_only_the_branch_head_records_corrects_withdraws_and_puts_back(store):
    identity = record(manager(bank(store)))
    closing.close_day(head(store), EAST, MONDAY, MONDAY)
    late = (
        lambda one: record(one, "late"),
        lambda one: recording.correct(one, identity, seen(store), MONDAY, note="改"),
        lambda one: recording.void(one, identity, seen(store)),
        lambda one: recording.restore(one, identity, seen(store)),
    )
    for write in late:
        with pytest.raises(Refused, match=r"2026-11-16 was closed at the evening meeting"):
            write(manager(store))
    for write in late:
        write(head(store))
    assert logged(store, Activity.recorded_by, Activity.voided_at, Activity.note) == [
        ("manager 1", None, "改"),
        ("head 1", None, None),
    ]


def test_what_was_stored_before_the_closing_may_be_sent_again(store):
    identity = record(manager(bank(store)))
    closing.close_day(head(store), EAST, MONDAY, MONDAY)
    assert record(manager(store)) == identity


def test_a_row_is_not_moved_onto_a_closed_day(store):
    identity = record(manager(bank(store)))
    closing.close_day(head(store), EAST, FRIDAY, MONDAY)
    with pytest.raises(Refused, match="2026-11-13 was closed"):
        recording.correct(manager(store), identity, seen(store), MONDAY, day=FRIDAY)
    recording.correct(manager(store), identity, seen(store), MONDAY, note="当天的仍可改")


def test_another_branch_and_another_day_stay_open(store):
    bank(store)
    closing.close_day(head(store, SOUTH), SOUTH, MONDAY, MONDAY)
    closing.close_day(head(store), EAST, FRIDAY, MONDAY)
    record(manager(store))
    assert closing.closed(head(store), EAST, FRIDAY) and not closing.closed(head(store), EAST, MONDAY)
    assert not closing.closed(head(store), SOUTH, MONDAY)  # not theirs to know


@pytest.mark.both_engines
def test_a_day_is_closed_once_and_may_be_opened_again(store):
    bank(store)
    for _time in range(2):
        closing.close_day(head(store), EAST, MONDAY, MONDAY)
    for _time in range(2):
        closing.reopen_day(head(store), EAST, MONDAY)
    record(manager(store))
    deeds = [action for _, action, entity in trail(store) if entity == "branch"]
    assert deeds == ["close_day", "reopen_day"]


def test_only_the_branch_head_closes_his_branchs_days(sqlite_store):
    bank(sqlite_store)
    for viewer in (manager(sqlite_store), regional(sqlite_store), head(sqlite_store, SOUTH)):
        for write in (
            lambda one: closing.close_day(one, EAST, MONDAY, MONDAY),
            lambda one: closing.reopen_day(one, EAST, MONDAY),
        ):
            with pytest.raises(NotAllowed):
                write(viewer)
    with pytest.raises(NotAllowed):
        closing.close_day(head(sqlite_store), 99, MONDAY, MONDAY)
    with pytest.raises(Refused, match="not come yet"):
        closing.close_day(head(sqlite_store), EAST, MONDAY + timedelta(1), MONDAY)


@pytest.mark.parametrize("days", [0, 7])
def test_an_entry_as_late_as_is_allowed_is_taken_and_one_day_later_refused(sqlite_store, days):
    viewer, first = manager(bank(sqlite_store)), MONDAY - timedelta(days)
    record(viewer, "in time", Entry("consultation", first, customer_name="甲"), earliest=first)
    with pytest.raises(Refused, match="too long ago"):
        late = Entry("consultation", first - timedelta(1), customer_name="甲")
        record(viewer, "late", late, earliest=first)
    assert len(logged(sqlite_store, Activity.id)) == 1


def test_a_row_is_not_moved_further_back_than_allowed_but_an_old_one_may_be_mended(sqlite_store):
    viewer = manager(bank(sqlite_store))
    identity = record(viewer)
    with pytest.raises(Refused, match="too long ago"):
        recording.correct(viewer, identity, seen(sqlite_store), MONDAY, earliest=MONDAY, day=FRIDAY)
    later = MONDAY + timedelta(30)
    recording.correct(viewer, identity, seen(sqlite_store), later, earliest=later, note="改")
    assert logged(sqlite_store, Activity.note) == [("改",)]
