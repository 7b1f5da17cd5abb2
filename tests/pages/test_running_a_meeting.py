"""A meeting on its page: begun, run item by item, ended; what comes of it stands in the evening and the next morning."""

from datetime import date, datetime, timedelta

import pytest

from dashboard.shell.store import operator
from db.meetings import commitments, held, promises
from tests.support.builders import EAST, LI, WANG, account, bank
from tests.support.pages import everything_said, healthy, look, tables, unfold
from tests.support.sheets import bring, row

pytestmark = pytest.mark.slow

FRIDAY = date(2026, 11, 20)
MONDAY = FRIDAY + timedelta(3)


@pytest.fixture
def branch(configured, sqlite_store):
    configured.database_url = bank(sqlite_store).url
    for login, role, place in (("head", "branch_head", EAST), ("wang", "manager", WANG), ("wall", "screen", EAST)):
        account(sqlite_store, login, role, place)
    bring(operator(sqlite_store), row(customer="甲店", date="2026-11-19"))
    promises.set_promises(operator(sqlite_store), FRIDAY, {WANG: {"consultations": 1}, LI: {"deals": 1}})
    return sqlite_store


def press(app, label: str):
    return healthy(next(one for one in app.button if one.label.startswith(label)).click().run())


def labels(app) -> list[str]:
    return [one.label for one in app.button]


def meeting(store, kind="morning", on=FRIDAY) -> held.Held | None:
    return held.read(operator(store), EAST, kind, on)


def test_a_morning_from_beginning_to_minutes(branch):
    app = press(healthy(look("morning_meeting", as_="head")), "开始早会")
    assert meeting(branch).item == "news" and "早会进行中" in everything_said(app)
    app = press(app, "全员出席")
    assert held.attendance(operator(branch), meeting(branch).meeting, EAST) == {WANG: "present", LI: "present"}
    healthy(app.text_area[0].set_value("监管新规").run())
    app = press(app, "下一项")
    assert (meeting(branch).item, app.text_area[0].value) == ("policy", "")
    for _item in range(5):
        app = press(app, "下一项")
    assert meeting(branch).item == "targets" and not [one for one in labels(app) if one.startswith("下一项")]
    app = press(app, "结束会议")
    assert not meeting(branch).running and "出席 2" not in everything_said(app)  # folded away
    app = unfold(app, f"minutes of morning {FRIDAY}")
    assert "出席 2" in everything_said(app) and "继续会议" in labels(app)
    (note,) = held.notes(operator(branch), meeting(branch).meeting, EAST).rows()
    assert note[:3] == ("news", "somebody called head (head)", "监管新规")


def test_what_is_agreed_stands_on_their_page_and_the_next_morning_until_it_is_done(branch):
    app = press(healthy(look("morning_meeting", as_="head")), "开始早会")
    assert "事项" not in [one.label for one in app.text_input]  # folded away
    app = unfold(app, "agree on something news")
    next(one for one in app.text_input if one.label == "事项").set_value("补齐甲店资料")
    next(one for one in app.selectbox if one.label == "责任人").set_value(WANG)
    app = press(app, "确定")
    own = healthy(look("my_day", as_="wang"))
    assert "补齐甲店资料" in everything_said(own)
    app = press(app, "结束会议")
    assert commitments.read(operator(branch), EAST, MONDAY)["text"].to_list() == ["补齐甲店资料"]
    press(own, "已完成")
    assert commitments.read(operator(branch), EAST, MONDAY).is_empty()


def test_the_evening_meeting_locks_the_day_with_what_was_kept(branch):
    bring(operator(branch), row(customer="乙店", date="2026-11-20"))
    app = press(healthy(look("evening_meeting", as_="head")), "开始夕会")
    assert "咨询量" in tables(app)[0][0]
    app = press(app, "结束夕会并锁定当日")
    bring(operator(branch), row(customer="丙店", date="2026-11-20", staff_no="1002", manager="李强"))
    rows = {one[0]: one[1] for one in tables(healthy(look("evening_meeting", as_="head")))[0][1:]}
    assert "已兑现" in rows["王芳"] and "未兑现" in rows["李强 迟录 1 笔"]


def test_the_wall_shows_the_item_and_the_promises_and_no_notes(branch):
    app = press(healthy(look("morning_meeting", as_="head")), "开始早会")
    healthy(app.text_area[0].set_value("内部消息").run())
    wall = healthy(look(as_="wall", tv="1"))
    said = everything_said(wall)
    assert "早会进行中" in said and "时事与监管" in said and "王芳" in said
    assert "内部消息" not in said and "开始早会" not in labels(wall) and not wall.text_area


def test_who_does_not_run_the_meeting_looks_on(branch, configured):
    account(branch, "region", "regional", 1)
    assert not [one for one in labels(look("morning_meeting", as_="region")) if "开始" in one]
    press(healthy(look("morning_meeting", as_="head")), "开始早会")
    app = healthy(look("morning_meeting", as_="region"))
    assert "早会进行中" in everything_said(app) and not [one for one in labels(app) if "下一项" in one or "结束" in one]


def test_an_unheld_item_comes_first_the_next_time(branch, configured):
    app = press(healthy(look("morning_meeting", as_="head")), "开始早会")
    press(app, "结束会议")
    configured.now = datetime(2026, 11, 23, 8, 28)
    app = press(healthy(look("morning_meeting", as_="head")), "开始早会")
    assert "本行最新政策" in everything_said(app) and meeting(branch, on=MONDAY).item == "left_over"


@pytest.mark.parametrize("kind", ["weekly", "monthly", "quarterly"])
def test_longer_meetings_run_alike(branch, kind):
    names = {"weekly": "周例会", "monthly": "月度例会", "quarterly": "季度例会"}
    app = press(healthy(look(f"{kind}_meeting", as_="head")), f"开始{names[kind]}")
    while [one for one in labels(app) if one.startswith("下一项")]:
        app = press(app, "下一项")
    press(app, "结束会议")
    assert all(one.reached for one in meeting(branch, kind).items)


def test_a_note_that_may_not_be_stored_is_refused_by_its_reason_and_stays_in_the_field(branch):
    app = press(healthy(look("morning_meeting", as_="head")), "开始早会")
    app.text_area[0].set_value("身份证 11010519491231002X").run()
    assert "身份证" in app.error[0].value and not app.warning
    assert app.text_area[0].value == "身份证 11010519491231002X"
    assert held.notes(operator(branch), meeting(branch).meeting, EAST).is_empty()
