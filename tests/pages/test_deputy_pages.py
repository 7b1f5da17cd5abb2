"""A deputy opens the pages of the meetings while they stand in, as the deputy; their own pages as themselves."""

from datetime import datetime, timedelta

import pytest

from dashboard.shell.store import operator
from db.meetings import deputies
from db.people import people
from metrics import periods
from tests.conftest import FRIDAY
from tests.support.pages import MEETINGS, everything_said, healthy, look

pytestmark = pytest.mark.slow


def manager_of(store, staff_no: str) -> int:
    return people.managers(operator(store), periods.day(FRIDAY)).filter(staff_no=staff_no)["manager"].item()


def test_the_pages_of_meetings_open_for_a_deputy_and_close_the_day_after(own_demo, configured):
    page = "evening_meeting"
    assert "您没有此页面的权限" in everything_said(look(page, as_="100001"))
    deputies.name(operator(own_demo), manager_of(own_demo, "100001"), FRIDAY, FRIDAY + timedelta(40), FRIDAY)
    for meeting in MEETINGS:
        said = everything_said(healthy(look(meeting, as_="100001")))
        assert "您没有此页面的权限" not in said and "代为补录" not in said
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
