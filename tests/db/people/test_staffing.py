"""Hiring, transfers with a date, leaving: who is where from which day on, and that the past stays where it was."""

from datetime import date, datetime, timedelta

import pytest
import time_machine

from dashboard.shell.store import operator
from db.accounts import sign_in
from db.errors import NotAllowed, Refused
from db.log import activity
from db.log.entry import Entry
from db.meetings import days_off, promises
from db.models import Activity, Audit, Branch, Manager, Posting, Region
from db.people import people, staffing
from db.recording import recording
from tests.support.builders import EAST, MONDAY, NORTH, SOUTH, WANG, account, bank, enter, far_region, head, signed_in
from tests.support.sheets import file, held_values, logged, trail

pytestmark = pytest.mark.both_engines

BEFORE, AFTER, MUCH_LATER = MONDAY - timedelta(1), MONDAY + timedelta(1), MONDAY + timedelta(30)


@pytest.fixture
def chief(sqlite_store):
    return signed_in(bank(sqlite_store), "administrator", login="chief")


def places(store, manager: int = WANG) -> list:
    """Where they are posted on the days around Monday."""
    found = [people.branch_on(store, manager, day) for day in (BEFORE, MONDAY, AFTER)]
    return [one and one[1] for one in found]


def visit(viewer, day: date, reference: str) -> int:
    return recording.record(viewer, WANG, Entry("consultation", day), reference, MUCH_LATER)


def test_a_new_manager_works_in_his_branch_from_his_first_day(store):
    chief = signed_in(bank(store), "administrator", login="chief")
    new = staffing.hire(chief, " 1009 ", " 周正 ", SOUTH, MONDAY)
    assert places(store, new) == [None, SOUTH, SOUTH]
    assert held_values(store, Manager.staff_no, Manager.name, Manager.joined_on) >= {("1009", "周正", MONDAY)}
    after = {"staff_no": "1009", "name": "周正", "branch": SOUTH, "from_day": "2026-11-16"}
    assert trail(store, Audit.account, Audit.action, Audit.entity_id, Audit.after)[-1] == ("chief", "hire", new, after)


def test_a_transfer_takes_effect_on_its_day_and_the_past_stays(store):
    chief = signed_in(bank(store), "administrator", login="chief")
    account(store, "wang", "manager", WANG)
    viewer = enter(store, "wang")
    visit(viewer, BEFORE, "before")
    staffing.transfer(chief, WANG, SOUTH, MONDAY)
    visit(viewer, BEFORE, "typed later")
    visit(viewer, MONDAY, "after")
    assert places(store) == [EAST, SOUTH, SOUTH]
    assert logged(store, Activity.reference, Activity.branch_id) == [
        ("before", EAST),
        ("typed later", EAST),
        ("after", SOUTH),
    ]
    assert [sign_in.viewer(store, viewer.sign_in, day).branch for day in (BEFORE, MONDAY)] == [EAST, SOUTH]
    assert [activity.rows(head(store), day, WANG).height for day in (BEFORE, MONDAY)] == [2, 0]
    assert [activity.rows(head(store, SOUTH), day, WANG).height for day in (BEFORE, MONDAY)] == [0, 1]


def test_the_head_of_the_new_branch_takes_promises_from_the_day_of_the_transfer(chief):
    staffing.transfer(chief, WANG, SOUTH, MONDAY)
    days_off.say_works(head(chief.store), EAST, BEFORE)
    for viewer, day in ((head(chief.store), BEFORE), (head(chief.store, SOUTH), MONDAY)):
        assert promises.set_promises(viewer, day, {WANG: {"deals": 1}}) == 1
    for viewer, day in ((head(chief.store), MONDAY), (head(chief.store, SOUTH), BEFORE)):
        with pytest.raises(NotAllowed):
            promises.set_promises(viewer, day, {WANG: {"deals": 2}})


def test_a_transfer_to_another_region_changes_the_region_too(chief):
    far_region(chief.store)
    account(chief.store, "wang", "manager", WANG)
    staffing.transfer(chief, WANG, NORTH, AFTER)
    viewer = enter(chief.store, "wang", today=AFTER)
    assert (viewer.region, viewer.branch, viewer.manager) == (2, NORTH, WANG)


def test_several_transfers_follow_one_another_and_each_is_in_the_trail(chief):
    staffing.transfer(chief, WANG, SOUTH, MONDAY)
    staffing.transfer(chief, WANG, EAST, AFTER)
    assert places(chief.store) == [EAST, SOUTH, EAST]
    noted = trail(chief.store, Audit.action, Audit.entity_id, Audit.before, Audit.after)[-2:]
    assert noted == [
        ("transfer", WANG, {"branch": EAST, "to_day": None}, {"branch": SOUTH, "from_day": "2026-11-16"}),
        ("transfer", WANG, {"branch": SOUTH, "to_day": None}, {"branch": EAST, "from_day": "2026-11-17"}),
    ]


def test_a_stay_that_ended_before_is_not_made_longer_by_a_transfer(chief):
    """They were on loan elsewhere, or away, in between."""
    ended = "region,branch,staff_no,manager,from,to\n江城分行,东湖支行,1001,王芳,2026-01-01,2026-06-30"
    with chief.store.writing("test") as write:
        write.session.execute(Posting.__table__.delete().where(Posting.manager_id == WANG))
    file(operator(chief.store), "people", ended)
    staffing.transfer(chief, WANG, SOUTH, MONDAY)
    assert places(chief.store) == [None, SOUTH, SOUTH]


@time_machine.travel(datetime(2026, 11, 16, 3), tick=False)  # eleven o'clock at the bank, on Monday
def test_who_has_left_opens_nothing_from_the_next_day_on(store):
    chief = signed_in(bank(store), "administrator", login="chief")
    account(store, "wang", "manager", WANG)
    viewer = enter(store, "wang")
    staffing.leave(chief, WANG, MONDAY)
    assert sign_in.viewer(store, viewer.sign_in, MONDAY).manager == WANG
    assert sign_in.viewer(store, viewer.sign_in, AFTER) is None and enter(store, "wang", today=AFTER) is None
    visit(viewer, MONDAY, "last day")
    with pytest.raises(Refused, match="not posted"):
        visit(viewer, AFTER, "too late")
    left = ("chief", "leave", {"left_on": None}, {"left_on": "2026-11-16"})
    assert left in trail(store, Audit.account, Audit.action, Audit.before, Audit.after)


def test_a_last_day_can_be_moved(chief):
    staffing.leave(chief, WANG, MONDAY)
    staffing.leave(chief, WANG, AFTER)
    assert places(chief.store) == [EAST, EAST, EAST]


def test_a_branch_is_added_with_its_region(chief):
    new = staffing.add_branch(chief, " 山城分行 ", "北门支行")
    again = staffing.add_branch(chief, "山城分行", "东湖支行")
    assert held_values(chief.store, Region.name) == {("江城分行",), ("山城分行",)}
    assert held_values(chief.store, Branch.id, Branch.name) >= {(new, "北门支行"), (again, "东湖支行")}
