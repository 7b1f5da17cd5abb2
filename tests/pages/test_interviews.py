"""Interviews on the profile: held with what the diagnosis proposes, read and answered by whom it was held with, counted
by the region, and after some weeks whether the number has moved."""

from datetime import timedelta

import polars as pl
import pytest
import time_machine
from sqlalchemy import select, update

from dashboard.interviews import gather, report
from dashboard.shell.store import operator
from dashboard.standing.part import Part
from db.access import Viewer
from db.interviews import interviewing, sheets
from db.interviews.interviewing import Action, Sheet
from db.models import Interview
from db.people import people
from metrics.interviews.effect import EARLY
from metrics.periods import Period
from tests.conftest import FRIDAY
from tests.support.pages import everything_said, healthy, look, signed_in, tables, unfold, visit

pytestmark = pytest.mark.slow

SECRET = "家里老人住院"
LONG_AGO, LATELY = FRIDAY - timedelta(28), FRIDAY - timedelta(7)


def one_of(store, branch: int = 1) -> tuple[int, str]:
    """A manager of the branch with whom no interview was held, and their sign-in name."""
    spoken = sheets.coded(operator(store))["manager"].to_list()
    there = people.managers(operator(store), Period(FRIDAY, FRIDAY), branch)
    row = there.filter(~pl.col("manager").is_in(spoken)).row(0, named=True)
    return row["manager"], row["staff_no"]


def held(store, manager: int, *days) -> list[int]:
    """Interviews on these days, with a text that is the two's."""
    found = Sheet("habit", "urge", "consultations_a_day", SECRET, (Action("the_manager", "每天三户", FRIDAY),))
    with time_machine.travel(f"{FRIDAY} 04:00"):
        numbers = []
        for day in days:
            numbers.append(interviewing.hold(operator(store), manager, found, FRIDAY))
            with store.writing("test") as write:
                write.session.execute(update(Interview).where(Interview.id == numbers[-1]).values(day=day))
    return numbers


def counted(store, reaction: str, branch: int | None = 1) -> list[dict]:
    """Which interviews of the last year worked, as `report interviews` has it."""
    period = Period(FRIDAY - gather.YEAR, FRIDAY)
    found = report.as_json(operator(store), period, FRIDAY - timedelta(1), Part(branch=branch), [])
    return [one for one in found["total"]["reactions"] if one["reaction"] == reaction]


def field(app, kind: str, label: str):
    return next(one for one in getattr(app, kind) if one.label.startswith(label))


def button(app, label: str):
    return next(one for one in app.button if one.label == label)


def test_a_head_holds_one_as_proposed_and_the_manager_answers_it(own_demo):
    manager, login = one_of(own_demo)
    app = unfold(look("manager_profile", as_="head-1", manager=str(manager)), f"hold interview {manager}")
    assert "咨询量" in field(app, "text_area", "活动量").value and field(app, "text_area", "心态").value == ""
    button(app, "确认并保存").click().run()
    assert any("请" in one.value for one in (*app.warning, *app.error)), "an empty sheet is refused"
    field(app, "text_area", "真实原因").input(SECRET)
    field(app, "selectbox", "归因").select("attitude")
    field(app, "selectbox", "对策").select("support")
    field(app, "selectbox", "要改善的指标").select("application_rate")
    field(app, "text_input", "约定行动 1").input("周三由老师傅陪访")
    healthy(button(app, "确认并保存").click().run())
    (number,) = sheets.texts(operator(own_demo), manager)["interview"]
    assert SECRET in everything_said(unfold(app, f"sheet {number}"))
    (stored,) = sheets.coded(operator(own_demo), manager).to_dicts()
    assert (stored["cause"], stored["reaction"], stored["day"]) == ("attitude", "support", FRIDAY)
    assert sheets.agreed(operator(own_demo), manager)["due"].to_list() == [FRIDAY + timedelta(14)]

    mine = healthy(look("manager_profile", as_=login))
    assert SECRET in everything_said(mine) and not any("归因" in one.label for one in mine.selectbox)
    field(mine, "text_area", "本人意见").input("同意，请多陪访")
    healthy(button(mine, "提交本人意见").click().run())
    again = unfold(look("manager_profile", as_="head-1", manager=str(manager)), f"sheet {number}")
    assert "同意，请多陪访" in everything_said(again)
    assert not [one for one in again.button if one.label == "确认并保存"], "answered: it stays as it is"


