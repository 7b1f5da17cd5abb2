"""The agenda page: items moved, switched off, added and saved from a day on; what is refused stays as it was typed."""

import pytest

from dashboard.shell.store import operator
from db.meetings import agenda
from tests.conftest import FRIDAY
from tests.support.pages import everything_said, healthy, look

pytestmark = pytest.mark.slow


def press(app, label: str, nth: int = 0):
    return [one for one in app.button if one.label == label][nth].click().run()


def add(app, title: str):
    next(one for one in app.text_input if one.label == "自定义议题").set_value(title)
    return press(app, "添加")


def test_a_head_arranges_the_branchs_morning_and_a_refusal_loses_nothing(own_demo):
    app = healthy(look("agenda", as_="head-1"))
    assert "尚未另行设置" in everything_said(app)
    add(app, "核对 11010519491231002X")
    app = press(app, "保存议程")
    assert app.error and "核对" in " ".join(one.label for one in app.toggle), "refused, and still there"
    app = healthy(look("agenda", as_="head-1"))
    assert "核对" in " ".join(one.label for one in app.toggle), "and after a reload"
    press(app, "✕")
    add(app, "新品答疑")
    press(app, "↑", 7)
    next(one for one in app.toggle if "角色演练" in one.label).set_value(False).run()
    app = healthy(press(app, "保存议程"))
    held = agenda.read(operator(own_demo), 1, "morning", FRIDAY)
    assert [one.title for one in held][-2:] == ["新品答疑", "Today's targets"]
    assert [one.key for one in held if not one.held] == ["role_play"]
    said = everything_said(app)
    assert "本支行议程" in said and f"合计 {agenda.minutes(held)} 分钟" in said
    assert "上移" not in everything_said(healthy(look("agenda", as_="auditor", branch="1")))


def test_of_two_who_set_it_at_once_the_second_sees_both_and_chooses(own_demo):
    mine, theirs = (healthy(look("agenda", as_="head-1")) for _one in range(2))
    add(mine, "新品答疑")
    store, own = operator(own_demo), agenda.ITEMS["morning"][:3]
    agenda.change(store, "morning", own, FRIDAY, 1, FRIDAY, 0)
    app = press(mine, "保存议程")
    assert "已被他人修改" in app.error[0].value and agenda.read(store, 1, "morning", FRIDAY) == own
    app = mine.run()
    said = " ".join(one.value for one in (*app.warning, *app.markdown))
    assert "另行设置" in said and "新品答疑 5" in said and "成功故事 3" in said
    press(app, "以我的为准")
    healthy(press(mine, "保存议程"))
    assert [one.title for one in agenda.read(store, 1, "morning", FRIDAY)][-1] == "新品答疑"
    add(theirs, "晨读")
    app = press(theirs, "采用对方的")
    assert "晨读" not in everything_said(app) and "新品答疑" in " ".join(one.label for one in app.toggle)
