"""Plans are set by whom they belong to, each change with a trail; a plan knows the days it was meant for."""

from datetime import date

import pytest
from sqlalchemy import select

from dashboard.shell.store import operator
from db.access import Viewer
from db.errors import Conflict, NotAllowed, Refused
from db.models import Plan
from db.people import staffing
from db.plans import plan_history, plans
from db.plans.plans import Target, set_targets
from metrics.periods import Period
from tests.support.builders import (
    EAST,
    FAR,
    LI,
    NORTH,
    REGION,
    SOUTH,
    SUN,
    WANG,
    ZHAO,
    bank,
    far_region,
    head,
    manager,
    regional,
)
from tests.support.sheets import file, trail

MONTH = date(2026, 11, 1)
NOVEMBER = Period(MONTH, date(2026, 11, 30))


def deals(level: str, holder: int, target: int | None, seen: int | None = None, **more) -> Target:
    return Target(level, holder, "deals", target, seen, **more)


def held(store, tier: str = "target") -> dict:
    rows = plans.read(operator(store), NOVEMBER, tier).select("region", "branch", "manager", "product", "target").rows()
    return {tuple(key): target for *key, target in rows}


def test_the_region_sets_its_own_and_its_branches_and_a_branch_head_his_managers(store):
    bank(store)
    assert set_targets(regional(store), MONTH, [deals("region", REGION, 100), deals("branch", EAST, 60)]) == 2
    assert set_targets(head(store), MONTH, [deals("manager", WANG, 35), deals("manager", LI, 30)]) == 2
    assert set_targets(regional(store), MONTH, [deals("manager", ZHAO, 9)]) == 1
    assert held(store) == {
        (REGION, None, None, None): 100,
        (None, EAST, None, None): 60,
        (None, None, WANG, None): 35,
        (None, None, LI, None): 30,
        (None, None, ZHAO, None): 9,
    }


BEYOND = [
    (head, deals("branch", EAST, 1)),
    (head, deals("region", REGION, 1)),
    (head, deals("manager", ZHAO, 1)),
    (head, deals("manager", 99, 1)),
    (regional, deals("region", FAR, 1)),
    (regional, deals("branch", NORTH, 1)),
    (regional, deals("branch", 99, 1)),
    (regional, deals("manager", SUN, 1)),
    (manager, deals("manager", WANG, 1)),
    (lambda store: Viewer(store, "auditor", "auditor"), deals("region", REGION, 1)),
]


@pytest.mark.parametrize("who, target", BEYOND, ids=lambda one: getattr(one, "level", ""))
def test_nobody_sets_a_plan_beyond_his_own_place(store, who, target):
    far_region(bank(store))
    with pytest.raises(NotAllowed):
        set_targets(who(store), MONTH, [deals("manager", WANG, 5), target] if who is head else [target])
    assert held(store) == {}


@pytest.mark.both_engines
def test_a_change_keeps_what_was_there_before_and_who_changed_it(store):
    bank(store)
    set_targets(head(store), MONTH, [deals("manager", WANG, 35)])
    set_targets(regional(store), MONTH, [deals("manager", WANG, 40, seen=35)])
    set_targets(head(store), MONTH, [deals("manager", WANG, None, seen=40)])
    said = plan_history.changes(head(store), NOVEMBER)
    assert said.select("account", "level", "holder", "measure", "before", "after").rows() == [
        ("head 1", "manager", "王芳", "deals", 40, None),
        ("regional", "manager", "王芳", "deals", 35, 40),
        ("head 1", "manager", "王芳", "deals", None, 35),
    ]
    assert held(store) == {}


@pytest.mark.both_engines
def test_the_history_shows_each_his_part(store):
    far_region(bank(store))
    set_targets(
        regional(store), MONTH, [deals("region", REGION, 9), deals("branch", SOUTH, 5), deals("manager", WANG, 4)]
    )
    file(operator(store), "plans", "month,level,name,measure,target\n2026-11,branch,北门支行,deals,3")
    seen = {
        "regional": plan_history.changes(regional(store), NOVEMBER)["holder"].to_list(),
        "head": plan_history.changes(head(store), NOVEMBER)["holder"].to_list(),
        "south": plan_history.changes(regional(store), NOVEMBER, SOUTH)["holder"].to_list(),
        "manager": plan_history.changes(manager(store, LI), NOVEMBER)["holder"].to_list(),
    }
    assert seen == {
        "regional": ["王芳", "南山支行", "江城分行"],
        "head": ["王芳"],
        "south": ["南山支行"],
        "manager": [],
    }
    assert plan_history.changes(regional(store), Period(date(2026, 12, 1), date(2026, 12, 31))).is_empty()


