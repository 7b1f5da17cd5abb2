"""What a meeting goes through: every bank's items, what a region presets, what a branch makes of them, from a day on."""

from datetime import date, timedelta

import pytest

from db.errors import Conflict, NotAllowed, Refused
from db.meetings import agenda
from db.meetings.agenda import ITEMS, Item
from tests.support.builders import EAST, FAR, MONDAY, REGION, SOUTH, bank, head, manager, regional
from tests.support.sheets import trail

SHORT = (Item("targets", "Today's targets", 10), Item("own-1", "新品答疑", 5))


def test_without_a_word_of_anybody_the_items_are_those_of_the_material(store):
    bank(store)
    assert agenda.read(head(store), EAST, "morning", MONDAY) == ITEMS["morning"]
    assert [one.key for one in ITEMS["morning"]][-1] == "targets" and sum(one.minutes for one in ITEMS["weekly"]) <= 60


def test_a_branch_has_its_own_from_a_day_on_and_others_what_the_region_presets(store):
    bank(store)
    agenda.change(regional(store), "morning", SHORT[:1], MONDAY, None, MONDAY, 0)
    agenda.change(head(store), "morning", SHORT, MONDAY + timedelta(1), EAST, MONDAY, 0)
    assert agenda.read(head(store), EAST, "morning", MONDAY) == SHORT[:1]
    assert agenda.read(head(store), EAST, "morning", MONDAY + timedelta(1)) == SHORT
    assert agenda.read(regional(store), SOUTH, "morning", MONDAY + timedelta(1)) == SHORT[:1]
    assert agenda.read(head(store), EAST, "morning", MONDAY - timedelta(1)) == ITEMS["morning"]
    assert agenda.read(head(store), EAST, "evening", MONDAY + timedelta(1)) == ITEMS["evening"]
    assert [one[2] for one in trail(store)][-2:] == ["agenda", "agenda"]


@pytest.mark.parametrize(
    ("items", "day", "message"),
    [
        (SHORT, MONDAY - timedelta(1), "takes effect today or later"),
        ((), MONDAY, "at least one item"),
        ((Item("targets", "Today's targets", 10, held=False),), MONDAY, "at least one item"),
        ((Item("a", "同", 1), Item("b", "同", 1)), MONDAY, "a title of its own"),
        ((Item("a", "  ", 1),), MONDAY, "a title of its own"),
        ((Item("a", "长", 121),), MONDAY, "between 1 and 120"),
        ((Item("a", "身份证 11010519491231002X", 5),), MONDAY, "ID or bank card"),
    ],
)
def test_an_agenda_that_cannot_be_held_is_refused(store, items, day, message):
    bank(store)
    with pytest.raises(Refused, match=message):
        agenda.change(head(store), "morning", items, day, EAST, MONDAY, 0)
    assert agenda.read(head(store), EAST, "morning", MONDAY) == ITEMS["morning"]


def test_only_the_branchs_head_and_its_region_set_it(store):
    bank(store)
    for viewer, branch in ((manager(store), EAST), (head(store), SOUTH), (head(store), None), (head(store), 99)):
        with pytest.raises(NotAllowed):
            agenda.change(viewer, "morning", SHORT, MONDAY, branch, MONDAY, 0)


@pytest.mark.parametrize(
    ("kind", "on", "first"),
    [
        ("morning", date(2026, 11, 20), date(2026, 11, 20)),
        ("weekly", date(2026, 11, 22), date(2026, 11, 16)),
        ("monthly", date(2026, 11, 20), date(2026, 11, 1)),
        ("quarterly", date(2026, 11, 20), date(2026, 10, 1)),
    ],
)
def test_a_meeting_is_about_a_day_a_week_a_month_or_a_quarter(kind, on, first):
    assert agenda.first_day(kind, on) == first


def test_what_was_set_from_which_day_is_said_and_the_branchs_own_comes_first(store):
    bank(store)
    for whose, items, day, branch in (
        (regional(store), SHORT[:1], MONDAY, None),
        (head(store), SHORT, MONDAY, EAST),
        (head(store), SHORT[1:], MONDAY, EAST),  # the same day anew
        (regional(store), SHORT, MONDAY + timedelta(7), None),
    ):
        last = agenda.last_set(agenda.versions(regional(store), REGION, branch, "morning"), branch)
        agenda.change(whose, "morning", items, day, branch, MONDAY, last.number if last else 0)
    found = agenda.versions(head(store), REGION, EAST, "morning")
    assert [(one.from_day, one.branch, one.items) for one in found] == [
        (MONDAY + timedelta(7), None, SHORT),
        (MONDAY, EAST, SHORT[1:]),
        (MONDAY, None, SHORT[:1]),
    ]
    assert found[0].changed_by == "regional"
    for day in (MONDAY - timedelta(1), MONDAY, MONDAY + timedelta(8)):
        held = agenda.at(found, EAST, day)
        assert (held.items if held else ITEMS["morning"]) == agenda.read(head(store), EAST, "morning", day)
    assert agenda.at(agenda.versions(regional(store), REGION, SOUTH, "morning"), SOUTH, MONDAY).items == SHORT[:1]
    assert agenda.versions(head(store), REGION, SOUTH, "morning") == ()
    assert agenda.versions(regional(store), FAR, None, "morning") == ()


@pytest.mark.both_engines
def test_of_two_who_set_it_at_once_the_second_is_told_and_nothing_is_stored(store):
    bank(store)

    def last(branch=EAST):
        found = agenda.last_set(agenda.versions(head(store), REGION, branch, "morning"), branch)
        return found.number if found else 0

    seen = last()
    agenda.change(regional(store), "morning", SHORT[:1], MONDAY, None, MONDAY, last(None))
    agenda.change(head(store), "morning", SHORT, MONDAY, EAST, MONDAY, seen)  # the region's preset is not theirs
    for day in (MONDAY, MONDAY + timedelta(1)):
        with pytest.raises(Conflict, match="meanwhile"):
            agenda.change(head(store), "morning", SHORT[1:], day, EAST, MONDAY, seen)
    agenda.change(head(store), "morning", SHORT, MONDAY, EAST, MONDAY, seen)  # the same again is no conflict
    assert agenda.read(head(store), EAST, "morning", MONDAY) == SHORT
    agenda.change(head(store), "morning", SHORT[1:], MONDAY, EAST, MONDAY, last())
    agenda.change(head(store), "evening", SHORT[1:], MONDAY, EAST, MONDAY, 0)
    assert agenda.read(head(store), EAST, "morning", MONDAY) == SHORT[1:]


def test_what_is_not_held_takes_no_time():
    assert agenda.minutes((*SHORT, Item("x", "歇", 9, held=False))) == 15
