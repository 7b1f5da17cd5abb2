"""A day closed by its evening meeting is the branch head's to change, and an entry may be late only so long."""

from datetime import timedelta

import pytest
from builders import EAST, MONDAY, SOUTH, WANG, bank, head, manager, regional
from sheets import logged, trail

from db import activity, meetings
from db.entry import Entry
from db.errors import NotAllowed, Refused
from db.models import Activity

VISIT = Entry("consultation", MONDAY, customer_name="湖滨书店")
SUNDAY = MONDAY - timedelta(1)


def record(viewer, reference="r", entry=VISIT, **more) -> int:
    return activity.record(viewer, WANG, entry, reference, MONDAY, **more)


def seen(store) -> int:
    return logged(store, Activity.version)[0][0]


def test_on_a_closed_day_only_the_branch_head_records_corrects_withdraws_and_puts_back(store):
    identity = record(manager(bank(store)))
    meetings.close_day(head(store), EAST, MONDAY, MONDAY)
    late = (
        lambda one: record(one, "late"),
        lambda one: activity.correct(one, identity, seen(store), MONDAY, note="改"),
        lambda one: activity.void(one, identity, seen(store)),
        lambda one: activity.restore(one, identity, seen(store)),
    )
    for write in late:
        with pytest.raises(Refused, match=r"2026-11-16 was closed by its evening meeting"):
            write(manager(store))
    for write in late:
        write(head(store))
    assert logged(store, Activity.recorded_by, Activity.voided_at, Activity.note) == [
        ("manager 1", None, "改"),
        ("head 1", None, None),
    ]


def test_what_was_stored_before_the_closing_may_be_sent_again(store):
    identity = record(manager(bank(store)))
    meetings.close_day(head(store), EAST, MONDAY, MONDAY)
    assert record(manager(store)) == identity


def test_a_row_is_not_moved_onto_a_closed_day(store):
    identity = record(manager(bank(store)))
    meetings.close_day(head(store), EAST, SUNDAY, MONDAY)
    with pytest.raises(Refused, match="2026-11-15 was closed"):
        activity.correct(manager(store), identity, seen(store), MONDAY, day=SUNDAY)
    activity.correct(manager(store), identity, seen(store), MONDAY, note="当天的仍可改")


def test_another_branch_and_another_day_stay_open(store):
    bank(store)
    meetings.close_day(head(store, SOUTH), SOUTH, MONDAY, MONDAY)
    meetings.close_day(head(store), EAST, SUNDAY, MONDAY)
    record(manager(store))
    assert meetings.closed(head(store), EAST, SUNDAY) and not meetings.closed(head(store), EAST, MONDAY)
    assert not meetings.closed(head(store), SOUTH, MONDAY)  # not his to know


def test_a_day_is_closed_once_and_may_be_opened_again(store):
    bank(store)
    for _time in range(2):
        meetings.close_day(head(store), EAST, MONDAY, MONDAY)
    for _time in range(2):
        meetings.reopen_day(head(store), EAST, MONDAY)
    record(manager(store))
    deeds = [action for _, action, entity in trail(store) if entity == "branch"]
    assert deeds == ["close_day", "reopen_day"]


def test_only_the_branch_head_closes_his_branchs_days(sqlite_store):
    bank(sqlite_store)
    for viewer in (manager(sqlite_store), regional(sqlite_store), head(sqlite_store, SOUTH)):
        for write in (
            lambda one: meetings.close_day(one, EAST, MONDAY, MONDAY),
            lambda one: meetings.reopen_day(one, EAST, MONDAY),
        ):
            with pytest.raises(NotAllowed):
                write(viewer)
    with pytest.raises(NotAllowed):
        meetings.close_day(head(sqlite_store), 99, MONDAY, MONDAY)
    with pytest.raises(Refused, match="not come yet"):
        meetings.close_day(head(sqlite_store), EAST, MONDAY + timedelta(1), MONDAY)


@pytest.mark.parametrize("days", [0, 7])
def test_an_entry_as_late_as_is_allowed_is_taken_and_one_day_later_refused(sqlite_store, days):
    viewer, first = manager(bank(sqlite_store)), MONDAY - timedelta(days)
    record(viewer, "in time", Entry("consultation", first, customer_name="甲"), earliest=first)
    with pytest.raises(Refused, match=f"at most {days} days late"):
        late = Entry("consultation", first - timedelta(1), customer_name="甲")
        record(viewer, "late", late, earliest=first)
    assert len(logged(sqlite_store, Activity.id)) == 1


def test_a_row_is_not_moved_further_back_than_allowed_but_an_old_one_may_be_mended(sqlite_store):
    viewer = manager(bank(sqlite_store))
    identity = record(viewer)
    with pytest.raises(Refused, match="too long ago"):
        activity.correct(viewer, identity, seen(sqlite_store), MONDAY, earliest=MONDAY, day=SUNDAY)
    later = MONDAY + timedelta(30)
    activity.correct(viewer, identity, seen(sqlite_store), later, earliest=later, note="改")
    assert logged(sqlite_store, Activity.note) == [("改",)]
