"""The numbers on the pages are those of the metrics."""

from datetime import date, timedelta

import polars as pl
import pytest

from dashboard.standing import summary_report
from dashboard.standing.book import open_book
from dashboard.standing.part import Part
from dashboard.widgets import formats
from db.access import Viewer
from db.customers import customers
from db.log import activity
from db.meetings import promises
from db.people import people
from db.plans import plans
from metrics import periods
from metrics.catalog import COUNTS, FUNNEL
from metrics.metric import measure
from metrics.periods import Period
from tests.conftest import FRIDAY
from tests.support.pages import AS, cards, entries, every_card, everything_said, look, tables

pytestmark = pytest.mark.slow

MONTH = periods.month(FRIDAY)
TODAY = periods.day(FRIDAY)


def counted(viewer: Viewer, period, by=(), **part: int) -> pl.DataFrame:
    """The funnel straight from the log."""
    log = activity.read(viewer, period).filter(*(pl.col(name) == one for name, one in part.items()))
    return measure(log, FUNNEL, by)


def names(viewer: Viewer) -> dict[int, str]:
    return dict(people.managers(viewer, MONTH).select("manager", "manager_name").iter_rows())


@pytest.mark.parametrize("branch", [1, 2])
def test_the_morning_shows_the_last_working_day_and_the_month(everything, branch):
    app = look("morning_meeting", as_=AS["regional"], branch=str(branch))
    yesterday = counted(everything, periods.day(FRIDAY - timedelta(1)), branch=branch)
    month = counted(everything, Period(MONTH.first, FRIDAY - timedelta(1)), branch=branch)  # nothing of the day itself
    shown = {(label, value) for label, value, _about in every_card(app)}
    for label, value in (
        ("成交量", formats.count(month["deals"].item())),
        ("咨询量", formats.count(month["consultations"].item())),
        ("成交金额", formats.amount(month["deal_amount"].item())),
    ):
        assert (label, value) in shown
    assert formats.day(FRIDAY - timedelta(1)) in everything_said(app)
    assert f"{formats.count(yesterday['consultations'].item())}{formats.day(FRIDAY - timedelta(1))}" in everything_said(
        app
    )


def test_the_morning_counts_time_up_to_the_evening_before(everything):
    app = look("morning_meeting", as_=AS["branch_head"])
    assert cards(app)["时间进度"][0] == formats.share(14 / 21)
    assert "14" in cards(app)["时间进度"][1]


@pytest.mark.parametrize("measure_name", ["consultations", "deals", "deal_amount"])
def test_the_morning_table_has_everyone_with_his_own_plan(everything, measure_name):
    app = look("morning_meeting", as_=AS["branch_head"], measure=measure_name)
    table = tables(app)[0]
    targets = plans.read(everything, MONTH).filter(pl.col("measure") == measure_name)
    held = dict(targets.filter(pl.col("manager").is_not_null()).select("manager", "target").iter_rows())
    team = people.managers(everything, MONTH, 1)
    assert {line[0] for line in table[1:-1]} == set(team["manager_name"])
    for manager, name in team.select("manager", "manager_name").iter_rows():
        line = next(line for line in table if line[0] == name)
        assert ("无计划" in line[1]) == (manager not in held or held[manager] == 0)


def test_a_manager_without_a_plan_is_shown_to_have_none(everything):
    with_plan = set(plans.read(everything, MONTH)["manager"].drop_nulls())
    without = people.managers(everything, TODAY).filter(~pl.col("manager").is_in(with_plan))
    number, name, branch = without.select("staff_no", "manager_name", "branch").row(0)
    line = next(line for line in tables(look("morning_meeting", as_=f"head-{branch}"))[0] if line[0] == name)
    assert "无计划" in line[1] and "无计划" in line[2] and "%" not in line[2]
    assert "无计划" in cards(look(as_=number))["成交量"][1]


