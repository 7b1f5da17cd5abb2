"""The shelf on screen: written by a head, found by words, counted for who leads the team; and as blocks of a meeting."""

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.meetings import shelf_blocks
from dashboard.shell.store import operator
from db.accounts import drafts
from db.meetings import running, shelf
from tests.conftest import FRIDAY
from tests.support.builders import EAST, MONDAY, bank, head, manager
from tests.support.pages import everything_said, healthy, look, signed_in, visit

pytestmark = pytest.mark.slow


def press(app, label: str):
    return next(one for one in app.button if one.label == label).click().run()


def labels(app) -> list[str]:
    return [one.label for one in app.expander]


def test_a_head_writes_an_entry_and_a_refusal_keeps_what_was_typed(own_demo):
    app = press(healthy(look("shelf", as_="head-1")), "新增条目")
    next(one for one in app.text_input if one.label == "标题").set_value("年货市场走访要点")
    next(one for one in app.text_area if one.label == "内容").set_value("联系 13812345678")
    app = press(app, "发布")
    assert app.error and next(one for one in app.text_input if one.label == "标题").value == "年货市场走访要点"
    app = healthy(look("shelf", as_="head-1"))
    typed = [one.value for one in (*app.text_input, *app.text_area)]
    assert "年货市场走访要点" in typed and "联系 13812345678" in typed, "and after a reload"
    next(one for one in app.text_area if one.label == "内容").set_value("先约市场管理方")
    app = healthy(press(app, "发布"))
    assert any("年货市场走访要点" in one and "已学习 0/" in one for one in labels(app))
    assert shelf.read(operator(own_demo)).filter(title="年货市场走访要点")["branch"].to_list() == [1]
    found = next(one for one in app.text_input if one.label == "搜索").set_value("市场管理方").run()
    assert len([one for one in labels(found) if "·" in one]) == 1
    assert "新增条目" not in [one.label for one in healthy(look("shelf", as_="100001")).button]
    assert "年货市场" not in everything_said(look("shelf", as_="head-2")) + str(labels(look("shelf", as_="head-2")))


def test_an_entry_that_is_being_changed_stands_as_it_was_left_after_a_reload(own_demo):
    entry = shelf.put(operator(own_demo), shelf.Content("knowledge_point", "旺季备货", "看流水", FRIDAY), 1)
    session = signed_in(own_demo, "head-1")
    drafts.keep(own_demo, session, "opened_shelf_entry", {"entry": entry})  # as the button for it does
    app = healthy(visit(session, "shelf"))
    next(one for one in app.text_area if one.label == "内容").set_value("看流水和库存").run()
    app = healthy(look("shelf", as_="head-1"))
    assert [one.value for one in app.text_input if one.label == "标题"] == ["旺季备货"]
    assert [one.value for one in app.text_area if one.label == "内容"] == ["看流水和库存"]
    healthy(press(app, "发布"))
    assert shelf.read(operator(own_demo)).filter(entry=entry)["text"].to_list() == ["看流水和库存"]
    app = healthy(look("shelf", as_="head-1"))
    assert not app.text_area and press(app, "新增条目").text_area[0].value == ""


def test_an_item_of_a_meeting_has_the_first_entry_whole_and_the_others_by_title(store):
    bank(store)
    assert shelf_blocks.of_item(head(store), EAST, "risks", FRIDAY) == ()
    for title in ("甲", "乙"):
        content = shelf.Content(
            "risk_case", title, f"{title}的情况", FRIDAY, done="核查", outcome="退回", lesson="先核实"
        )
        shelf.put(head(store), content, EAST)
    first, *texts, others = shelf_blocks.of_item(head(store), EAST, "risks", FRIDAY)
    assert first.text in ("甲 · 风险案例 · 11月20日(周五)", "乙 · 风险案例 · 11月20日(周五)")
    assert [one.text for one in texts] == [f"情况: {first.text[0]}的情况", "做法: 核查", "结果: 退回", "启示: 先核实"]
    assert len(others.rows) == 1 and others.rows[0][0].text != first.text[0]


def test_one_tap_makes_a_note_of_the_evening_a_method(store):
    meeting = running.start(head(bank(store)), EAST, "evening", MONDAY, MONDAY)

    def page(viewer, meeting, branch):
        from dashboard.shelf import extracting

        extracting.button(viewer, branch, meeting, "review", "先问旺季备货")

    def shown(viewer) -> AppTest:
        return AppTest.from_function(page, kwargs={"viewer": viewer, "meeting": meeting, "branch": EAST}).run()

    assert not shown(manager(store)).button
    shown(head(store)).button[0].click().run()
    assert shelf.read(head(store)).select("kind", "text").rows() == [("extracted_method", "先问旺季备货")]
