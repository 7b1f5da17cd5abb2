"""A page is made of one version of the store, and asks it for little."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import event

from dashboard.shell import waking
from dashboard.shell.store import operator
from dashboard.shell.waking import Watcher
from dashboard.standing import boards
from db.engine import Store
from db.log.entry import Entry
from db.meetings import promises
from db.people import leave, people
from db.plans import plans
from db.plans.plans import Target
from db.recording import recording
from metrics.definitions import interpret
from metrics.periods import Period
from tests.conftest import FRIDAY
from tests.support.pages import AS, MEETINGS, SEEN_BY, entries, everything_said, healthy, signed_in, visit, weight
from tests.support.sweep import sampled

pytestmark = pytest.mark.slow

CASES = [(role, page) for role, pages in SEEN_BY.items() for page in pages]
MORNING = ("branch_head", "morning_meeting")
COLD, COLD_MORNING, WARM, WARM_MORNING = 30, 25, 8, 6
NOT_COUNTED = ("BEGIN", "COMMIT", "ROLLBACK", "PRAGMA")


@contextmanager
def statements(store: Store) -> Iterator[list[str]]:
    """Every statement SQLite is asked meanwhile, whichever page sends it."""
    asked: list[str] = []

    def note(statement: str) -> None:
        is_beside = threading.current_thread().name == "sessions"  # db.accounts.extending, off every page's way
        if not is_beside and not statement.startswith(NOT_COUNTED):
            asked.append(statement)

    def listen(connection, _record, _proxy) -> None:
        connection.set_trace_callback(note)

    def stop(connection, _record) -> None:
        connection.set_trace_callback(None)

    event.listen(store.engine, "checkout", listen)
    event.listen(store.engine, "checkin", stop)
    yield asked
    event.remove(store.engine, "checkout", listen)
    event.remove(store.engine, "checkin", stop)


@pytest.mark.parametrize(("role", "page"), [MORNING, *sampled([case for case in CASES if case != MORNING], 6)])
def test_a_page_asks_little_and_next_to_nothing_again(cold_demo, role, page):
    session = signed_in(cold_demo, AS[role])
    with statements(cold_demo) as cold:
        app = healthy(visit(session, page))
    with statements(cold_demo) as warm:
        healthy(app.run())
    morning = page == "morning_meeting"
    assert len(cold) <= (COLD_MORNING if morning else COLD), "\n".join(cold)
    assert len(warm) <= (WARM_MORNING if morning else WARM), "\n".join(warm)


def test_an_entry_that_is_shown_asks_nothing_and_weighs_little(own_demo):
    viewer, session, more = operator(own_demo), signed_in(own_demo, AS["manager"]), 20
    app = healthy(visit(session, "my_day"))
    before = weight(healthy(app.run()))
    with statements(own_demo) as few:
        app.run()
    for place in range(more):
        met = Entry("consultation", FRIDAY, customer_name=f"又一家{place}", met_decider=True, need_recorded=True)
        recording.record(viewer, 1, met, f"one more {place}", FRIDAY)
    shown = len(entries(app))
    app.run()
    with statements(own_demo) as many:
        healthy(app.run())
    assert len(entries(app)) == shown + more
    assert len(many) == len(few), "\n".join(many)
    assert weight(app) - before <= 600 * more


def write_everywhere(store: Store, branch: int) -> None:
    """What every part of a meeting page shows, written by another process: a deal, a plan, a promise, a day of
    leave."""
    viewer, month = operator(store), FRIDAY.replace(day=1)
    one, other = people.managers(viewer, Period(FRIDAY, FRIDAY), branch)["manager"].to_list()[:2]
    for place, manager in enumerate((one, one, other)):
        met = Entry("consultation", FRIDAY, customer_name=f"新客户{place}", met_decider=True, need_recorded=True)
        recording.record(viewer, manager, met, f"meanwhile {place}", FRIDAY)
        sold = Entry("deal", FRIDAY - timedelta(1), customer_name=f"新客户{place}", product=8, amount_cents=123_456_700)
        recording.record(viewer, manager, sold, f"meanwhile sold {place}", FRIDAY)
    seen = plans.read(viewer, Period(month, FRIDAY)).filter(manager=one, measure="deals")["target"].first()
    plans.set_targets(viewer, month, [Target("manager", one, "deals", 77, seen)])
    promises.set_promises(viewer, FRIDAY, {one: {"consultations": 88}, other: {"consultations": 89}})
    leave.record(viewer, other, FRIDAY - timedelta(3), FRIDAY - timedelta(3))


def test_a_write_in_one_branch_runs_no_page_of_another(own_demo, monkeypatch):
    sessions = {login: signed_in(own_demo, login) for login in ("head-1", "head-2", "region-1")}
    pages = [(login, page) for login in ("head-1", "head-2") for page in MEETINGS] + [("region-1", "branch_comparison")]
    watcher, writer = Watcher(), Store(own_demo.url, mark=interpret)
    monkeypatch.setattr(waking, "WIDE", 0)
    monkeypatch.setattr(waking, "WATCHER", watcher)
    for login, page in pages:
        monkeypatch.setattr(waking, "page_of_this_run", lambda login=login, page=page: f"{login} {page}")
        healthy(visit(sessions[login], page))
    woken: list[str] = []
    watcher.look(own_demo.version(), lambda page: woken.append(page) or True)
    assert woken == []
    write_everywhere(writer, 2)
    watcher.look(own_demo.version(), lambda page: woken.append(page) or True)
    writer.close()
    assert sorted(woken) == sorted([*(f"head-2 {page}" for page in MEETINGS), "region-1 branch_comparison"])


def test_who_commits_between_two_parts_of_a_page_does_not_show_in_it(own_demo, monkeypatch):
    session, versions = signed_in(own_demo, AS["branch_head"]), []
    before = everything_said(healthy(visit(session, "morning_meeting")))
    draw, writer = boards.title, Store(own_demo.url, mark=interpret)

    def draw_and_let_others_write(meeting, viewer, branch, on) -> None:
        draw(meeting, viewer, branch, on)
        versions.append(viewer.store.version())
        if len(versions) == 1:
            write_everywhere(writer, branch)

    monkeypatch.setattr(boards, "title", draw_and_let_others_write)
    assert everything_said(healthy(visit(session, "morning_meeting"))) == before
    after = everything_said(healthy(visit(session, "morning_meeting")))
    assert versions[0] != versions[1] and after != before
    writer.close()
