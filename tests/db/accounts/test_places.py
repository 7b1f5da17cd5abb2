"""Somebody polls wrong passwords as fast as they can: whoever is meant, at the same address, gets in all the same, and
what is guessed stays slow."""

import random
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import time_machine

from db.accounts import places, sign_in, throttling
from db.errors import Refused
from tests.support.builders import BROWSER, PASSWORD, WANG, account, bank
from tests.support.sheets import counts, trail
from tests.support.sweep import SEED, scaled

pytestmark = pytest.mark.slow

NINE = datetime.fromisoformat("2026-11-16T01:00:00+00:00")
EVERY = 2  # seconds
BOUND = (throttling.LONGEST_WAIT + throttling.PACE) / timedelta(seconds=1) + EVERY


@pytest.fixture
def clock():
    with time_machine.travel(NINE, tick=False) as travelling:
        yield travelling


@pytest.fixture
def known(store):
    account(bank(store), "wang", "manager", WANG, PASSWORD)
    return store


class Window:
    """A browser at the address everybody has; it keeps its place in line unless it `forgets`."""

    def __init__(self, store, device: str | None = None, forgets: bool = False, address: str = "10.0.0.1") -> None:
        self.store, self.forgets = store, forgets
        self.browser = replace(BROWSER, address=address, device=device)

    def tries(self, password: str, login: str = "wang") -> int | str:
        """Seconds to wait, or in, or wrong."""
        try:
            sign_in.with_password(self.store, login, password, self.browser)
        except throttling.MustWait as wait:
            if not self.forgets:
                self.browser = replace(self.browser, place=wait.place)
            return wait.values["seconds"]
        except Refused:
            return "wrong"
        return "in"


def polled(clock, pollers: list[Window], seconds: float) -> int:
    """All of them try every other second, for so long; gives how many passwords were looked at."""
    looked_at = 0
    for _time in range(round(seconds / EVERY)):
        looked_at += [one.tries("a guess") for one in pollers].count("wrong")
        clock.shift(EVERY)
    return looked_at


def seconds_until_in(clock, person: Window, pollers: list[Window]) -> float:
    """How long somebody needs who does what they are told, while the others are always a moment before them."""
    needed = 0.0
    while needed < 3600:
        [one.tries("a guess") for one in pollers]
        said = person.tries(PASSWORD)
        if said == "in":
            return needed
        needed += max(said, EVERY)
        polled(clock, pollers, max(said, EVERY))
    return needed


POLLERS = {
    "one that keeps nothing": (True,),
    "three that keep nothing": (True,) * 3,
    "one that keeps its place": (False,),
    "one of each": (True, False),
}


@pytest.mark.both_engines
@pytest.mark.parametrize("forgetful", POLLERS.values(), ids=POLLERS)
def test_who_polls_at_the_same_address_keeps_nobody_out(known, clock, forgetful):
    pollers, chosen = [Window(known, forgets=one) for one in forgetful], random.Random(SEED)
    for _person in range(scaled(50, 1)):
        polled(clock, pollers, 40 + chosen.random() * 30)
        assert seconds_until_in(clock, Window(known), pollers) <= BOUND


def test_a_device_that_is_known_does_not_wait_at_all(known, clock):
    device = sign_in.start(known, "wang", BROWSER).device
    pollers = [Window(known, forgets=True), Window(known), Window(known)]
    polled(clock, pollers, 40)
    assert Window(known, device).tries(PASSWORD) == "in"


def test_what_is_guessed_stays_slow_however_many_places_are_kept(known, clock):
    crowd, seconds = [Window(known) for _one in range(scaled(20, 4))], scaled(3600, 40)
    polled(clock, crowd, 40)
    most = seconds / throttling.LONGEST_WAIT.total_seconds() + seconds / throttling.PACE.total_seconds() + 2
    assert 0 < polled(clock, crowd, seconds) <= most


def test_many_names_at_one_address_share_its_pace(known, clock):
    crowd, seconds = [Window(known) for _one in range(scaled(20, 4))], scaled(3600, 40)

    def round_of_guesses() -> int:
        clock.shift(EVERY)
        return [one.tries("a guess", f"name {number}") for number, one in enumerate(crowd)].count("wrong")

    [round_of_guesses() for _time in range(40 // EVERY)]
    most = seconds / throttling.LONGEST_WAIT.total_seconds() + seconds / throttling.PACE.total_seconds() + 2
    assert sum(round_of_guesses() for _time in range(seconds // EVERY)) <= most


def in_line(store, clock) -> Window:
    """Somebody who has a place, and whose turn it is; and a poller who has just failed."""
    person, poller = Window(store), Window(store, forgets=True)
    polled(clock, [poller], 40)
    assert isinstance(person.tries("a guess"), int)
    polled(clock, [poller], 32)
    assert poller.tries(PASSWORD) != "in"
    return person


def test_a_place_is_good_for_one_try(known, clock):
    person = in_line(known, clock)
    place = person.browser
    assert person.tries("a guess") == "wrong"
    clock.shift(11)
    person.browser = place
    assert isinstance(person.tries(PASSWORD), int) and person.browser.place != place.place


def test_a_place_is_good_for_its_account_at_its_address(known, clock):
    account(known, "colleague", "auditor", password=PASSWORD)
    person = in_line(known, clock)
    source = (throttling.digest("wang"), "10.0.0.1")
    assert places.waited(person.browser.place, source) >= throttling.LONGEST_WAIT
    for whose, where in (("colleague", "10.0.0.1"), ("wang", "10.0.0.2")):
        assert places.waited(person.browser.place, (throttling.digest(whose), where)) is None
    assert person.tries(PASSWORD) == "in"


@pytest.mark.parametrize("place", ["", "x", "WyJ4Il0.aaaa.bbbb", "\0", "王", None])
def test_what_is_no_place_is_the_end_of_the_line(known, clock, place):
    person = in_line(known, clock)
    person.browser = replace(person.browser, place=place)
    assert isinstance(person.tries(PASSWORD), int)


@pytest.mark.parametrize("step", [-7_209, -60, 7_209])
def test_a_clock_that_steps_makes_nobody_wait_longer(known, clock, step):
    person, poller = in_line(known, clock), Window(known)
    clock.shift(step)
    assert seconds_until_in(clock, person, [poller]) <= BOUND


def test_who_only_asks_writes_nothing(known, clock):
    in_line(known, clock)
    noted, held = len(trail(known)), counts(known)
    pollers = [Window(known, forgets=one) for one in (True, False)]
    assert {type(one.tries("a guess")) for one in pollers for _time in range(20)} == {int}
    assert len(trail(known)) == noted and counts(known) == held


def test_a_place_is_kept_for_a_quarter_of_an_hour(clock):
    place = places.give(("wang", "10.0.0.1"))
    clock.shift(15 * 60)
    assert places.waited(place, ("wang", "10.0.0.1")) == timedelta(minutes=15)
    clock.shift(1)
    assert places.waited(place, ("wang", "10.0.0.1")) is None


def test_those_who_have_waited_at_one_address_are_looked_at_ten_seconds_apart(known, clock):
    first, second, poller = Window(known), Window(known), Window(known, forgets=True)
    polled(clock, [poller], 40)
    assert {type(one.tries("a guess")) for one in (first, second)} == {int}
    polled(clock, [poller], 32)
    assert first.tries("a guess") == "wrong"
    clock.shift(9)
    assert second.tries(PASSWORD) == 1
    clock.shift(1)
    assert second.tries(PASSWORD) == "in"
