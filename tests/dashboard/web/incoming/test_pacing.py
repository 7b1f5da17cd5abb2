"""Strangers are answered at a pace, address by address."""

import pytest
from starlette.testclient import TestClient

from dashboard.web.auth_gate import COOKIE
from dashboard.web.incoming import pacing
from dashboard.web.incoming.pacing import AT_ONCE, LONGEST, MOST, RATE, Pace
from tests.support.web_client import browser


def waits(pace: Pace, address: str, number: int, now: float = 0.0) -> list[float | None]:
    return [pace.wait(address, now) for _ in range(number)]


def test_so_many_come_at_once_and_then_each_waits_for_the_one_before():
    found = waits(Pace(), "10.0.0.1", AT_ONCE + 3)
    assert found[:AT_ONCE] == [0.0] * AT_ONCE
    assert found[AT_ONCE:] == pytest.approx([1 / RATE, 2 / RATE, 3 / RATE], abs=1e-5)


def test_who_would_wait_too_long_is_refused_and_takes_nobodys_turn():
    pace, most = Pace(), AT_ONCE + int(LONGEST * RATE)
    assert None not in waits(pace, "10.0.0.1", most)
    assert waits(pace, "10.0.0.1", 50) == [None] * 50
    assert pace.wait("10.0.0.1", 10.0) == 0.0, "a moment later all is as before"


def test_an_address_does_not_wait_for_another():
    pace = Pace()
    waits(pace, "10.0.0.1", 500)
    assert waits(pace, "10.0.0.2", AT_ONCE) == [0.0] * AT_ONCE


def test_no_more_addresses_are_remembered_than_fit_and_those_that_are_done_make_room():
    pace = Pace()
    for number in range(MOST + 500):
        pace.wait(str(number), 0.0)
    assert len(pace.taken) <= MOST + 1
    assert None in waits(pace, "new", 500), "whoever is not counted by themselves shares one count"
    assert pace.wait("newer", 60.0) == 0.0 and len(pace.taken) == 1


@pytest.fixture
def impatient(monkeypatch):
    """Two at once, and nobody waits long."""
    monkeypatch.setattr(pacing, "PACE", Pace())
    monkeypatch.setattr(pacing, "AT_ONCE", 2)
    monkeypatch.setattr(pacing, "LONGEST", 0.01)


def asked(client: TestClient, path: str, number: int) -> set[int]:
    return {client.get(path, follow_redirects=False).status_code for _ in range(number)}


@pytest.mark.usefixtures("peopled", "impatient")
@pytest.mark.parametrize("path", ["/", "/my_day", "/account/sign-in", "/account/files/account.css", "/_stcore/stream"])
def test_a_stranger_who_asks_without_end_is_refused_wherever_they_ask(path):
    assert 429 in asked(browser(), path, 10)


@pytest.mark.usefixtures("peopled", "impatient")
@pytest.mark.parametrize("path", ["/my_day", "/account/sign-in"])
def test_a_cookie_that_is_no_sessions_helps_nobody(path):
    client = browser()
    client.cookies.set(COOKIE, "made-up", "bank.test")
    assert 429 in asked(client, path, 10)


@pytest.mark.usefixtures("impatient")
def test_who_is_signed_in_is_not_counted_nor_is_what_is_the_same_for_everybody(phone):
    assert asked(phone, "/account/me", 10) == {200}
    for path in ("/_stcore/health", "/static/js/main.js"):
        assert 429 not in asked(browser(), path, 10)
