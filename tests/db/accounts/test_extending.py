"""Going on with a session is in nobody's way: no request writes, a lock is no error, and what has ended stays ended."""

import sqlite3
import threading
from datetime import datetime, timedelta

import pytest
import time_machine
from sqlalchemy import event

from db.accounts import extending, sign_in
from db.errors import Unavailable
from db.models import SignIn
from tests.support.builders import BROWSER, MONDAY, WANG, account, bank, enter
from tests.support.sheets import held_values

NINE = datetime.fromisoformat("2026-11-16T01:00:00+00:00")


@pytest.fixture
def clock(monkeypatch):
    monkeypatch.setattr(extending, "GATHERED", 3600.0)  # what is written is written by the test
    with time_machine.travel(NINE, tick=False) as travelling:
        yield travelling


@pytest.fixture
def office(store):
    account(bank(store), "wang", "manager", WANG)
    return store


def is_open(viewer) -> bool:
    return sign_in.viewer(viewer.store, viewer.sign_in, MONDAY) is not None


def test_fifty_clicks_are_one_write(office, clock):
    people, commits = [enter(office, "wang") for _ in range(10)], []
    clock.shift(300)
    event.listen(office.engine, "commit", commits.append)
    for _ in range(5):
        for one in people:
            sign_in.extend(one)
    assert commits == []
    extending.of(office).write()
    extending.of(office).write()
    assert len(commits) == 1
    clock.shift(BROWSER.idle - timedelta(seconds=1))
    assert all(map(is_open, people))


def test_a_lock_of_somebody_elses_is_no_error_and_the_click_still_counts(sqlite_store, sqlite_url, clock):
    account(bank(sqlite_store), "wang", "manager", WANG)
    viewer = enter(sqlite_store, "wang")
    clock.shift(1_700)
    sqlite_store.patience = 0.1
    other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    sign_in.extend(viewer)
    with pytest.raises(Unavailable, match="busy"):
        extending.of(sqlite_store).write()
    other.execute("ROLLBACK")
    other.close()
    clock.shift(60)
    extending.of(sqlite_store).write()
    clock.shift(1_700)
    assert is_open(viewer)


@pytest.mark.both_engines
def test_a_clock_that_is_set_back_brings_nobody_back(office, clock):
    gone, here = enter(office, "wang"), enter(office, "wang")
    clock.shift(1_700)
    sign_in.extend(here)
    extending.of(office).write()
    clock.shift(1_000)
    assert not is_open(gone)
    sign_in.extend(here)
    extending.of(office).write()
    clock.shift(-2_000)
    assert not is_open(gone) and is_open(here)


def test_a_click_is_written_by_itself_and_once_nothing_is_left_to_write_nobody_waits(office, monkeypatch):
    monkeypatch.setattr(extending, "GATHERED", 0.01)
    with time_machine.travel(NINE, tick=False) as clock:
        viewer = enter(office, "wang")
        clock.shift(1_700)
        sign_in.extend(viewer)
        thread = extending.of(office)._thread
        assert thread is not None and thread.daemon, "the program ends without it"
        thread.join(30)
        assert not thread.is_alive() and extending.of(office)._thread is None
        clock.shift(1_700)
        assert is_open(viewer)


def test_a_session_goes_on_after_its_minutes_and_never_beyond_its_hours(office, clock):
    viewer = enter(office, "wang")
    for _ in range(24):
        clock.shift(1_790)
        sign_in.extend(viewer)
        extending.of(office).write()
    assert is_open(viewer)
    clock.shift(BROWSER.longest - timedelta(seconds=24 * 1_790))
    assert not is_open(viewer)


def test_an_end_is_moved_by_a_minute_and_by_no_less(office, clock):
    viewer = enter(office, "wang")
    for seconds, moved in ((59, False), (1, True), (59, False), (1, True)):
        clock.shift(seconds)
        held = held_values(office, SignIn.lasts_until)
        sign_in.extend(viewer)
        extending.of(office).write()
        assert (held_values(office, SignIn.lasts_until) != held) == moved


def test_a_session_that_ends_this_very_moment_has_ended(office, clock):
    viewer = enter(office, "wang")
    clock.shift(BROWSER.idle)
    sign_in.extend(viewer)
    extending.of(office).write()
    assert not is_open(viewer)


class Held:
    """Stands for the pause before each write: it lasts until somebody lets it end."""

    def __init__(self) -> None:
        self.asked: list[float] = []
        self.begun, self.over = threading.Semaphore(0), threading.Semaphore(0)

    def wait(self, seconds: float) -> None:
        self.asked.append(seconds)
        self.begun.release()
        assert self.over.acquire(timeout=60)


@pytest.fixture
def paused(office):
    """The extensions of the office, with a pause that the test holds."""
    extensions, held = extending.of(office), Held()
    extensions._pause = held
    return extensions, held


def test_clicks_are_gathered_for_as_long_as_the_pause_lasts(office, clock, paused):
    extensions, pause = paused
    first, second = enter(office, "wang"), enter(office, "wang")
    clock.shift(1_700)
    sign_in.extend(first)
    assert pause.begun.acquire(timeout=60)
    begun = held_values(office, SignIn.lasts_until)
    sign_in.extend(second)
    assert held_values(office, SignIn.lasts_until) == begun and pause.asked == [extending.GATHERED]
    thread = extensions._thread
    pause.over.release()
    thread.join(60)
    clock.shift(1_700)
    assert is_open(first) and is_open(second)


def test_what_is_clicked_while_a_write_fails_is_written_with_it_the_latest_of_each(office, clock, monkeypatch):
    first, second = enter(office, "wang"), enter(office, "wang")
    extensions, write = extending.of(office), extending.extend

    def fails_once(_store: object, _clicks: object) -> None:
        monkeypatch.setattr(extending, "extend", write)
        clock.shift(60)
        for one in (first, second):
            sign_in.extend(one)
        raise Unavailable("The database is busy.")

    monkeypatch.setattr(extending, "extend", fails_once)
    clock.shift(600)
    sign_in.extend(first)
    with pytest.raises(Unavailable):
        extensions.write()
    extensions.write()
    clock.shift(BROWSER.idle - timedelta(seconds=1))
    assert is_open(first) and is_open(second)


def test_a_click_that_cannot_be_written_is_tried_again_for_five_minutes_and_let_go(office, clock, paused, monkeypatch):
    extensions, pause = paused

    def fails(_store: object, _clicks: object) -> None:
        raise Unavailable("The database is busy.")

    monkeypatch.setattr(extending, "extend", fails)
    viewer = enter(office, "wang")
    sign_in.extend(viewer)
    thread = extensions._thread
    for passes in (0, 299):
        assert pause.begun.acquire(timeout=60)
        clock.shift(passes)
        pause.over.release()
    assert pause.begun.acquire(timeout=60)
    clock.shift(1)
    pause.over.release()
    thread.join(60)
    assert not thread.is_alive() and extensions._thread is None
    assert pause.asked == [extending.GATHERED, extending.AGAIN, extending.AGAIN]
