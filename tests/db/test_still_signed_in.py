"""Whoever writes is asked whether they are still what they were when their page was drawn: signed in, in that role, there."""

from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import update

from db.access import Viewer, writing
from db.accounts import sign_in
from db.errors import NotAllowed
from db.meetings import deputies
from db.models import Account, Manager
from tests.support.builders import EAST, LI, MONDAY, REGION, SOUTH, WANG, account, bank, enter, head, signed_in


@pytest.fixture
def office(sqlite_store):
    """Monday morning; 王芳 stands in for the head of the east."""
    with time_machine.travel(f"{MONDAY} 01:00", tick=False):
        account(bank(sqlite_store), "wang", "manager", WANG)
        deputies.name(head(sqlite_store), WANG, MONDAY, MONDAY, MONDAY)
        yield sqlite_store


def may_write(asking: Viewer) -> bool:
    try:
        with writing(asking):
            return True
    except NotAllowed:
        return False


def changed(store, model, **values) -> None:
    with store.writing("test") as write:
        write.session.execute(update(model).values(**values))


def test_who_stands_in_writes_for_that_branch_while_signed_in_as_a_manager(office):
    deputy = sign_in.deputy(enter(office, "wang"), MONDAY)
    assert may_write(deputy)
    assert not may_write(replace(deputy, branch=SOUTH)) and not may_write(replace(deputy, sign_in=99))
    changed(office, Account, role="auditor")
    assert not may_write(deputy)
    changed(office, Account, role="manager")
    assert may_write(deputy)
    changed(office, Manager, left_on=MONDAY)
    assert may_write(deputy)
    changed(office, Manager, left_on=MONDAY - timedelta(1))
    assert not may_write(deputy)


def test_who_is_signed_in_writes_as_what_they_are_where_they_are_up_to_their_last_day(office):
    own = enter(office, "wang")
    assert may_write(own) and not may_write(replace(own, sign_in=99))
    for other in ({"role": "branch_head", "manager": None}, {"manager": LI}, {"role": "auditor"}):
        assert not may_write(replace(own, **other))
    changed(office, Manager, left_on=MONDAY)
    assert may_write(own)
    changed(office, Manager, left_on=MONDAY - timedelta(1))
    assert not may_write(own)


@pytest.mark.parametrize("role, place", [("branch_head", EAST), ("screen", EAST), ("regional", REGION)])
def test_who_was_moved_elsewhere_writes_no_more_where_they_were(office, role, place):
    asking = signed_in(office, role, place)
    level = "region" if role == "regional" else "branch"
    assert may_write(asking) and not may_write(replace(asking, **{level: place + 1}))
    assert may_write(replace(asking, sign_in=None)), "a program that holds the database is in no session"
