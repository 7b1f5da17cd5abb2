"""Plans are seen by whom they concern."""

from datetime import date

import pytest
from sqlalchemy import insert

from dashboard.shell.store import operator
from db.access import Viewer
from db.errors import NotAllowed
from db.models import Branch, Plan, Region
from db.plans import plans
from metrics.periods import Period
from tests.support.builders import EAST, LI, REGION, SOUTH, WANG, ZHAO, bank, head, manager, regional
from tests.support.sheets import file

NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 30))
HOLDERS = ["region_id", "branch_id", "manager_id"]
PLANS = [(REGION, None, None), (2, None, None), (None, EAST, None), (None, SOUTH, None), (None, 3, None)]
PLANS += [(None, None, one) for one in (WANG, LI, ZHAO)]


@pytest.fixture
def planned(store):
    bank(store)
    with store.writing("test") as write:
        write.session.execute(insert(Region), [{"id": 2, "name": "山城分行"}])
        write.session.execute(insert(Branch), [{"id": 3, "region_id": 2, "name": "北门支行"}])
        write.settle_ids(Region, Branch)
        one = {"month": NOVEMBER.first, "measure": "deals", "product_id": None, "target": 5}
        rows = [dict(zip(HOLDERS, holder, strict=True)) | one for holder in PLANS]
        rows += [rows[0] | {"month": date(2026, 12, 1)}, rows[0] | {"product_id": 1}]
        write.session.execute(insert(Plan), rows)
    return store


def holders(viewer, span=NOVEMBER) -> set[tuple]:
    return set(plans.read(viewer, span).select("region", "branch", "manager").iter_rows())


@pytest.mark.both_engines
def test_everyone_sees_the_plans_of_his_place_and_below(planned):
    assert holders(operator(planned)) == set(PLANS)
    assert holders(regional(planned)) == {PLANS[0], *PLANS[2:4], *PLANS[5:]}
    assert holders(head(planned)) == {PLANS[2], (None, None, WANG), (None, None, LI)}
    assert holders(head(planned, SOUTH)) == {PLANS[3], (None, None, ZHAO)}
    assert holders(manager(planned)) == {(None, None, WANG)}


def test_a_plan_of_one_product_is_read_as_such(planned):
    ours = plans.read(regional(planned), NOVEMBER).drop_nulls("region").sort("product", nulls_last=True)
    assert ours.select("region", "product").rows() == [(REGION, 1), (REGION, None)]


def test_a_plan_goes_with_the_manager_to_both_branches_of_the_month(planned):
    file(operator(planned), "people", "region,branch,staff_no,manager,from\n江城分行,南山支行,1001,王芳,2026-11-16")
    for branch in (EAST, SOUTH):
        assert (None, None, WANG) in holders(head(planned, branch))


def test_a_span_reads_the_months_it_touches(planned):
    assert holders(operator(planned), Period(date(2026, 11, 20), date(2026, 11, 20))) == set(PLANS)
    both = plans.read(operator(planned), Period(date(2026, 11, 30), date(2026, 12, 1)))
    assert both["month"].n_unique() == 2
    assert plans.read(operator(planned), Period(date(2026, 10, 1), date(2026, 10, 31))).is_empty()


def test_who_has_no_right_sees_no_plan(planned):
    for viewer in (Viewer(planned, "x", "guest"), Viewer(planned, "x", "branch_head", REGION)):
        with pytest.raises(NotAllowed):
            plans.read(viewer, NOVEMBER)
