"""On a day off nothing is promised and nothing closed, unless the branch says that it works."""

from datetime import date

import pytest
from sqlalchemy import select

from db.errors import NotAllowed, Refused
from db.meetings import closing, days_off, promises
from db.models import Audit
from tests.support.builders import EAST, SOUTH, WANG, bank, head, manager

SATURDAY, FRIDAY, WORKED, NEW_YEAR = date(2026, 11, 21), date(2026, 11, 20), date(2026, 2, 28), date(2026, 2, 17)


@pytest.mark.parametrize(("day", "expected"), [(SATURDAY, False), (FRIDAY, True), (WORKED, True), (NEW_YEAR, False)])
def test_the_bank_works_by_its_calendar(store, day, expected):
    assert days_off.works(head(bank(store)), EAST, day) == expected


@pytest.mark.both_engines
def test_on_a_day_off_a_branch_promises_and_closes_once_it_has_said_that_it_works(store):
    east = head(bank(store))
    wanted = {WANG: {"consultations": 3}}
    for refused in (lambda: promises.set_promises(east, SATURDAY, wanted), lambda: close(east)):
        with pytest.raises(Refused, match="day off"):
            refused()
    days_off.say_works(east, EAST, SATURDAY)
    days_off.say_works(east, EAST, SATURDAY)
    assert promises.set_promises(east, SATURDAY, wanted) == 1
    close(east)
    assert closing.closed(east, EAST, SATURDAY)
    assert not days_off.works(head(store, SOUTH), SOUTH, SATURDAY)
    with store.reading() as connection:
        assert list(connection.scalars(select(Audit.action).where(Audit.action == "open_day"))) == ["open_day"]


def close(viewer) -> None:
    closing.close_day(viewer, EAST, SATURDAY, SATURDAY)


def test_only_the_branch_head_says_it(store):
    bank(store)
    for other in (manager(store), head(store, SOUTH)):
        with pytest.raises(NotAllowed):
            days_off.say_works(other, EAST, SATURDAY)
