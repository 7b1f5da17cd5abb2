"""The visiting day on screen: planned by the head, gone on by the team, heard of in the next meeting."""

from datetime import timedelta

import pytest

from dashboard.meetings import visiting_blocks
from dashboard.shell.store import operator
from db.log.entry import Entry
from db.meetings import visiting
from db.meetings.visiting import Arrangement, Place
from db.recording import visits
from metrics import periods
from tests.conftest import FRIDAY
from tests.support.builders import EAST, LI, MONDAY, WANG, bank, head, manager, with_territories
from tests.support.pages import healthy, look, tables, unfold

pytestmark = pytest.mark.slow
TODAY = periods.day(FRIDAY)


def press(app, label: str):
    return next(one for one in app.button if one.label == label).click().run()


def test_a_head_plans_it_in_pairs_and_a_manager_enters_a_visit_of_the_group(own_demo):
    app = unfold(look("visiting_day", as_="head-1"), "plan visiting 1")
    next(one for one in app.date_input if one.label == "日期").set_value(FRIDAY)
    app = healthy(press(app, "保存安排"))
    (day,) = visiting.read(operator(own_demo), 1, TODAY).to_dicts()
    team = visiting.team(operator(own_demo), day["visiting"])
    assert team["group"].max() == team.height // 2 and "第 1 组" in str(tables(app))
    before = visits.made(operator(own_demo), 1, FRIDAY)["activity"].n_unique()
    app = unfold(look("visiting_day", as_="100001"), "visiting None")
    next(one for one in app.text_input if one.label == "客户").set_value("新开的茶庄")
    app = healthy(press(app, "登记拜访"))
    found = visits.made(operator(own_demo), 1, FRIDAY)
    assert found["activity"].n_unique() == before + 1 and set(found["partner"]) <= set(team["manager"])
    assert " / 6" in str(tables(app)) or " / 5" in str(tables(app))


def test_the_next_meeting_hears_what_it_brought_and_when_the_next_one_is(store):
    with_territories(bank(store))
    pair = (Place(WANG, 1, "main_talker"), Place(LI, 1, "observer"))
    visiting.plan(head(store), EAST, MONDAY, Arrangement(pair, territory=EAST, target=4), MONDAY)
    visiting.plan(head(store), EAST, MONDAY + timedelta(7), Arrangement(pair, territory=EAST), MONDAY)
    met = Entry("consultation", MONDAY, customer_name="湖滨书店", met_decider=True, has_need=True)
    visits.record(manager(store), WANG, met, "one", MONDAY)
    line, table, coming = visiting_blocks.of_meeting(head(store), EAST, MONDAY, MONDAY + timedelta(1))
    assert line.text.endswith("社区：2 人 1 组，同访 1 户（目标 4 户）")
    assert [one.text for one in table.rows[0]] == ["咨询量", "1", "0.00"]
    assert coming.text.startswith("下次拓展拜访日") and coming.text.endswith("社区")
    assert visiting_blocks.of_meeting(head(store), EAST, MONDAY - timedelta(99), MONDAY - timedelta(90)) == ()


def test_a_day_that_was_planned_is_the_one_that_is_shown(own_demo):
    app = unfold(look("visiting_day", as_="head-1"), "plan visiting 1")
    before = next(one for one in app.selectbox if one.label == "日期").value
    next(one for one in app.date_input if one.label == "日期").set_value(FRIDAY + timedelta(5)).run()
    app = healthy(press(app, "保存安排"))
    shown = next(one for one in app.selectbox if one.label == "日期").value
    assert before != shown == FRIDAY + timedelta(5) and app.query_params["visiting"] in (str(shown), [str(shown)])
    app = healthy(next(one for one in app.selectbox if one.label == "日期").set_value(before).run())
    assert next(one for one in app.selectbox if one.label == "日期").value == before


def test_a_head_repeats_it_and_cancels_one_day_for_a_reason(own_demo):
    app = unfold(look("visiting_day", as_="head-1"), "plan visiting 1")
    next(one for one in app.date_input if one.label == "日期").set_value(FRIDAY + timedelta(3)).run()
    next(one for one in app.button_group if one.label == "重复").set_value("week").run()
    next(one for one in app.date_input if one.label == "期限").set_value(FRIDAY + timedelta(24)).run()
    app = healthy(press(app, "保存安排"))
    coming = periods.Period(FRIDAY + timedelta(1), FRIDAY + timedelta(30))
    assert visiting.read(operator(own_demo), 1, coming).height == 4
    next(one for one in app.selectbox if one.label == "日期").set_value(FRIDAY + timedelta(3)).run()
    number = visiting.read(operator(own_demo), 1, coming)["visiting"][0]
    app = press(unfold(app, f"cancel visiting {number}"), "确认取消")
    assert "取消原因" in app.error[0].value
    next(one for one in app.text_input if one.label == "取消原因").set_value("全行培训")
    healthy(press(app, "确认取消"))
    found = visiting.read(operator(own_demo), 1, coming)["cancelled"].to_list()
    assert found == ["全行培训", None, None, None]
    app = healthy(look("visiting_day", as_="100001", visiting=str(FRIDAY + timedelta(3))))
    assert "全行培训" in app.info[0].value
