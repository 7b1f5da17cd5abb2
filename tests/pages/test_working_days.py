"""The working days on screen: the year as it is, the next one loaded from its notice, and leave recorded."""

import re
from datetime import date

import pytest
from sqlalchemy import select

from dashboard.shell.store import operator
from db import spans
from db.calendar import calendar
from db.models import Absence, CalendarDay
from db.people import leave
from tests.db.calendar.test_calendar import NEXT_NOTICE
from tests.db.calendar.test_notice import NOTICES
from tests.support.builders import EAST, LI, SOUTH, WANG, ZHAO, account, bank
from tests.support.pages import bodies, cards, every_tab, everything_said, healthy, look, plain, tables
from tests.support.sheets import held_values

pytestmark = pytest.mark.slow

NOTE = "工作日历尚未覆盖此期间"
TABS = {
    "wang": ["日历", "请假"],
    "head": ["日历", "请假"],
    "admin": ["日历", "请假", "修改日历"],
    "region": ["日历"],
    "audit": ["日历"],
}


@pytest.fixture
def branch(configured, sqlite_store):
    """The small cast with accounts, on Friday 20 November 2026."""
    configured.database_url = bank(sqlite_store).url
    account(sqlite_store, "wang", "manager", WANG)
    account(sqlite_store, "head", "branch_head", EAST)
    account(sqlite_store, "region", "regional", 1)
    account(sqlite_store, "admin", "administrator")
    account(sqlite_store, "audit", "auditor")
    return sqlite_store


def page(as_: str, **link: str):
    return every_tab(healthy(look("working_days", as_=as_, **link)), "working days")


def months(app) -> list[str]:
    (grid,) = [body for body in bodies(app) if 'class="cx-year"' in body]
    return re.findall(r'<div class="cx-month">.*?</div></div>', grid)


def marked(month: str, word: str) -> list[int]:
    return [int(day) for day in re.findall(rf"<span[^>]*>(\d+)<b>{word}</b>", month)]


def widget(found, label: str):
    return next(one for one in found if one.label == label)


def press(app, label: str):
    return widget(app.button, label).click().run()


# -- the year ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("who", "tabs"), TABS.items())
def test_who_sees_what(branch, who, tabs):
    app = page(who)
    assert [one.label for one in app.tabs] == tabs
    assert NOTE not in everything_said(app)


def test_the_year_shows_its_working_days_festivals_and_worked_weekends(branch):
    app = page("region")
    shown = cards(app)
    assert shown["工作日"] == ("248", "全年 365 天") and shown["截至今日"][0] == "219"
    assert (shown["周末上班天数"][0], shown["周一至周五放假天数"][0]) == ("6", "19")
    year = months(app)
    assert [marked(year[place], "班") for place in (0, 1, 4, 8, 9)] == [[4], [14, 28], [9], [20], [10]]
    assert sum(len(marked(one, "班")) for one in year) == 6
    assert marked(year[1], "休") == list(range(15, 24)) and marked(year[9], "休") == list(range(1, 8))
    assert plain(year[10]).startswith("11月21 天") and 'aria-current="date">20<' in year[10]
    assert 'title="春节"' in year[1]
    (table,) = tables(app)
    assert table[2] == ["春节", "2月15日(周日) – 2月23日(周一)", "9", "2月14日(周六)、2月28日(周六)"]
    assert [row[0] for row in table[1:]] == ["元旦", "春节", "清明节", "劳动节", "端午节", "中秋节", "国庆节"]


def test_in_english_the_words_are_english(branch):
    app = page("region", lang="en", year="2025")
    assert marked(months(app)[9], "off") == list(range(1, 9)) and marked(months(app)[9], "work") == [11]
    assert tables(app)[0][-1][0] == "National Day、Mid-autumn Festival"


def test_a_year_that_is_not_known_says_that_weekdays_are_counted(branch):
    app = page("audit", year="2027")
    assert NOTE in everything_said(app) and cards(app)["工作日"][0] == "261"
    assert not tables(app) and "日历中没有该年度的节假日安排。" in everything_said(app)
    assert "None" not in everything_said(page("audit", year="2199"))


# -- the notice -------------------------------------------------------------------------------------------------------


def test_the_administrator_loads_the_next_years_notice(branch):
    app = page("admin", year="2027")
    assert NOTE in everything_said(app)
    app.text_area[0].set_value(NEXT_NOTICE)
    healthy(press(app, "读取通知"))
    preview = tables(app)[-1]
    assert preview[2] == ["春节", "2月5日(周五) – 2月11日(周四)", "7", "1月30日(周六)、2月20日(周六)"]
    assert cards(app)["工作日"][0] == "249" and "其中 365 天日历尚未收录" in everything_said(app)
    assert not calendar.named(operator(branch), spans.of_year(2027))["known"].any()
    app = healthy(press(app, "保存 2027 年日历"))
    assert calendar.read(operator(branch), spans.of_year(2027))["is_workday"].sum() == 249
    assert NOTE not in everything_said(app) and cards(app)["工作日"][0] == "249"
    assert app.text_area[0].value == "" and app.toast[0].value == "2027 年日历已保存。"