def test_the_furthest_behind_stands_on_top(everything):
    found = open_book(everything, FRIDAY, Part(branch=2)).month().standing
    worst = found.filter(pl.col("measure") == "deals").sort("status", "pace_gap", nulls_last=True)
    shown = [line[0].split()[0] for line in tables(look("morning_meeting", as_="head-2", measure="deals"))[0][1:-1]]
    assert shown == [names(everything)[one] for one in worst["manager"]]


@pytest.mark.parametrize("day", [FRIDAY, FRIDAY - timedelta(4)])
def test_the_evening_sets_the_day_against_its_promises(everything, day):
    app = look("evening_meeting", as_="head-2", day=str(day))
    done = counted(everything, periods.day(day), ["manager"], branch=2)
    said = promises.read(everything, day).filter(pl.col("branch") == 2)
    assert said.height
    (table,) = tables(app)
    assert len(table) == 1 + people.managers(everything, periods.day(day), 2).height
    for manager, name in names(everything).items():
        line = next((line for line in table if line[0] == name), None)
        if line is None:
            continue
        row = done.filter(pl.col("manager") == manager)
        for place, one in enumerate(COUNTS, 2):
            target = said.filter(pl.col("manager") == manager, pl.col("measure") == one.name)["target"].to_list()
            actual = row[one.name].item() if row.height else 0
            assert line[place] == f"{actual} / {target[0] if any(target) else '—'}"


def test_the_evening_says_who_kept_their_word(everything):
    app = look("evening_meeting", as_="head-2", day=str(FRIDAY - timedelta(1)))
    words = [line[1] for line in tables(app)[0][1:]]
    kept, below = cards(app)["已兑现"]
    assert int(kept) == len([word for word in words if "已兑现" in word or "超额兑现" in word])
    assert below.startswith(str(len([word for word in words if "未兑现" in word])))
    order = ["未兑现" in word for word in words]
    assert order == sorted(order, reverse=True)


def test_until_the_day_is_over_every_promise_is_in_progress(everything):
    app = look("evening_meeting", as_="head-2")
    words = [line[1] for line in tables(app)[0][1:]]
    assert {word for word in words if "无承诺" not in word and "未承诺" not in word} == {"○ 进行中"}
    assert int(cards(app)["进行中"][0]) == words.count("○ 进行中") and "已兑现" not in cards(app)


def test_without_promises_the_evening_says_where_they_are_made(everything):
    app = look("evening_meeting", as_="head-1")
    assert promises.read(everything, FRIDAY).filter(pl.col("branch") == 1).is_empty()
    assert "早会" in app.info[0].value and tables(app)


def test_the_week_is_from_monday_to_sunday(everything):
    app = look("weekly_meeting", as_="head-2", measure="consultations")
    week = counted(everything, periods.week(FRIDAY), branch=2)
    assert cards(app)["咨询量（本周）"][0] == formats.count(week["consultations"].item())
    month = counted(everything, MONTH, branch=2)
    assert cards(app)["成交量（本月累计）"][0] == formats.count(month["deals"].item()), "not a part of a deal"
    assert any("11月16日–11月22日" in one.value for one in app.subheader)
    assert tables(app)[0][-1][1].startswith(f"{week['consultations'].item()} /")
    assert tables(app)[0][-1][3].startswith(f"{month['deals'].item()} /")


def test_eight_weeks_of_each_manager_add_up(everything):
    app = look("weekly_meeting", as_="head-2")
    eight = counted(everything, periods.weeks_back(FRIDAY, 8), branch=2)
    table = next(one for one in tables(app) if "每周咨询量" in one[0])
    column = table[0].index("咨询量")
    numbers = [int(line[column].replace(",", "")) for line in table[1:]]
    assert sum(numbers[:-1]) == numbers[-1] == eight["consultations"].item()


