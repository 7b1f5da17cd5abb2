"""Whose absences, plans, territories and people a file may hold, and whose batches one sees."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from dashboard.shell.store import operator
from db.access import Viewer
from db.errors import NotAllowed
from db.imports.imports import batches
from db.models import Absence, Plan, Posting
from tests.support.builders import EAST, LI, MONDAY, NORTH, SOUTH, WANG, ZHAO, head, manager, regional
from tests.support.import_scope import FAR_AWAY, SOUTHERN, told
from tests.support.sheets import bring, counts, file, held_values, numbers, problems, row


@pytest.mark.both_engines
def test_a_branch_head_brings_absences_of_whoever_is_posted_here_that_day(cast):
    with cast.writing("test") as write:
        write.session.execute(update(Posting).where(Posting.manager_id == LI).values(to_day=MONDAY))
        write.session.add(Posting(manager_id=LI, branch_id=SOUTH, from_day=MONDAY + timedelta(1)))
    content = "staff_no,day\n1001,2026-11-17\n1002,2026-11-16\n1002,2026-11-17\n1003,2026-11-17\n9999,2026-11-17"
    report = file(head(cast), "absences", content, accept_valid=True)
    assert numbers(report) == (5, 2, 0, 3)
    assert told(report) == [(4, "day"), (5, "staff_no"), (6, "staff_no")]
    assert problems(report)[1][3] == problems(report)[2][3]
    assert held_values(cast, Absence.manager_id) == {(WANG,), (LI,)}


def test_a_region_plans_for_its_own_branches_and_managers(cast):
    with cast.writing("test") as write:
        write.session.execute(update(Posting).where(Posting.manager_id == LI).values(to_day=MONDAY))
        write.session.add(Posting(manager_id=LI, branch_id=NORTH, from_day=MONDAY + timedelta(1)))
    rows = [
        "2026-11,分行,江城分行,,成交量,9",
        "2026-11,分行,山城分行,,成交量,9",
        "2026-11,支行,东湖支行,,成交量,9",
        "2026-11,支行,北门支行,,成交量,9",
        "2026-11,支行,无名支行,,成交量,9",
        "2026-11,客户经理,,1001,成交量,9",
        "2026-11,客户经理,,1002,成交量,9",
        "2026-12,客户经理,,1002,成交量,9",
        "2026-11,客户经理,,1004,成交量,9",
        "2026-11,客户经理,孙梅,,成交量,9",
    ]
    content = "\n".join(["month,level,name,staff_no,measure,target", *rows])
    report = file(regional(cast), "plans", content, accept_valid=True)
    assert told(report) == [
        (3, "name"),
        (5, "name"),
        (6, "name"),
        (9, "staff_no"),
        (10, "staff_no"),
        (11, "name"),
    ]
    assert len({said for place, _c, _v, said in problems(report) if place in (3, 5, 6)}) == 1
    assert held_values(cast, Plan.region_id, Plan.branch_id, Plan.manager_id) == {
        (1, None, None),
        (None, EAST, None),
        (None, None, WANG),
        (None, None, LI),
    }


def test_a_plan_of_another_region_is_not_told_from_one_that_is_not_there(small):
    rows = "month,level,name,measure,target\n2026-11,支行,北门支行,成交量,9"
    before = problems(file(regional(small), "plans", rows))
    file(operator(small), "plans", rows)
    assert problems(file(regional(small), "plans", rows)) == before


def test_a_region_registers_the_territories_of_its_branches(small):
    header = "branch,territory,as_of,potential_customers,source"
    rows = [f"{branch},商圈,2026-11-01,900,走访" for branch in ("东湖支行", "北门支行", "无名支行")]
    report = file(regional(small), "territories", "\n".join([header, *rows]), accept_valid=True)
    assert told(report) == [(3, "branch"), (4, "branch")]
    assert len({said for *_, said in problems(report)}) == 1
    assert counts(small)["territory"] == 1


def test_the_administrator_brings_people_of_the_whole_bank(small):
    people = "region,branch,staff_no,manager\n山城分行,新开支行,1009,周正"
    assert file(Viewer(small, "admin", "administrator"), "people", people).accepted == 1


@pytest.mark.both_engines
def test_everybody_sees_the_batches_of_his_own_scope(cast):
    for viewer, one in (
        (manager(cast), row()),
        (manager(cast, LI), row(staff_no="1002", manager="李强")),
        (manager(cast, ZHAO, SOUTH), SOUTHERN),
        (head(cast), row(note="支行")),
        (regional(cast), row(note="分行")),
        (operator(cast), FAR_AWAY),
    ):
        assert bring(viewer, one).batch is not None
    seen = {
        manager(cast): [1],
        manager(cast, LI): [2],
        manager(cast, ZHAO, SOUTH): [3],
        head(cast): [4, 2, 1],
        head(cast, SOUTH): [3],
        regional(cast): [5, 4, 3, 2, 1],
        Viewer(cast, "r2", "regional", 2): [],
        Viewer(cast, "admin", "administrator"): [6, 5, 4, 3, 2, 1],
        operator(cast): [6, 5, 4, 3, 2, 1],
    }
    for viewer, expected in seen.items():
        assert batches(viewer)["id"].to_list() == expected, viewer
    for role in ("screen", "auditor"):
        with pytest.raises(NotAllowed):
            batches(Viewer(cast, role, role, 1, EAST))
