"""Whom a change of the log concerns: the same for one entry as for any number of them."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from db.engine import Store, Write
from db.log.touching import touch, touch_entry
from db.models import Activity, Customer, Opportunity, Posting, Territory
from tests.support.builders import EAST, LI, MONDAY, NORTH, REGION, SOUTH, WANG, bank, far_region

FAR = 2
LATER, TUESDAY = date(2027, 3, 1), MONDAY + timedelta(1)


@pytest.fixture
def written(store) -> Store:
    """An entry of 王芳's, who has moved since, with a customer of another branch; and one of an opportunity that lies in
    another region."""
    far_region(bank(store))
    facts = {"kind": "consultation", "region_id": REGION, "branch_id": EAST, "day": MONDAY}
    stamp = {"effective": True, "recorded_by": "test", "version": 1}
    with store.writing("test") as write:
        stamp |= {"recorded_at": write.now}
        entry = facts | stamp
        for row in (
            Posting(manager_id=WANG, branch_id=SOUTH, from_day=LATER),
            Territory(id=1, branch_id=SOUTH, name="南山社区"),
            Customer(id=1, branch_id=EAST, manager_id=WANG, name="张三", territory_id=1),
            Customer(id=2, branch_id=NORTH, manager_id=WANG, name="李四"),
            Opportunity(id=1, region_id=FAR, customer_id=2, manager_id=WANG),
            Activity(id=1, **entry, manager_id=WANG, customer_id=1),
            Activity(id=2, **entry, manager_id=LI, opportunity_id=1),
            Activity(id=3, **entry, manager_id=LI),
        ):
            write.session.add(row)
            write.session.flush()
    return store


def touched(write: Write, act) -> set[str]:
    own = replace(write, touched=type(write.touched)())
    act(own)
    return own.touched.parts(write.session)


@pytest.mark.both_engines
@pytest.mark.parametrize("today", [MONDAY, TUESDAY])
def test_one_entry_concerns_whom_it_concerns_among_others(written, today):
    concerned = {}
    with written.writing("test") as write:
        for one in (1, 2, 3, 4):
            concerned[one] = touched(write, lambda own, one=one: touch_entry(own, one, today))
            assert concerned[one] == touched(write, lambda own, one=one: touch(own, Activity.id == one, today))
    assert {f"branch {EAST}", f"branch {SOUTH}"} <= concerned[1]  # the customer's territory; and they work there since
    assert {f"branch {NORTH}", f"region {FAR}"} <= concerned[2]
    assert f"branch {SOUTH}" not in concerned[3] and concerned[4] == {"other"}
    assert ("past" in concerned[1]) == (today > MONDAY)
