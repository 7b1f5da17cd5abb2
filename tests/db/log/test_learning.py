"""The log a branch's rates are learned from: the whole branch for everyone in it, nothing beyond."""

from datetime import date

import pytest
from sqlalchemy import insert, update

from dashboard.shell.store import operator
from db.access import Viewer
from db.errors import NotAllowed
from db.log import activity, learning
from db.models import Customer, Handover, Opportunity
from metrics.periods import Period
from tests.support.builders import EAST, LI, SOUTH, WANG, ZHAO, bank, far_region, head, manager, regional
from tests.support.sheets import bring, row

NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 30))


@pytest.fixture
def worked(store):
    far_region(bank(store))
    rows = [row(customer="甲", product="理财"), row(customer="乙", staff_no="1002", manager="李强")]
    rows += [row(customer="丙", staff_no="1003", manager="赵敏", branch="南山支行")]
    rows += [row(customer="丁", staff_no="1004", manager="孙梅", branch="北门支行", region="山城分行")]
    assert bring(operator(store), *rows, create_missing=True).accepted == 4
    return store


def learned_from(viewer: Viewer) -> set[int]:
    return set(learning.read(viewer, NOVEMBER).collect()["manager"])


def test_a_manager_leans_on_his_whole_branch_and_sees_only_his_own_rows(worked):
    assert learned_from(manager(worked)) == learned_from(head(worked)) == {WANG, LI}
    assert set(activity.read(manager(worked), NOVEMBER).collect()["manager"]) == {WANG}
    assert learned_from(manager(worked, ZHAO, SOUTH)) == {ZHAO}
    assert learned_from(regional(worked)) == {WANG, LI, ZHAO}


@pytest.mark.parametrize("role", ["administrator", "guest"])
def test_who_sees_no_numbers_learns_none(worked, role):
    with pytest.raises(NotAllowed):
        learning.read(Viewer(worked, "x", role), NOVEMBER)
    with pytest.raises(NotAllowed):
        learning.keepers(Viewer(worked, "x", role))


def test_what_was_handed_over_is_kept_by_who_looks_after_it_now(worked):
    with worked.writing("test") as write:
        need = write.session.query(Opportunity).join(Customer, Customer.id == Opportunity.customer_id).first()
        done = {"day": date(2026, 11, 17), "account": "head", "done_at": write.now}
        handed = {"customer_id": need.customer_id, "from_manager_id": WANG, "to_manager_id": LI}
        write.session.execute(insert(Handover).values(**handed, **done))
        write.session.execute(update(Opportunity).where(Opportunity.id == need.id).values(manager_id=LI))
        identity = need.id
    assert learning.keepers(manager(worked)).rows() == [(identity, LI)]
    assert learning.keepers(head(worked, SOUTH)).is_empty()
    assert learning.keepers(head(worked, EAST)).height == 1
