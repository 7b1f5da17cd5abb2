"""Going on with a session is in nobody's way: no request writes, a lock is no error, and what has ended stays ended."""

import sqlite3
from datetime import datetime, timedelta

import pytest
import time_machine
from sqlalchemy import event

from db.accounts import extending, sign_in
from db.errors import Unavailable
from tests.support.builders import BROWSER, MONDAY, WANG, account, bank, enter

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
