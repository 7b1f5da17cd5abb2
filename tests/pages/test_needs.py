"""What a plan asks for a day, where people see it."""

import re

import pytest

from tests.support.pages import everything_said, healthy, look, unfolded

pytestmark = pytest.mark.slow


def test_a_manager_reads_what_his_plans_ask_of_him(demo):
    said = everything_said(unfolded(healthy(look("my_day", as_="100003"))))
    assert re.search(
        r"日均需咨询 [\d.]+ 次；历史峰值月日均 [\d.]+ 次|已来不及靠新增|远超本人历史最好月份|在途商机预计可覆盖|须靠在途商机",
        said,
    )
    assert "还差" in said and "在途预计" in said


def test_who_has_no_plan_is_asked_for_nothing(demo):
    said = everything_said(healthy(look("my_day", as_="100001")))
    assert said.count("无计划") == 4 and "在途预计" not in said


@pytest.mark.parametrize(("language", "title"), [("zh", "目标倒推（日均）"), ("en", "Needed per day from here on")])
def test_the_branch_head_reads_it_of_everybody_in_the_morning(demo, language, title):
    app = healthy(look("morning_meeting", as_="head-1", lang=language, measure="applications"))
    assert title in [one.value for one in app.subheader]
    assert ("历史峰值" if language == "zh" else "Best month") in everything_said(app)


def test_a_plan_being_set_shows_at_once_what_it_asks_for(own_demo):
    app = healthy(look("plans", as_="head-1", month="2026-12-01"))
    next(one for one in app.button if one.label == "填入表格").click().run()
    said = everything_said(healthy(app))
    assert "计划压力测算" in said and "假定月初在途商机与当前相当。" in said


def test_of_one_product_and_of_a_month_that_is_over_nothing_is_reckoned_back(demo):
    for link in ({"product": "1"}, {"month": "2026-10-01"}):
        assert "计划压力测算" not in everything_said(healthy(look("plans", as_="head-1", **link)))
