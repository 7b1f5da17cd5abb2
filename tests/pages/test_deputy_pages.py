"""A deputy opens the pages of the meetings while they stand in, as the deputy; their own pages as themselves."""

from datetime import datetime, timedelta

import pytest

from dashboard.shell.store import operator
from db.customers import customers
from db.meetings import deputies
from db.people import people
from metrics import periods
from tests.conftest import FRIDAY
from tests.support.pages import MEETINGS, everything_said, healthy, look, tables

pytestmark = pytest.mark.slow


def manager_of(store, staff_no: str) -> int:
    return people.managers(operator(store), periods.day(FRIDAY)).filter(staff_no=staff_no)["manager"].item()


def test_the_pages_of_meetings_open_for_a_deputy_and_close_the_day_after(own_demo, configured):
    page = "evening_meeting"
    assert "您没有此页面的权限" in everything_said(look(page, as_="100001"))
    deputies.name(operator(own_demo), manager_of(own_demo, "100001"), FRIDAY, FRIDAY + timedelta(40), FRIDAY)
    for meeting in (*MEETINGS, "messages"):
        said = everything_said(healthy(look(meeting, as_="100001")))
        assert "您没有此页面的权限" not in said
    assert any(one.label == "结束夕会并锁定当日" for one in look(page, as_="100001").button)
    assert healthy(look("my_day", as_="100001")).title[0].value.startswith("我的一天")
    assert "您没有此页面的权限" in everything_said(look("plans", as_="100001"))
    configured.now = datetime.combine(FRIDAY + timedelta(41), datetime.min.time()).replace(hour=9)
    assert "您没有此页面的权限" in everything_said(look(page, as_="100001"))


def test_a_head_names_and_ends_a_deputy_on_the_agenda_page(own_demo):
    app = healthy(look("agenda", as_="head-1"))
    team = next(one for one in app.selectbox if one.label == "客户经理")
    team.set_value(next(iter(people.managers(operator(own_demo), periods.day(FRIDAY), 1)["manager"])))
    app = next(one for one in app.button if one.label == "指定代理").click().run()
    (ending,) = [one for one in healthy(app).button if one.label.startswith("立即结束代理")]
    assert deputies.read(operator(own_demo), 1, FRIDAY).height == 1
    healthy(ending.click().run())
    assert deputies.read(operator(own_demo), 1, FRIDAY).is_empty()


def test_a_deputy_enters_what_a_colleague_missed_and_learns_no_customers_name(own_demo):
    mine = manager_of(own_demo, "100001")
    team = people.managers(operator(own_demo), periods.day(FRIDAY), 1)["manager"].to_list()
    colleague = next(one for one in team if one != mine)
    deputies.name(operator(own_demo), mine, FRIDAY, FRIDAY + timedelta(40), FRIDAY)
    names = set(customers.of_manager(operator(own_demo), colleague, 1_000)["customer_name"])
    link = {"manager": str(colleague), "day": str(FRIDAY)}
    app = healthy(look("activity_log", as_="100001", **link))
    offered = {str(one) for box in app.selectbox for one in box.options}
    said = everything_said(app) + str(offered)
    assert "代为补录" in [one.label for one in app.expander] and not [one for one in names if one in said]
    assert any(" · ".join(row).count("*") for table in tables(app) for row in table), "masked, as on the wall"
    assert "代为补录" in str(tables(healthy(look("evening_meeting", as_="100001"))))
