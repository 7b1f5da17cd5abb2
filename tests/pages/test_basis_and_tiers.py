"""What a region's definitions change of how attainment is shown: the basis of time, the tiers of a plan; and
vacancies."""

from datetime import date

import pytest

from db import definitions
from db.access import Viewer
from db.people import people, staffing
from db.plans import plans
from db.plans.plans import Target
from metrics.definitions import DEFAULT
from metrics.periods import Period
from tests.support.pages import everything_said, healthy, look

pytestmark = pytest.mark.slow

NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 30))
FRIDAY = date(2026, 11, 20)


def regional(store) -> Viewer:
    return Viewer(store, "region-1", "regional", 1)


def define(store, **settings) -> None:
    definitions.set_version(regional(store), NOVEMBER.first, DEFAULT | settings, 1, FRIDAY)


@pytest.mark.parametrize(
    ("language", "named", "other"),
    [("zh", "已过 19 / 共 30 个自然日", "按工作日 66.7%"), ("en", "19 of 30 calendar days", "by working days 66.7%")],
)
def test_on_the_calendar_basis_the_cards_name_it_and_what_working_days_would_say(own_demo, language, named, other):
    define(own_demo, time_basis="calendar")
    said = everything_said(healthy(look("morning_meeting", as_="head-1", lang=language)))
    assert named in said and other in said and "63.3%" in said


def test_on_working_days_the_cards_name_both_too(demo):
    said = everything_said(healthy(look("morning_meeting", as_="head-1")))
    assert "已过 14 / 共 21 个工作日" in said and "按日历天数 63.3%" in said


def test_tiers_are_offered_only_where_the_region_uses_them_and_named_beside_the_target(own_demo):
    assert not [one for one in look("plans", as_="head-1").selectbox if one.label == "档位"]
    define(own_demo, three_tiers=True)
    whole = 10_000
    plans.set_targets(regional(own_demo), NOVEMBER.first, [Target("branch", 1, "deals", whole, None, tier="stretch")])
    app = healthy(look("plans", as_="head-1", tier="stretch"))
    assert [one.value for one in app.selectbox if one.label == "档位"] == ["stretch"]
    assert f"{whole:,}" in everything_said(app) and "未分解" in everything_said(app)
    assert "冲刺档 10,000 的" in everything_said(healthy(look("morning_meeting", as_="head-1")))


def test_what_a_leaver_leaves_behind_is_named_as_vacant(own_demo):
    one, name = people.managers(regional(own_demo), NOVEMBER, 1).select("manager", "manager_name").row(0)
    held = plans.read(regional(own_demo), NOVEMBER)
    stood = held.filter(manager=one, measure="deals")["target"].to_list()
    target = Target("manager", one, "deals", 21, stood[0] if stood else None)
    plans.set_targets(Viewer(own_demo, "head-1", "branch_head", 1, 1), NOVEMBER.first, [target])
    before = everything_said(healthy(look("plans", as_="head-1")))
    staffing.leave(Viewer(own_demo, "admin", "administrator"), one, date(2026, 11, 9))
    after = everything_said(healthy(look("plans", as_="head-1")))
    assert "空缺" not in before and f"空缺（原承担人已离岗）：{name} 成交量 15" in after
