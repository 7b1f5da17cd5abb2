"""From the files staff bring to what the report says of plan and actual."""

import json
from datetime import date

import pytest

from dashboard.shell.store import operator
from dashboard.standing import part, summary_report
from db import definitions
from db.access import Viewer
from metrics.periods import Period
from tests.dashboard.standing.test_summary_report import asked
from tests.support.builders import bank, far_region
from tests.support.sheets import bring, file, row

NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 30))
PLAN = "month,level,staff_no,measure,target\n2026-11,manager,{staff_no},deals,{target}"


def deal(day: str, **more) -> dict:
    return row(date=day, kind="成交", customer=f"店{day}{more}", product="理财", amount="10000", **more)


@pytest.fixture
def moved(sqlite_store):
    """王芳 has a plan of 21 deals and moves to the second branch on the 10th; she closes three before and four after."""
    viewer = operator(bank(sqlite_store))
    file(viewer, "plans", PLAN.format(staff_no="1001", target=21))
    stays = "region,branch,staff_no,manager,from\n江城分行,南山支行,1001,王芳,2026-11-10"
    assert file(viewer, "people", stays).accepted == 1
    before = [deal("2026-11-03"), deal("2026-11-04"), deal("2026-11-09")]
    after = [deal(f"2026-11-{day}", branch="南山支行") for day in (10, 11, 12, 13)]
    assert bring(viewer, *before, *after).accepted == 7
    return viewer


def test_a_transfer_on_the_tenth_splits_plan_and_actual_between_the_branches(moved):
    """November 2026 has 6 working days before the 10th and 15 from it on."""
    rows = {(one["branch"], one["staff_no"]): one for one in asked(moved, "branch", "manager")["rows"]}
    assert rows["东湖支行", "1001"]["plan"] == {"deals": 6} and rows["东湖支行", "1001"]["deals"] == 3
    assert rows["南山支行", "1001"]["plan"] == {"deals": 15} and rows["南山支行", "1001"]["deals"] == 4
    assert rows["东湖支行", "1001"]["attainment"]["deals"] == 0.5
    branches = {one["branch"]: one for one in asked(moved, "branch")["rows"]}
    assert (branches["东湖支行"]["plan"], branches["南山支行"]["plan"]) == ({"deals": 6}, {"deals": 15})
    whole = next(one for one in asked(moved, "manager")["rows"] if one["staff_no"] == "1001")
    assert (whole["plan"], whole["deals"]) == ({"deals": 21}, 7)


def test_who_leaves_takes_the_part_of_his_plan_that_falls_on_his_days(sqlite_store):
    viewer = operator(bank(sqlite_store))
    file(viewer, "plans", PLAN.format(staff_no="1001", target=21))
    file(viewer, "people", "region,branch,staff_no,manager,left_on\n江城分行,东湖支行,1001,王芳,2026-11-09")
    gone = asked(viewer, "manager")["rows"][0]
    assert gone["plan"] == {"deals": 6} and gone["time_progress"] == 1.0


def test_who_joins_in_the_middle_of_a_month_has_his_plan_and_his_time_from_then_on(sqlite_store):
    viewer = operator(bank(sqlite_store))
    file(viewer, "people", "region,branch,staff_no,manager,from\n江城分行,东湖支行,2001,新人,2026-11-16")
    file(viewer, "plans", PLAN.format(staff_no="2001", target=11))
    table, total, rules = summary_report.summary(viewer, NOVEMBER, date(2026, 11, 18), ["manager"])
    rows = summary_report.as_json(table, total, rules, NOVEMBER, ["manager"], True)["rows"]
    new = next(one for one in json.loads(json.dumps(rows)) if one["staff_no"] == "2001")
    assert new["plan"] == {"deals": 11} and new["time_progress"] == pytest.approx(3 / 11)


def test_weeks_of_a_plan_do_not_overlap_and_make_the_month(moved):
    weeks = asked(moved, "week")["rows"]
    assert sum(one["plan"].get("deals", 0) for one in weeks) == pytest.approx(21)
    assert sum(one["deals"] for one in weeks) == 7
    assert [one["plan"].get("deals") for one in weeks] == [None, 5, 5, 5, 5, 1]


def test_of_one_manager_asked_for_time_is_his_own_whatever_it_is_split_by(sqlite_store):
    viewer = operator(bank(sqlite_store))
    file(viewer, "people", "region,branch,staff_no,manager,from\n江城分行,东湖支行,2001,新人,2026-11-16")
    new = part.find_part(viewer, None, None, "2001", NOVEMBER)
    table, total, _rules = summary_report.summary(viewer, NOVEMBER, date(2026, 11, 18), ["branch"], new)
    assert table["time_progress"].to_list() == total["time_progress"].to_list() == pytest.approx([3 / 11])


def test_each_region_is_judged_by_its_own_definitions_whoever_looks(sqlite_store):
    viewer = operator(far_region(bank(sqlite_store)))
    file(viewer, "plans", PLAN.format(staff_no="1001", target=20) + "\n2026-11,manager,1004,deals,20")
    own = Viewer(sqlite_store, "far", "regional", 2)
    definitions.set_version(own, NOVEMBER.first, {"time_basis": "calendar"}, 1, NOVEMBER.first)

    def stood(who: Viewer, *by: str) -> dict:
        table, _total, _rules = summary_report.summary(who, NOVEMBER, date(2026, 11, 18), by)
        return {row["staff_no"]: (row["time_progress"], row["deals_needed_per_day"]) for row in table.to_dicts()}

    for by in (("manager",), ("branch", "manager")):
        everything = stood(viewer, *by)
        assert everything["1004"] == stood(own, *by)["1004"] == pytest.approx((18 / 30, 20 / 12))
        assert everything["1001"] == pytest.approx((13 / 21, 20 / 8))
