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
