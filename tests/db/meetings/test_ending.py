"""A meeting nobody ends is over with its day, since what was last written in it."""

from datetime import timedelta

import pytest
import time_machine

from db import jobs
from db.errors import Refused
from db.meetings import agenda, closing, ending, held, notes, running
from db.meetings.agenda import Item
from tests.support.builders import EAST, MONDAY, WANG, bank, head, regional
from tests.support.sheets import trail

TWO = (Item("focus", "Today's focus", 5), Item("targets", "Today's targets", 5))
TUESDAY = MONDAY + timedelta(1)


@pytest.fixture
def clock():
    """Monday, 8:30 where the bank is."""
    with time_machine.travel(f"{MONDAY} 00:30", tick=False) as clock:
        yield clock


@pytest.fixture
def short(store, clock):
    """The bank, whose morning meetings have two items."""
    agenda.change(head(bank(store)), "morning", TWO, MONDAY, EAST, MONDAY, 0)
    return store


def begin(store, on=MONDAY, kind="morning") -> int:
    return running.start(head(store), EAST, kind, on, TUESDAY)


def seen(store, on=MONDAY, kind="morning"):
    return held.read(regional(store), EAST, kind, on)


def test_it_runs_until_its_day_is_over_and_then_stands_as_held(short, clock):
    meeting = begin(short)
    clock.shift(timedelta(minutes=12))
    notes.write_note(head(short), meeting, "focus", "先看客户", "")
    clock.shift(timedelta(hours=14))
    assert seen(short).running and not seen(short).forgotten
    assert held.current(head(short), EAST, MONDAY) == seen(short)
    clock.move_to(f"{MONDAY} 16:00")  # midnight where the bank is
    found = seen(short)
    assert not found.running and found.forgotten
    assert found.over_since - found.started_at == timedelta(minutes=12)
    assert held.current(head(short), EAST, MONDAY) is None
    for write in (
        lambda: notes.write_note(head(short), meeting, "focus", "晚了", "先看客户"),
        lambda: running.attend(head(short), meeting, {WANG: "present"}),
        lambda: running.go_to(head(short), meeting, "targets", "focus"),
    ):
        with pytest.raises(Refused, match="not in progress"):
            write()


@pytest.mark.both_engines
def test_the_job_of_the_next_day_ends_it_once(short, clock):
    begin(short)
    clock.shift(timedelta(minutes=7))
    ending.end_of_earlier_days(short, MONDAY)
    assert seen(short).ended_at is None, "its day is not over"
    clock.move_to(f"{TUESDAY} 00:30")
    assert "meetings nobody ended" in jobs.tick(short, TUESDAY)
    found = seen(short)
    assert (found.ended_at, found.item, found.forgotten) == (found.started_at, None, True)
    assert [one.used for one in found.items] == [0, 0], "nothing was written after it began"
    before = len(trail(short))
    ending.end_of_earlier_days(short, TUESDAY)
    assert (len(trail(short)), trail(short)[-1][:3]) == (before, ("jobs", "end", "meeting"))


def test_the_next_meeting_of_the_kind_ends_it_and_takes_over_what_was_not_reached(short, clock):
    begin(short)
    clock.move_to(f"{TUESDAY} 00:31")
    evening = begin(short, kind="evening")
    assert seen(short).ended_at is None, "another kind does not"
    begin(short, TUESDAY)
    assert seen(short).ended_at is not None and seen(short).forgotten
    assert [one.key for one in seen(short, TUESDAY).items] == ["left_over", "focus", "targets"]
    assert evening and seen(short, kind="evening").running


def test_a_meeting_about_a_day_that_is_over_runs_while_it_is_held(short, clock):
    clock.move_to(f"{TUESDAY} 00:30")
    begin(short, MONDAY)
    ending.end_of_earlier_days(short, TUESDAY)
    assert seen(short).running


def test_an_evening_meeting_nobody_ended_locks_no_day_but_whoever_ends_it_late_does(short, clock):
    meeting = begin(short, kind="evening")
    clock.move_to(f"{TUESDAY} 00:30")
    ending.end_of_earlier_days(short, TUESDAY)
    assert not closing.closed(head(short), EAST, MONDAY)
    with pytest.raises(Refused, match="earlier day"):
        running.resume(head(short), meeting)
    later = begin(short, TUESDAY, "evening")
    clock.shift(timedelta(days=1))
    running.end(head(short), later, {})
    assert seen(short, TUESDAY, "evening").forgotten and closing.closed(head(short), EAST, TUESDAY)


def test_one_that_ended_before_eight_goes_on_the_same_day(short, clock):
    clock.move_to(f"{MONDAY - timedelta(1)} 23:30")  # half past seven where the bank is
    meeting = begin(short)
    running.end(head(short), meeting)
    clock.shift(timedelta(hours=1))
    running.resume(head(short), meeting)
    assert seen(short).running