def test_what_is_stored_already_cannot_be_saved_again_and_changes_are_shown(branch):
    app = page("admin")
    app.text_area[0].set_value(NOTICES[2026])
    press(app, "读取通知")
    assert "日历与通知一致" in everything_said(app) and widget(app.button, "保存 2026 年日历").disabled
    app.text_area[0].set_value(NOTICES[2026].replace("、2月28日（周六）", ""))
    press(app, "读取通知")
    assert tables(app)[-1][1:] == [["2月28日(周六)", "上班 · 春节", "放假"]]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (NEXT_NOTICE.replace("（周五）至3日", "（周四）至3日"), "2027-01-01 是周五，原文写的是周四"),
        (NEXT_NOTICE.replace("2月5日（周五）至11日（周四）放假调休，共7天", "**2月30日**放假"), "2027 年没有 2月30日"),
        ("![x](http://x.example/y) 一、元旦：1月1日放假", "没有读到年份"),
    ],
)
def test_a_slip_in_the_notice_is_told_and_nothing_can_be_saved(branch, text, said):
    app = page("admin")
    app.text_area[0].set_value(text)
    press(app, "读取通知")
    assert said in app.error[0].value.replace("\\", "")
    assert not [one for one in app.button if "保存" in one.label]


def test_the_administrator_corrects_a_day(branch):
    app = page("admin")
    day = date(2026, 11, 27)
    widget(app.date_input, "日期").set_value(day)
    widget(app.text_input, "说明").set_value("行庆")
    healthy(press(app, "确认调整"))
    stored = (day, False, "行庆", "admin")
    assert stored in held_values(branch, CalendarDay.day, CalendarDay.is_workday, CalendarDay.name, CalendarDay.source)
    assert cards(app)["工作日"][0] == "247" and marked(months(app)[10], "休") == [27]
    assert "依据：国务院办公厅节假日安排、admin" in everything_said(app)


# -- leave ------------------------------------------------------------------------------------------------------------


def leave_of(store) -> set[tuple]:
    return held_values(store, Absence.manager_id, Absence.day, Absence.part)


def record(app, manager: int, first: date, last: date, part: str):
    widget(app.selectbox, "客户经理").set_value(manager)
    widget(app.date_input, "起").set_value(first)
    widget(app.date_input, "止").set_value(last)
    next(one for one in app.get("button_group") if one.label == "时段").set_value(part)
    return press(app, "登记请假")


def test_a_branch_head_records_leave_and_takes_a_day_back(branch):
    app = page("head")
    assert "本月没有请假记录。" in everything_said(app)
    options = widget(app.selectbox, "客户经理").options
    assert options == ["1001 · 王芳 · 东湖支行", "1002 · 李强 · 东湖支行"]
    healthy(record(app, WANG, date(2026, 11, 20), date(2026, 11, 23), "morning"))
    assert app.toast[0].value == "已登记 2 个工作日的请假。"
    assert leave_of(branch) == {(WANG, date(2026, 11, day), "morning") for day in (20, 23)}
    assert tables(app)[-1] == [
        ["日期", "客户经理", "时段"],
        ["11月20日(周五)", "王芳", "上午"],
        ["11月23日(周一)", "王芳", "上午"],
    ]
    app.selectbox(key="leave taken back").set_value((WANG, date(2026, 11, 23))).run()
    healthy(press(app, "撤回"))
    assert leave_of(branch) == {(WANG, date(2026, 11, 20), "morning")}


def test_what_cannot_be_is_said_on_the_page(branch):
    app = page("head")
    record(app, LI, date(2026, 11, 23), date(2026, 11, 20), "full")
    assert "早于开始日" in app.error[0].value and leave_of(branch) == set()
    press(page("head"), "登记请假")
    assert leave_of(branch) == set()


def test_a_manager_sees_his_own_leave_and_records_none(branch):
    for one in (WANG, LI):
        leave.record(operator(branch), one, date(2026, 11, 20), date(2026, 11, 20), "afternoon")
    app = page("wang")
    assert tables(app)[-1] == [["日期", "时段"], ["11月20日(周五)", "下午"]]
    assert "李强" not in everything_said(app) and "登记请假" not in [one.label for one in app.button]


def test_the_administrator_sees_the_leave_of_the_bank_with_its_branch(branch):
    for one in (WANG, ZHAO):
        leave.record(operator(branch), one, date(2026, 11, 20), date(2026, 11, 20))
    app = page("admin")
    assert [row[1:] for row in tables(app)[-1]] == [
        ["客户经理", "支行", "时段"],
        ["王芳", "东湖支行", "全天"],
        ["赵敏", "南山支行", "全天"],
    ]
    assert "赵敏" not in everything_said(page("head")) and SOUTH
    with branch.reading() as connection:
        assert len(connection.execute(select(Absence.id)).all()) == 2