def test_the_comparison_has_every_branch_and_its_sum(everything):
    app = look("branch_comparison", as_=AS["regional"], measure="deals")
    month = counted(everything, MONTH)
    by_branch = dict(counted(everything, MONTH, ["branch"]).select("branch", "deals").iter_rows())
    shown = {line[0].removesuffix(" ›"): line[3] for line in tables(app)[0][1:]}
    places = dict(people.branches(everything).select("branch_name", "branch").iter_rows())
    assert set(shown) == {*places, "合计"}
    for name, branch in places.items():
        assert shown[name].startswith(f"{by_branch[branch]} /")
    assert shown["合计"].startswith(f"{month['deals'].item()} /")
    assert cards(app)["成交量"][0] == formats.count(month["deals"].item())


def test_the_comparison_opens_a_branch_named_in_the_link(everything):
    app = look("branch_comparison", as_=AS["regional"], branch="2")
    (place,) = people.branches(everything).filter(pl.col("branch") == 2)["branch_name"]
    assert app.title[0].value.endswith(place)
    team, month = set(people.managers(everything, MONTH, 2)["manager_name"]), counted(everything, MONTH, branch=2)
    activity_table = tables(look("branch_comparison", as_=AS["regional"], branch="2", section="activity"))[0]
    for table in (tables(app)[0], activity_table):
        assert table[0][0] == "客户经理" and {line[0] for line in table[1:-1]} == team
    assert cards(app)["成交量"][0] == formats.count(month["deals"].item()), "the filter changes everything"
    places = tables(look("branch_comparison", as_=AS["regional"], branch="2", section="penetration"))[0]
    assert places[0][0] == "客户经理" and team <= {line[0] for line in places[1:-1]}


def test_an_older_month_in_the_link_is_shown_as_it_ended(everything):
    october = periods.previous(MONTH)
    app = look("branch_comparison", as_=AS["regional"], month="2026-10-01")
    assert cards(app)["咨询量"][0] == formats.count(counted(everything, october)["consultations"].item())
    assert cards(app)["时间进度"][0] == "100.0%"
    assert not {"日均需完成", "预计达成"} & set(tables(app)[0][0]) and "预计" not in cards(app)["咨询量"][1]


def test_an_older_day_in_the_link_knows_nothing_of_later_ones(everything):
    monday = date(2026, 11, 16)
    app = look("weekly_meeting", as_="head-2", day=str(monday))
    until = counted(everything, periods.day(monday), branch=2)
    assert cards(app)["咨询量（本周）"][0] == formats.count(until["consultations"].item())


def test_the_same_numbers_stand_on_the_page_and_in_the_report(everything):
    through = FRIDAY - timedelta(1)
    _table, total, _rules = summary_report.summary(everything, MONTH, through)
    said = cards(look("branch_comparison", as_=AS["regional"]))
    for name, label in (("consultations", "咨询量"), ("applications", "申请量"), ("deals", "成交量")):
        assert formats.share(total[f"{name}_attainment"].item()) in said[label][1]


def test_my_day_is_my_own(everything):
    app = look(as_=AS["manager"])
    mine = counted(everything, TODAY, manager=1)
    assert cards(app)["咨询量"][0] == formats.count(mine["consultations"].item())
    assert len(entries(app)) == activity.rows(everything, FRIDAY, 1).height


def test_nobody_can_have_another_managers_day_shown(everything):
    mine, *others = (counted(everything, TODAY, manager=one)["consultations"].item() for one in range(1, 13))
    other = next(place for place, number in enumerate(others, 2) if number != mine)
    app = look("my_day", as_=AS["manager"], manager=str(other))
    assert cards(app)["咨询量"][0] == formats.count(mine)
    assert not [one for one in app.selectbox if one.label == "客户经理"]


def test_customers_of_others_are_not_offered(everything):
    app = look(as_=AS["manager"])
    offered = next(one for one in app.selectbox if one.label == "客户").options
    mine = set(customers.of_manager(everything, 1)["customer_name"])
    assert offered and {one.split(" · ")[0] for one in offered} <= mine
