"""Staffing that cannot be, or is not one's to decide, is refused and stores nothing."""

from datetime import timedelta

import pytest

from db.errors import NotAllowed, Refused
from db.people import staffing
from tests.support.builders import EAST, LI, MONDAY, REGION, SOUTH, WANG, ZHAO, bank, signed_in
from tests.support.sheets import counts, trail

BEFORE, AFTER = MONDAY - timedelta(1), MONDAY + timedelta(1)


@pytest.fixture
def chief(sqlite_store):
    return signed_in(bank(sqlite_store), "administrator", login="chief")


@pytest.mark.parametrize(
    "change",
    [
        lambda one: staffing.hire(one, "1001", "又一个王芳", EAST, MONDAY),
        lambda one: staffing.hire(one, " 1001 ", "又一个王芳", EAST, MONDAY),
        lambda one: staffing.hire(one, "1009", "周正", 99, MONDAY),
        lambda one: staffing.hire(one, "", "周正", EAST, MONDAY),
        lambda one: staffing.hire(one, "1009", " ", EAST, MONDAY),
        lambda one: staffing.transfer(one, WANG, EAST, MONDAY),
        lambda one: staffing.transfer(one, WANG, 99, MONDAY),
        lambda one: staffing.transfer(one, 99, SOUTH, MONDAY),
        lambda one: staffing.leave(one, 99, MONDAY),
        lambda one: staffing.add_branch(one, "江城分行", " 东湖支行 "),
        lambda one: staffing.add_branch(one, "江城分行", ""),
        lambda one: staffing.add_branch(one, " ", "东湖支行"),
    ],
)
def test_what_cannot_be_is_refused_and_stores_nothing(chief, change):
    held = counts(chief.store)
    with pytest.raises(Refused):
        change(chief)
    assert counts(chief.store) == held


def test_days_that_contradict_what_is_known_are_refused(chief):
    new = staffing.hire(chief, "1009", "周正", SOUTH, MONDAY)
    staffing.transfer(chief, new, EAST, AFTER)
    staffing.leave(chief, ZHAO, MONDAY)
    held = counts(chief.store)
    for change in (
        lambda: staffing.transfer(chief, new, SOUTH, AFTER),
        lambda: staffing.transfer(chief, new, SOUTH, BEFORE),
        lambda: staffing.leave(chief, new, BEFORE),
        lambda: staffing.transfer(chief, ZHAO, EAST, AFTER),
    ):
        with pytest.raises(Refused):
            change()
    assert counts(chief.store) == held


@pytest.mark.parametrize("role", ["manager", "branch_head", "regional", "screen", "auditor"])
def test_nobody_but_an_administrator_moves_people(chief, role):
    place = {"manager": WANG, "branch_head": EAST, "regional": REGION, "screen": EAST}.get(role)
    viewer = signed_in(chief.store, role, place)
    held = counts(chief.store) | {"audit": 0}
    for change in (
        lambda: staffing.hire(viewer, "1009", "周正", EAST, MONDAY),
        lambda: staffing.transfer(viewer, LI, SOUTH, MONDAY),
        lambda: staffing.leave(viewer, LI, MONDAY),
        lambda: staffing.add_branch(viewer, "江城分行", "西山支行"),
    ):
        with pytest.raises(NotAllowed):
            change()
    assert counts(chief.store) | {"audit": 0} == held
    assert trail(chief.store)[-4:] == [(viewer.account, "refuse", "manage_people")] * 4