def test_an_import_is_in_the_history_too(store):
    bank(store)
    rows = "month,level,staff_no,measure,target\n2026-11,manager,1001,deals,"
    file(operator(store), "plans", rows + "8")
    file(operator(store), "plans", rows + "9")
    assert plan_history.changes(head(store), NOVEMBER).select("before", "after").rows() == [(8, 9), (None, 8)]


@pytest.mark.both_engines
def test_the_second_of_two_who_set_a_plan_is_told(store):
    bank(store)
    set_targets(head(store), MONTH, [deals("manager", WANG, 35)])
    with pytest.raises(Conflict, match="head 1 has set this plan meanwhile"):
        set_targets(regional(store), MONTH, [deals("manager", LI, 1), deals("manager", WANG, 50, seen=None)])
    assert held(store) == {(None, None, WANG, None): 35}
    assert set_targets(regional(store), MONTH, [deals("manager", WANG, 35, seen=None)]) == 0, "the same is no conflict"


@pytest.mark.parametrize(
    "target",
    [
        deals("manager", WANG, -1),
        deals("manager", WANG, 1.5),
        deals("manager", WANG, 10**13),
        deals("manager", WANG, 3, product=999),
        deals("manager", WANG, 3, tier="dream"),
        Target("manager", WANG, "smiles", 3, None),
    ],
)
def test_what_can_be_no_plan_is_refused_and_nothing_is_stored(store, target):
    bank(store)
    with pytest.raises(Refused):
        set_targets(head(store), MONTH, [deals("manager", LI, 3), target])
    assert held(store) == {} and not [action for _account, action, _entity in trail(store) if action == "set"]


def test_tiers_stand_beside_each_other_and_never_below_a_lower_one(store):
    bank(store)
    one = [
        deals("manager", WANG, 20),
        deals("manager", WANG, 24, tier="stretch"),
        deals("manager", WANG, 30, tier="challenge"),
    ]
    assert set_targets(head(store), MONTH, one) == 3
    assert [list(held(store, tier).values()) for tier in ("target", "stretch", "challenge")] == [[20], [24], [30]]
    with pytest.raises(Refused, match="stretch of deals would be below target"):
        set_targets(head(store), MONTH, [deals("manager", WANG, 25, seen=20)])


def test_a_file_brings_tiers_and_says_where_they_are_out_of_order(store):
    viewer = operator(bank(store))
    rows = "月份,层级,工号,指标,档位,目标\n2026-11,客户经理,1001,成交量,{one},24\n2026-11,客户经理,1001,成交量,,20"
    assert file(viewer, "plans", rows.format(one="冲刺")).accepted == 2
    assert held(store, "stretch") == {(None, None, WANG, None): 24}
    wrong = file(viewer, "plans", rows.replace("1001", "1002").replace(",24", ",19").format(one="挑战"))
    assert wrong.problems.select("row", "column").rows() == [(2, "目标")] and wrong.accepted == 0
    assert file(viewer, "plans", rows.format(one="梦想")).problems["column"].to_list() == ["档位"]


def test_a_plan_of_one_product_stands_beside_the_whole(store):
    bank(store)
    set_targets(head(store), MONTH, [deals("manager", WANG, 20), deals("manager", WANG, 5, product=3)])
    assert held(store) == {(None, None, WANG, None): 20, (None, None, WANG, 3): 5}


def spans(store) -> list[tuple]:
    with store.reading() as connection:
        statement = select(Plan.manager_id, Plan.from_day, Plan.to_day).order_by(Plan.manager_id)
        return [tuple(row) for row in connection.execute(statement)]


def test_a_plan_is_meant_for_the_days_its_holder_was_to_be_there_when_it_was_set(store):
    bank(store)
    by = Viewer(store, "admin", "administrator")
    staffing.leave(by, WANG, date(2026, 11, 10))
    set_targets(head(store), MONTH, [deals("manager", WANG, 6), deals("manager", LI, 20)])
    set_targets(regional(store), MONTH, [deals("branch", EAST, 26)])
    assert spans(store)[-2:] == [(WANG, MONTH, date(2026, 11, 10)), (LI, MONTH, date(2026, 11, 30))] or spans(store)[
        :2
    ] == [(WANG, MONTH, date(2026, 11, 10)), (LI, MONTH, date(2026, 11, 30))]
    staffing.leave(by, LI, date(2026, 11, 20))
    assert (LI, MONTH, date(2026, 11, 30)) in spans(store), "what was planned stays planned"


def test_the_same_file_again_stores_nothing_even_when_somebody_has_left_since(store):
    viewer = operator(bank(store))
    rows = "month,level,staff_no,measure,target\n2026-11,manager,1001,deals,8"
    assert file(viewer, "plans", rows).accepted == 1
    staffing.leave(viewer, WANG, date(2026, 11, 10))
    again = file(viewer, "plans", rows)
    assert (again.accepted, again.duplicates) == (0, 1)
    assert spans(store) == [(WANG, MONTH, date(2026, 11, 30))]
