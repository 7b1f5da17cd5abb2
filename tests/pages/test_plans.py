"""The plans page: divided by a key, summed beside the whole, saved once, with a history."""

from datetime import date

import polars as pl
import pytest

from dashboard.shell.store import operator
from db.access import Viewer
from db.people import people, staffing
from db.plans import plans
from db.plans.plans import Target
from metrics.periods import Period
from tests.support.pages import everything_said, healthy, look, signed_in, unfold, visit

pytestmark = pytest.mark.slow

DECEMBER = Period(date(2026, 12, 1), date(2026, 12, 31))
REGION, EAST = 1, 1


def regional(store) -> Viewer:
    return Viewer(store, "region-1", "regional", REGION)


def button(app, label: str):
    return next(one for one in app.button if one.label == label)


def held(store, level: str, measure: str = "deals") -> dict[int, int]:
    rows = plans.read(operator(store), DECEMBER).filter(pl.col("product").is_null(), pl.col("measure") == measure)
    rows = rows.filter(pl.col(level).is_not_null())
    return dict(rows.select(level, "target").iter_rows())


@pytest.fixture
def december(own_demo):
    """The region plans 100 deals for December, and 40 for the first branch; nothing else is planned."""
    wanted = [("region", REGION, 100), ("branch", EAST, 40)]
    before = {(level, holder): held(own_demo, level).get(holder) for level, holder, _target in wanted}
    targets = [Target(level, holder, "deals", target, before[level, holder]) for level, holder, target in wanted]
    targets += [Target("manager", one, "deals", None, seen) for one, seen in held(own_demo, "manager").items()]
    targets += [Target("branch", 2, "deals", None, held(own_demo, "branch")[2])]
    single = plans.read(operator(own_demo), DECEMBER).filter(pl.col("product").is_not_null())
    for branch, product, target in single.select("branch", "product", "target").iter_rows():
        targets.append(Target("branch", branch, "deals", None, target, product=product))
    plans.set_targets(regional(own_demo), DECEMBER.first, targets)
    return own_demo


def test_a_branch_head_divides_his_branchs_plan_by_a_key_and_saves_it(december):
    app = look("plans", as_="head-1", month="2026-12-01")
    assert "未分解 40" in everything_said(healthy(app)), "nothing is divided yet, and said to be"
    before = december.counter()
    app = healthy(button(app, "填入表格").click().run())
    said = everything_said(app)
    assert "下级合计 40 · √ 已足额分解" in said and december.counter() == before, "filled in, not stored"
    healthy(button(app, "保存计划").click().run())
    parts = held(december, "manager")
    assert sum(parts.values()) == 40 and max(parts.values()) - min(parts.values()) <= 1


@pytest.mark.parametrize("key", ["last_quarter", "present"])
def test_the_other_keys_make_the_whole_too(december, key):
    app = look("plans", as_="head-1", month="2026-12-01")
    next(one for one in app.selectbox if one.label == "分解方式").select(key).run()
    app = healthy(button(app, "填入表格").click().run())
    assert "下级合计 40 · √ 已足额分解" in everything_said(app)


def test_the_region_divides_among_its_branches_and_sees_what_is_missing(december):
    app = look("plans", as_="region-1", month="2026-12-01")
    assert "下级合计 40 · ▼ 未分解 60" in everything_said(healthy(app))
    button(app, "填入表格").click().run()
    healthy(button(app, "保存计划").click().run())
    assert held(december, "branch") == {1: 50, 2: 50} and held(december, "region") == {1: 100}


def test_too_much_is_named_and_never_made_to_fit(december):
    one = people.managers(regional(december), DECEMBER, EAST)["manager"][0]
    plans.set_targets(regional(december), DECEMBER.first, [Target("manager", one, "deals", 55, None)])
    app = look("plans", as_="region-1", month="2026-12-01", branch="1")
    assert "▲ 超分解 15" in everything_said(healthy(app))
    assert held(december, "branch")[1] == 40


def test_what_was_typed_is_undone_without_a_trace(december):
    app = look("plans", as_="head-1", month="2026-12-01")
    before = december.counter()
    button(app, "填入表格").click().run()
    app = healthy(button(app, "撤销未保存的修改").click().run())
    assert "未分解 40" in everything_said(app) and december.counter() == before


def test_the_second_of_two_is_told_and_keeps_what_he_typed(december):
    app = look("plans", as_="head-1", month="2026-12-01")
    button(app, "填入表格").click().run()
    one = people.managers(regional(december), DECEMBER, EAST)["manager"][0]
    plans.set_targets(regional(december), DECEMBER.first, [Target("manager", one, "deals", 39, None)])
    app = button(app, "保存计划").click().run()
    assert "region-1 刚刚修改了这项计划" in app.error[0].value.replace("\\", "")
    assert held(december, "manager") == {one: 39}


def test_where_nothing_is_typed_what_others_set_shows_at_the_next_look(december):
    app = healthy(look("plans", as_="head-1", month="2026-12-01"))
    one = people.managers(regional(december), DECEMBER, EAST)["manager"][0]
    plans.set_targets(regional(december), DECEMBER.first, [Target("manager", one, "deals", 39, None)])
    said = everything_said(healthy(app.run()))
    assert "下级合计 39 · ▼ 未分解 1" in said
    healthy(button(app, "填入表格").click().run())
    healthy(button(app, "保存计划").click().run())
    assert sum(held(december, "manager").values()) == 40


def test_the_plan_of_who_left_before_the_month_began_is_vacant_where_he_worked_last(december):
    one, name = people.managers(regional(december), DECEMBER, EAST).select("manager", "manager_name").row(0)
    plans.set_targets(regional(december), DECEMBER.first, [Target("manager", one, "deals", 23, None)])
    staffing.leave(Viewer(december, "admin", "administrator"), one, date(2026, 11, 25))
    for who, branch in (("head-1", {}), ("region-1", {}), ("region-1", {"branch": "1"})):
        said = everything_said(healthy(look("plans", as_=who, month="2026-12-01", **branch)))
        assert f"{name} " in said and "成交量 23" in said.split("空缺（原承担人已离岗）：")[1]
    assert name not in everything_said(healthy(look("plans", as_="head-2", month="2026-12-01")))


def test_the_history_names_who_changed_what(december):
    said = everything_said(unfold(look("plans", as_="head-1", month="2026-12-01"), "plan history"))
    assert "region-1" in said and "成交量" in said


@pytest.mark.parametrize("role", ["head-1", "auditor"])
def test_a_month_that_is_over_and_a_role_that_sets_nothing_have_no_save_button(demo, role):
    link = {"month": "2026-10-01"} if role == "head-1" else {}
    app = healthy(look("plans", as_=role, **link))
    assert not [one for one in app.button if one.label == "保存计划"]


def test_a_plan_of_one_product_is_set_beside_the_whole(december):
    session = signed_in(december, "region-1")
    app = healthy(visit(session, "plans", month="2026-12-01", product="3"))
    assert "无计划" in everything_said(app)
    plans.set_targets(regional(december), DECEMBER.first, [Target("region", REGION, "deals", 9, None, product=3)])
    app = healthy(visit(session, "plans", month="2026-12-01", product="3"))
    button(app, "填入表格").click().run()
    healthy(button(app, "保存计划").click().run())
    rows = plans.read(operator(december), DECEMBER).filter(pl.col("product") == 3, pl.col("branch").is_not_null())
    assert rows["target"].sum() == 9 and held(december, "region")[1] in (9, 100)
