"""A meeting under way: begun once, item by item, ended; what comes of it is written only while it runs."""

from datetime import timedelta

import pytest

from db.errors import NotAllowed, Refused
from db.meetings import agenda, closing, commitments, held, notes, running
from db.meetings.agenda import Item
from db.spans import Stretch
from tests.support.builders import EAST, LI, MONDAY, SOUTH, WANG, ZHAO, bank, head, manager, regional
from tests.support.sheets import trail

TWO = (Item("focus", "Today's focus", 5), Item("targets", "Today's targets", 5))
LATER = MONDAY + timedelta(1)


@pytest.fixture
def short(store):
    """The bank, whose morning meetings have two items."""
    agenda.change(head(bank(store)), "morning", TWO, MONDAY, EAST, MONDAY, 0)
    return store


def begin(store, on=MONDAY, kind="morning", **more) -> int:
    return running.start(head(store), EAST, kind, on, LATER, **more)


def seen(store, on=MONDAY, kind="morning", by=head):
    return held.read(by(store), EAST, kind, on)


def test_it_begins_once_with_the_first_item_in_hand(short):
    assert seen(short) is None
    meeting = begin(short, away=frozenset([LI]))
    assert begin(short) == meeting
    found = seen(short, by=regional)
    assert (found.item, found.running, [one.key for one in found.items]) == ("focus", True, ["focus", "targets"])
    assert [one.reached for one in found.items] == [True, False]
    assert held.attendance(head(short), meeting, EAST) == {LI: "on_leave"}
    assert [one[1] for one in trail(short)].count("start") == 1


def test_two_who_tap_at_once_go_on_once(short):
    meeting = begin(short)
    assert running.go_to(head(short), meeting, "targets", "focus")
    assert not running.go_to(head(short), meeting, "targets", "focus")
    assert running.go_to(head(short), meeting, "focus", "targets")
    running.end(head(short), meeting)
    found = seen(short)
    assert not found.running and found.item is None and all(one.used >= 0 for one in found.items)
    with pytest.raises(Refused, match="not in progress"):
        running.go_to(head(short), meeting, "targets", None)


def test_what_was_not_reached_comes_first_the_next_time(short):
    running.end(head(short), begin(short))
    begin(short, LATER)
    assert [one.key for one in seen(short, LATER).items] == ["left_over", "focus", "targets"]


def test_nothing_is_written_before_or_after_it(short):
    meeting = begin(short)
    running.attend(head(short), meeting, {WANG: "present"})
    running.end(head(short), meeting)
    for write in (
        lambda: running.attend(head(short), meeting, {LI: "present"}),
        lambda: running.set_chair(head(short), meeting, "王芳"),
        lambda: notes.write_note(head(short), meeting, "focus", "晚了", ""),
        lambda: commitments.agree(head(short), meeting, "focus", "晚了", MONDAY, WANG, MONDAY),
    ):
        with pytest.raises(Refused, match="not in progress"):
            write()
    running.resume(head(short), meeting)
    assert seen(short).item == "targets"
    running.attend(head(short), meeting, {LI: "present"})
    assert held.attendance(head(short), meeting, EAST) == {WANG: "present", LI: "present"}


def test_only_the_head_runs_it_and_nobody_learns_of_another_branchs(short):
    meeting = begin(short)
    for viewer in (manager(short), regional(short), head(short, SOUTH)):
        for write in (
            lambda one=viewer: running.start(one, EAST, "evening", MONDAY, MONDAY),
            lambda one=viewer: running.go_to(one, meeting, "targets", "focus"),
            lambda one=viewer: running.end(one, meeting),
        ):
            with pytest.raises(NotAllowed):
                write()
    assert held.read(head(short, SOUTH), EAST, "morning", MONDAY) is None
    assert held.attendance(head(short, SOUTH), meeting, EAST) == {}
    with pytest.raises(NotAllowed):
        running.end(head(short), 999)


def test_a_day_to_come_a_day_off_and_strangers_are_refused(short):
    with pytest.raises(Refused, match="has not come"):
        running.start(head(short), EAST, "morning", LATER, MONDAY)
    with pytest.raises(Refused, match="day off"):
        running.start(head(short), EAST, "morning", MONDAY - timedelta(1), MONDAY)
    meeting = begin(short)
    with pytest.raises(Refused, match="not posted"):
        running.attend(head(short), meeting, {ZHAO: "present"})
    with pytest.raises(Refused, match="Name who chairs"):
        running.set_chair(head(short), meeting, " ")
    with pytest.raises(Refused, match="no such item"):
        running.go_to(head(short), meeting, "lesson", "focus")


def test_the_evening_meeting_closes_the_day_with_what_was_done_by_then(short):
    meeting = begin(short, kind="evening")
    running.end(head(short), meeting, {WANG: {"deals": (2, 3)}, LI: {"deals": (None, 1)}})
    assert closing.closed(head(short), EAST, MONDAY)
    results = closing.results(manager(short), Stretch(MONDAY, MONDAY))
    assert results.select("manager", "measure", "promised", "done").rows() == [(WANG, "deals", 2, 3)]
    closing.reopen_day(head(short), EAST, MONDAY)
    assert closing.results(manager(short), Stretch(MONDAY, MONDAY)).is_empty()
