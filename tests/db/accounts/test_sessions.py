"""A session: found by its token alone, for as long as somebody is there, ended from the server."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import time_machine
from sqlalchemy import update

from dashboard.shell.store import operator
from db.accounts import accounts, extending, sign_in, throttling
from db.models import Account, SignIn
from tests.support.builders import BROWSER, MONDAY, SOUTH, WANG, account, bank, enter, signed_in
from tests.support.sheets import held_values

pytestmark = pytest.mark.both_engines

NINE = datetime.fromisoformat("2026-11-16T01:00:00+00:00")


@pytest.fixture
def clock():
    with time_machine.travel(NINE, tick=False) as travelling:
        yield travelling


@pytest.fixture
def office(sqlite_store):
    account(bank(sqlite_store), "wang", "manager", WANG)
    return sqlite_store


def still(viewer) -> bool:
    """Whether the session is open, which three questions answer alike."""
    found = sign_in.viewer(viewer.store, viewer.sign_in, MONDAY)
    assert (found is not None) == sign_in.is_open(viewer) == (sign_in.open_sessions(viewer)["is_this"].sum() == 1)
    return found is not None


def stay(viewer) -> None:
    """They do something, and it is written."""
    sign_in.extend(viewer)
    extending.of(viewer.store).write()


def test_a_session_ends_when_nobody_does_anything(office, clock):
    token = sign_in.start(office, "wang", BROWSER).token
    session = sign_in.find(office, token)
    clock.shift(BROWSER.idle - timedelta(seconds=1))
    assert sign_in.find(office, token) == session
    clock.shift(1)
    assert sign_in.find(office, token) is None and sign_in.viewer(office, session, MONDAY) is None


def test_a_session_goes_on_while_somebody_does_something_but_not_for_ever(office, clock):
    viewer = enter(office, "wang")
    for _twenty_minutes in range(35):
        clock.shift(20 * 60)
        assert still(viewer)
        stay(viewer)
    clock.shift(20 * 60 - 1)
    assert still(viewer)
    stay(viewer)
    clock.shift(1)
    assert not still(viewer)


def test_a_phone_may_be_idle_for_longer_than_a_desk(office, clock):
    desk, phone = enter(office, "wang"), enter(office, "wang", replace(BROWSER, idle=timedelta(hours=4)))
    clock.shift(2 * 3600)
    assert not still(desk) and still(phone)
    stay(phone)
    clock.shift(3 * 3600)
    assert still(phone)


def test_a_session_that_ran_out_is_not_brought_back(office, clock):
    viewer = enter(office, "wang")
    clock.shift(BROWSER.idle)
    stay(viewer)
    assert not still(viewer)


def test_a_session_that_is_longer_idle_than_it_may_last_ends_with_its_last_hour(office, clock):
    viewer = enter(office, "wang", replace(BROWSER, idle=timedelta(hours=24)))
    clock.shift(BROWSER.longest)
    assert not still(viewer)


def test_staying_writes_once_a_minute_at_most(office, clock):
    viewer, written = enter(office, "wang"), set()
    for _ten_seconds in range(12):
        clock.shift(10)
        stay(viewer)
        written |= held_values(office, SignIn.lasts_until)
    assert len(written) == 3


def test_ending_one_session_leaves_the_others(office):
    account(office, "head", "branch_head", SOUTH)
    here, there, other = enter(office, "wang"), enter(office, "wang"), enter(office, "head")
    assert sign_in.open_sessions(here)["is_this"].to_list() == [False, True]
    sign_in.end(here)
    assert (still(here), still(there), still(other)) == (False, True, True)


def test_ending_everywhere_ends_all_of_ones_own(office):
    account(office, "head", "branch_head", SOUTH)
    here, there, other = enter(office, "wang"), enter(office, "wang"), enter(office, "head")
    sign_in.end(here, everywhere=True)
    assert (still(here), still(there), still(other)) == (False, False, True)


def test_a_session_is_found_by_its_token_and_nothing_else(office):
    cookies = sign_in.start(office, "wang", BROWSER)
    assert sign_in.find(office, cookies.token) is not None
    for other in (None, "", cookies.token[:-1], cookies.device, throttling.digest(cookies.token), "%", "1"):
        assert sign_in.find(office, other) is None
    assert sign_in.start(office, "wang", BROWSER).token != cookies.token
    assert sign_in.viewer(office, 99, MONDAY) is None


def test_a_device_keeps_its_name_and_a_new_one_is_given_one(office):
    assert sign_in.start(office, "wang", replace(BROWSER, device="mine")).device == "mine"
    first, second = sign_in.start(office, "wang", BROWSER), sign_in.start(office, "wang", BROWSER)
    assert first.device and first.device != second.device


def test_a_disabled_account_has_no_session_at_once_and_none_when_it_is_enabled_again(store):
    viewer = signed_in(bank(store), "auditor", login="audit")
    identity = accounts.listing(operator(store))["account"].item()
    accounts.disable(operator(store), identity)
    assert not still(viewer)
    accounts.enable(operator(store), identity)
    assert not still(viewer) and still(enter(store, "audit"))


def test_an_account_disabled_by_hand_has_no_session_either(office):
    viewer = enter(office, "wang")
    with office.writing("test") as write:
        write.session.execute(update(Account).values(disabled_at=write.now))
    assert held_values(office, SignIn.ended_at) == {(None,)} and not still(viewer)
