"""Whoever guesses is slowed down; whoever is guessed at is not kept out."""

import threading
from dataclasses import replace
from datetime import datetime

import pytest
import time_machine
from sqlalchemy import insert

from db.accounts import sign_in, throttling
from db.errors import Refused
from db.models import FailedSignIn
from tests.support.builders import BROWSER, PASSWORD, WANG, account, bank
from tests.support.sheets import counts, trail

pytestmark = [pytest.mark.both_engines, pytest.mark.slow]

NINE = datetime.fromisoformat("2026-11-16T01:00:00+00:00")


@pytest.fixture
def clock():
    with time_machine.travel(NINE, tick=False) as travelling:
        yield travelling


@pytest.fixture
def known(sqlite_store):
    account(bank(sqlite_store), "wang", "manager", WANG, PASSWORD)
    return sqlite_store


def tried(store, password=PASSWORD, login="wang", address="10.0.0.1", device=None) -> int | str:
    """What becomes of a try: seconds to wait, or in, or wrong."""
    try:
        sign_in.with_password(store, login, password, replace(BROWSER, address=address, device=device))
    except Refused as error:
        return error.values.get("seconds", "wrong")
    return "in"


def failed(store, number: int, login="wang", address="10.0.0.1", device=None) -> None:
    """As many failures a moment ago; with {} in them, names and addresses are all different."""
    with store.noting("test") as write:
        for one in range(number):
            hashed = {
                "login_hash": throttling.digest(login.format(one)),
                "device_hash": device and throttling.digest(device),
            }
            write.session.execute(insert(FailedSignIn).values(at=write.now, address=address.format(one), **hashed))


def test_the_sixth_try_from_an_address_must_wait_though_it_were_right(known, clock):
    assert [tried(known, "wrong") for _ in range(5)] == ["wrong"] * 5
    assert tried(known) == tried(known, "wrong") == 2
    clock.shift(2)
    assert tried(known) == "in"


@pytest.mark.parametrize("number, seconds", [(4, "in"), (5, 2), (6, 4), (7, 8), (8, 16), (9, 30), (49, 30), (5000, 30)])
def test_each_further_failure_doubles_the_wait_to_half_a_minute_at_most(known, clock, number, seconds):
    failed(known, number)
    assert tried(known) == seconds


def test_a_try_that_had_to_wait_is_not_looked_at_and_does_not_count(known, clock):
    failed(known, 6)
    noted = len(trail(known))
    assert [tried(known, "wrong") for _ in range(20)] == [4] * 20
    assert counts(known)["failed_sign_in"] == 6 and len(trail(known)) == noted
    clock.shift(4)
    assert tried(known) == "in"


def test_success_clears_what_went_before(known, clock):
    failed(known, 4)
    assert tried(known) == "in" and counts(known)["failed_sign_in"] == 0
    assert [tried(known, "wrong") for _ in range(5)] == ["wrong"] * 5


def test_success_does_not_clear_what_others_were_tried_with(known, clock):
    failed(known, 49, login="name {}")
    assert tried(known) == "in"
    assert counts(known)["failed_sign_in"] == 49


def test_failures_are_forgotten_after_a_quarter_of_an_hour(known, clock):
    failed(known, 40)
    clock.shift(throttling.WINDOW.total_seconds() - 1)
    assert tried(known, "wrong") == "wrong"  # the wait is long over …
    assert tried(known) == 30  # … but the failures count with the new one
    clock.shift(30)
    assert tried(known) == "in"


def test_after_a_quarter_of_an_hour_to_the_second_they_do_not_count(known, clock):
    failed(known, 40)
    clock.shift(15 * 60)
    assert tried(known, "wrong") == "wrong" and tried(known) == "in"


@pytest.mark.parametrize("back", [1, 600, 7_200, 40 * 86_400])
def test_a_clock_that_is_set_back_makes_nobody_wait_longer(known, clock, back):
    failed(known, 9)
    assert tried(known) == 30
    clock.shift(-back)
    assert tried(known) == "in"


def test_a_device_that_is_known_is_not_held_back_by_what_strangers_do(known, clock):
    device = sign_in.start(known, "wang", BROWSER).device
    failed(known, 200)
    failed(known, 200, address="10.9.0.{}")
    assert tried(known) == 30
    assert tried(known, device=device) == "in"


def test_a_known_device_is_slowed_down_by_its_own_failures_wherever_it_is(known, clock):
    device = sign_in.start(known, "wang", BROWSER).device
    assert [tried(known, "wrong", device=device) for _ in range(5)] == ["wrong"] * 5
    assert tried(known, device=device, address="10.0.0.2") == 2
    clock.shift(2)
    assert tried(known, device=device) == "in" and counts(known)["failed_sign_in"] == 0


def test_a_device_is_known_to_the_account_it_signed_in_to_only(known, clock):
    account(known, "colleague", "auditor")
    theirs = sign_in.start(known, "colleague", BROWSER).device
    failed(known, 5)
    assert tried(known, device=theirs) == tried(known, device="invented") == 2


def test_a_new_device_elsewhere_is_not_kept_out_by_failures_at_another_address(known, clock):
    failed(known, 200, address="10.9.0.1")
    assert tried(known, address="10.0.0.7") == "in"


def test_many_names_tried_at_one_address_slow_it_down_for_strangers(known, clock):
    failed(known, 50, login="name {}")
    assert tried(known) == 2
    assert tried(known, address="10.0.0.2") == "in"


def test_many_tries_at_once_are_not_looked_at_more_often_than_one_after_another(store, clock):
    account(bank(store), "wang", "manager", WANG, PASSWORD)
    start, answers = threading.Barrier(20), []

    def guess():
        start.wait()
        answers.append(tried(store, "wrong"))

    threads = [threading.Thread(target=guess) for _ in range(20)]
    [one.start() for one in threads]
    [one.join() for one in threads]
    assert len(answers) == 20 and answers.count("wrong") == throttling.FREE_TRIES
    assert [action for _, action, _ in trail(store)].count("fail") == throttling.FREE_TRIES


def test_a_hundred_strangers_leave_an_address_that_is_new_one_try(known, clock):
    failed(known, throttling.TRIES_BY_STRANGERS - 1, address="10.9.0.{}")
    assert [tried(known, "wrong"), tried(known, "wrong")] == ["wrong", 2], "its own was the hundredth"
    clock.shift(3)
    assert tried(known) == "in"


def test_ninety_nine_strangers_leave_it_its_five(known, clock):
    failed(known, throttling.TRIES_BY_STRANGERS - 6, address="10.9.0.{}")
    assert [tried(known, "wrong") for _ in range(5)] == ["wrong"] * 5


@pytest.mark.parametrize("is_known", [True, False])
def test_a_place_in_line_is_for_strangers_a_known_device_has_none(known, clock, is_known):
    device = sign_in.start(known, "wang", BROWSER).device if is_known else None
    failed(known, 5, device=device)
    with pytest.raises(throttling.MustWait) as wait:
        sign_in.with_password(known, "wang", PASSWORD, replace(BROWSER, device=device))
    assert (wait.value.place is None) == is_known