def test_after_weeks_it_is_said_whether_the_number_moved_and_the_texts_stay_private(own_demo):
    manager, login = one_of(own_demo)
    held(own_demo, manager, LONG_AGO, LATELY)
    said = {}
    for who in ("head-1", "region-1", login):
        app = look("manager_profile", as_=who, manager=str(manager))
        for number in sheets.coded(operator(own_demo), manager)["interview"]:
            app = unfold(app, f"sheet {number}")
        (rows,) = [one for one in tables(app) if one[0][-1] == "是否改善"]
        assert "时间尚短" in rows[1][-1] and "时间尚短" not in rows[2][-1]
        assert len(rows) == 3 and rows[1][1:4] == rows[2][1:4]
        said[who] = (rows, SECRET in everything_said(app), [one for one in tables(app) if one[0][-1] == "上升占比"])
    assert said["head-1"][0] == said["region-1"][0] == said[login][0], "one number, whoever looks"
    assert [one[1] for one in said.values()] == [True, False, True]
    (urged,) = counted(own_demo, "urge")
    (row,) = [one for one in said["region-1"][2][0] if one[0] == "督促"]
    assert [row[1], row[3], row[4]] == [str(urged[name]) for name in ("held", "judged", "risen")]
    assert not said[login][2]


def test_nobody_else_is_told_of_it(own_demo):
    manager, _login = one_of(own_demo)
    held(own_demo, manager, LONG_AGO)
    session = signed_in(own_demo, "auditor")
    app = healthy(visit(session, "manager_profile", manager=str(manager), branch="1"))
    assert "绩效面谈" not in [one.value for one in app.subheader]
    past = healthy(look("manager_profile", as_="head-1", manager=str(manager), through=str(LONG_AGO - timedelta(1))))
    assert SECRET not in everything_said(past), "on a day before it there was none"


def test_the_days_before_and_after_are_working_days_and_end_with_the_last_day_that_is_over(own_demo):
    manager, _login = one_of(own_demo)
    held(own_demo, manager, LONG_AGO, LATELY)
    by = Viewer(own_demo, "head", "branch_head", 1, 1)
    late, early = gather.chains(by, FRIDAY, FRIDAY - timedelta(1), manager).to_dicts()
    assert (late["days"], late["verdict"]) == (4, EARLY) and early["days"] == 19
    assert early["verdict"] != EARLY and early["low"] <= early["change"] <= early["high"]
    assert early["before_low"] < early["before"] < early["before_high"]
    assert gather.chains(by, LONG_AGO, FRIDAY, manager).height == 1


def test_what_is_half_typed_into_a_sheet_survives_a_reload(own_demo):
    manager, _login = one_of(own_demo)
    session = signed_in(own_demo, "head-1")
    app = unfold(visit(session, "manager_profile", manager=str(manager)), f"hold interview {manager}")
    field(app, "text_area", "真实原因").input(SECRET)
    field(app, "selectbox", "归因").select("attitude")
    field(app, "date_input", "完成日期").set_value(FRIDAY + timedelta(3))
    healthy(field(app, "text_input", "约定行动 1").input("周三陪访").run())
    again = unfold(visit(session, "manager_profile", manager=str(manager)), f"hold interview {manager}")
    assert field(again, "text_area", "真实原因").value == SECRET
    assert field(again, "selectbox", "归因").value == "attitude"
    assert field(again, "text_input", "约定行动 1").value == "周三陪访"
    assert field(again, "date_input", "完成日期").value == FRIDAY + timedelta(3)
    assert sheets.coded(operator(own_demo), manager).is_empty(), "a draft is no interview"


def test_a_sheet_that_waits_is_said_on_my_day_and_what_was_agreed_is_marked_done(own_demo):
    manager, login = one_of(own_demo)
    assert "份绩效面谈记录" not in everything_said(healthy(look("my_day", as_=login)))
    (held_now,) = held(own_demo, manager, FRIDAY)
    assert "您有 1 份绩效面谈记录" in everything_said(healthy(look("my_day", as_=login)))
    mine = healthy(look("manager_profile", as_=login))
    healthy(button(mine, "标记完成").click().run())
    assert sheets.agreed(operator(own_demo), manager)["done_on"].to_list() == [FRIDAY]
    assert "已完成 1" in everything_said(healthy(look("manager_profile", as_="head-1", manager=str(manager))))
    interviewing.answer(operator(own_demo), held_now, "同意")
    assert "份绩效面谈记录" not in everything_said(healthy(look("my_day", as_=login)))


def test_the_region_counts_what_worked_without_a_text(own_demo):
    app = healthy(look("branch_comparison", as_="region-1", section="interviews"))
    (trained,) = counted(own_demo, "train", branch=None)
    (row,) = [one for one in tables(app)[0] if one[0] == "培训"]
    assert [row[1], row[3], row[4]] == [str(trained[name]) for name in ("held", "judged", "risen")]
    assert [one[0][0] for one in tables(app)] == ["对策", "归因", "约定行动", "支行"]
    inside = healthy(look("branch_comparison", as_="region-1", section="interviews", branch="1"))
    with own_demo.reading() as connection:
        reasons = set(connection.scalars(select(Interview.real_reason)))
    assert not any(one in everything_said(app) + everything_said(inside) for one in reasons)
    assert "绩效面谈" not in everything_said(healthy(look("branch_comparison", as_="auditor", section="interviews")))
