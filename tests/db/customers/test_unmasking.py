"""Unmasking: one customer at a time, for a reason, within the scope, so many a day, with a trail."""

from datetime import datetime

import pytest
import time_machine

from dashboard.shell.store import operator
from db.access import Viewer
from db.customers import customers
from db.errors import NotAllowed, Refused
from db.log.entry import Entry
from db.models import Audit
from db.recording import recording
from tests.support.builders import EAST, MONDAY, REGION, WANG, bank, far_region, head, manager, regional
from tests.support.sheets import counts, trail

PHONE = "13812345678"
REASON = "客户投诉，要回电"


@pytest.fixture
def shop(store):
    """湖滨书店 (1) in our region, 北门饭店 (2) in the other."""
    far_region(bank(store))
    for who, name in [(WANG, "湖滨书店"), (4, "北门饭店")]:
        entry = Entry("consultation", MONDAY, customer_name=name, phone=PHONE, second_record=True)
        recording.record(operator(store), who, entry, name, MONDAY)
    return store


def auditor(store, account="auditor") -> Viewer:
    return Viewer(store, account, "auditor")


def refused(viewer, customer=1, reason=REASON, a_day=20) -> str:
    with pytest.raises(Refused) as error:
        customers.unmask(viewer, customer, reason, a_day)
    return str(error.value)


def test_a_reason_opens_one_customer_and_stands_in_the_trail(shop):
    assert customers.unmask(regional(shop), 1, f" {REASON} ", 20) == ("湖滨书店", PHONE)
    noted = trail(shop, Audit.account, Audit.action, Audit.entity, Audit.entity_id, Audit.after)
    assert noted == [("regional", "unmask", "customer", 1, {"reason": REASON})]
    assert customers.unmask(auditor(shop), 2, REASON, 20) == ("北门饭店", PHONE)


@pytest.mark.parametrize("reason", ["", "   ", "abc", " a  ", "110101199003071234", "卡号6222021234567890123"])
def test_without_a_reason_nobody_is_shown(shop, reason):
    held = counts(shop)
    assert refused(regional(shop), reason=reason).startswith("Say in a few words")
    assert counts(shop) == held


def test_a_customer_elsewhere_and_one_that_is_not_there_are_refused_alike(shop):
    held = counts(shop)
    assert refused(regional(shop), 2) == refused(regional(shop), 99) == refused(regional(shop), 0)
    assert refused(regional(shop), -1) == refused(regional(shop), 2**31 - 1) == refused(auditor(shop), 99)
    assert counts(shop) | {"audit": 0} == held and counts(shop)["audit"] == 6  # each of them is noted


@pytest.mark.parametrize("role", ["screen", "administrator", "guest"])
def test_who_has_no_right_is_refused_with_a_trail(shop, role):
    with pytest.raises(NotAllowed):
        customers.unmask(Viewer(shop, role, role, REGION, EAST), 1, REASON, 20)
    assert trail(shop) == [(role, "refuse", "unmask_customer")]


def test_who_sees_his_own_whole_unmasks_nobodys(shop):
    for viewer in (manager(shop), head(shop)):
        with pytest.raises(NotAllowed):
            customers.unmask(viewer, 1, REASON, 20)


@pytest.mark.both_engines
def test_as_many_a_day_as_are_allowed_each_for_himself(shop):
    for _ in range(2):
        customers.unmask(auditor(shop), 1, REASON, 2)
    assert "today's limit" in refused(auditor(shop), a_day=2) and len(trail(shop)) == 2
    assert customers.unmask(auditor(shop, "another"), 1, REASON, 2)


def test_the_day_is_the_banks(sqlite_store):
    """Midnight in Shanghai is four in the afternoon of the day before, as the trail keeps it."""
    bank(sqlite_store)
    recording.record(operator(sqlite_store), WANG, Entry("consultation", MONDAY, customer_name="湖滨书店"), "r", MONDAY)
    viewer = auditor(sqlite_store)
    with time_machine.travel(datetime.fromisoformat("2026-11-16T00:00:00+08:00"), tick=False) as clock:
        assert customers.unmask(viewer, 1, REASON, 1)
        for moment in ("07:59", "08:01", "23:59"):
            clock.move_to(datetime.fromisoformat(f"2026-11-16T{moment}:00+08:00"))
            assert "limit" in refused(viewer, a_day=1)
        clock.move_to(datetime.fromisoformat("2026-11-17T00:00:00+08:00"))
        assert customers.unmask(viewer, 1, REASON, 1)
