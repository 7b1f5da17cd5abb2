"""The meeting as a manager sees it on their phone: they promise, see what became of it and say why."""

from datetime import datetime, timedelta

import pytest

from dashboard.shell.store import operator
from db.meetings import commitments, held, promises, running
from tests.conftest import FRIDAY
from tests.support.builders import EAST, LI, WANG, account, bank, head
from tests.support.pages import everything_said, healthy, look, tables, unfold
from tests.support.sheets import bring, row

pytestmark = pytest.mark.slow

MONDAY = FRIDAY - timedelta(4)
NEXT = FRIDAY + timedelta(3)
REASON = "两户老板都在外地，改到周一上午"
PAGE = "our_meeting"


@pytest.fixture
def branch(configured, sqlite_store):
    configured.database_url = bank(sqlite_store).url
    for login, role, place in (("head", "branch_head", EAST), ("wang", "manager", WANG), ("li", "manager", LI)):
        account(sqlite_store, login, role, place)
    bring(operator(sqlite_store), row(customer="甲店", date="2026-11-19"))
    return sqlite_store


def button(app, key: str):
    return next(one for one in app.button if (one.key or "").startswith(key))


def test_a_manager_confirms_for_the_day_and_for_the_coming_week(branch):
    everybody = {WANG: {"consultations": 5}, LI: {"consultations": 4}}
    promises.set_promises(operator(branch), FRIDAY, everybody)
    promises.set_promises(operator(branch), NEXT, everybody, "week")
    app = healthy(look(PAGE, as_="wang"))
    assert "今日承诺：咨询量 5" in everything_said(app)
    app = healthy(button(app, "own day confirm").click().run())
    app = healthy(button(app, "own week confirm").click().run())
    said = operator(branch)
    assert promises.confirmed(said, FRIDAY) == {WANG} == promises.confirmed(said, NEXT, "week")
    assert not promises.read(said, NEXT, "week")["late"].any(), "the week to come is promised in time"


def test_what_is_changed_in_the_afternoon_is_marked_as_late(branch):
    promises.set_promises(operator(branch), FRIDAY, {WANG: {"consultations": 5}})
    app = unfold(look(PAGE, as_="wang"), "own day change")  # it is 16:30
    next(one for one in app.number_input if one.key.startswith("own day consultations")).set_value(1)
    healthy(button(app, "own day save").click().run())
    assert promises.read(operator(branch), FRIDAY).select("target", "late").rows() == [(1, True)]


@pytest.mark.parametrize(("now", "week"), [(16, MONDAY), (18, MONDAY), (19, NEXT), (20, NEXT), (21, NEXT)])
def test_the_week_to_promise_is_the_one_with_more_than_half_of_its_days_ahead(branch, configured, now, week):
    configured.now = datetime(2026, 11, now, 9, 0)
    promises.set_promises(operator(branch), week, {WANG: {"deals": 2}}, "week")
    assert any((one.key or "") == "own week confirm" for one in healthy(look(PAGE, as_="wang")).button)


def test_they_write_their_reason_and_notes_while_the_meeting_runs_and_read_them_afterwards(branch):
    promises.set_promises(operator(branch), FRIDAY, {WANG: {"consultations": 5}})
    assert "夕会进行时可填写" not in everything_said(look(PAGE, as_="wang")), "the day is not over"
    meeting = running.start(head(branch), EAST, "evening", FRIDAY, FRIDAY)
    commitments.agree(head(branch), meeting, "not_kept", "补齐甲店资料", NEXT, WANG, FRIDAY)
    app = healthy(look(PAGE, as_="wang"))
    assert "夕会进行中" in everything_said(app) and "补齐甲店资料" in everything_said(app)
    reason, note = app.text_area
    reason.set_value(REASON).run()
    note.set_value("客户问过利率").run()
    healthy(app)
    assert held.reasons(head(branch), meeting, EAST) == {WANG: REASON}
    assert REASON not in everything_said(healthy(look(PAGE, as_="li"))), "reasons are not for colleagues"
    running.go_to(head(branch), meeting, "not_kept", "actual")
    rows = tables(healthy(look("evening_meeting", as_="head")))[0]
    assert [rows[1][0], rows[1][2]] == ["王芳", REASON]
    running.end(head(branch), meeting, {WANG: {"consultations": (5, 0)}})
    app = healthy(look(PAGE, as_="wang"))
    assert REASON in everything_said(app) and not app.text_area
    assert "支行负责人当天可继续会议" in everything_said(app)
    (note,) = held.notes(operator(branch), meeting, EAST).rows()
    assert note[2] == "客户问过利率"


def test_a_promise_of_a_colleague_stands_on_nobody_elses_page(branch):
    promises.set_promises(operator(branch), FRIDAY, {LI: {"consultations": 37}})
    assert "37" not in everything_said(healthy(look(PAGE, as_="wang")))
