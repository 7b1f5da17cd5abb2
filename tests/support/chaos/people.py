"""Phones that submit and readers that look, each noting what they were told and when."""

import random
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx

from tests.support.chaos import page_views
from tests.support.sweep import scaled

PAUSE = (0.5, 2.0)  # seconds between two entries of a phone, or two pages of a reader
AGAIN = (0.1, 0.5)  # seconds until what was not acknowledged is sent again
TWICE = 10  # every so manyth entry is sent again although it was acknowledged: the answer may be lost on its way
SCRIPT = {"accept": "application/json"}
NOBODY_THERE = (httpx.NetworkError, httpx.ProtocolError, ConnectionError)  # whoever answers too late is there
NO_SERVER = "no server"
SIGNED_OUT = "signed out"


@dataclass(frozen=True)
class Told:
    """What somebody was told, and between which moments they waited for it."""

    asked: float
    answered: float
    said: str


@dataclass
class Notes:
    """What all of them have noted: entries acknowledged by their key, pages that were read, refusals of either."""

    acknowledged: dict[str, set[int]] = field(default_factory=dict)
    at: dict[str, list[float]] = field(default_factory=dict)  # of each phone, when it was acknowledged something
    attempted: set[str] = field(default_factory=set)
    read: list[tuple[float, float]] = field(default_factory=list)  # when a page was asked for, and was whole
    turned_down: list[Told] = field(default_factory=list)  # to a phone, or to whoever signs in
    not_shown: list[Told] = field(default_factory=list)  # in a page's place, or on it
    signed_out: list[float] = field(default_factory=list)  # when a phone was told to sign in again


class Person(threading.Thread):
    """Somebody at the server, until it is enough."""

    def __init__(self, address: str, login: str, notes: Notes, enough: threading.Event, seed: int) -> None:
        super().__init__(name=f"{login} {seed}", daemon=True)
        self.login, self.notes, self.enough, self.chosen = login, notes, enough, random.Random(seed)
        self.client = httpx.Client(base_url=address, timeout=page_views.LONGEST)
        self.broke: Exception | None = None

    def run(self) -> None:
        try:
            self.live()
        except Exception as error:
            self.broke = error
        finally:
            self.client.close()

    def live(self) -> None:
        raise NotImplementedError

    def rest(self) -> None:
        """Not longer than until it is enough."""
        self.enough.wait(self.chosen.uniform(*PAUSE))

    def sign_in(self) -> bool:
        """By the button of a demo's sign-in page. Gives whether they are in."""
        self.client.cookies.clear()
        asked, form = time.monotonic(), {"person": self.login, "next": "/"}
        try:
            answer = self.client.post("/account/sign-in", data=form, params={"lang": "en"}, headers=page_views.TEXT)
        except NOBODY_THERE:
            return False
        if answer.status_code != 303:
            self.notes.turned_down.append(Told(asked, time.monotonic(), answer.text))
        return answer.status_code == 303


class Phone(Person):
    """Sends one entry after another, each under a key of its own and until it is acknowledged, as the outbox does."""

    def live(self) -> None:
        signed_in, number, last = True, 0, False
        while not last:
            last = self.enough.is_set()  # whatever has happened, one entry more
            self.rest()
            number += 1
            entry = self.entry(number)
            self.notes.attempted.add(entry["key"])
            while (said := self.send(entry) if signed_in else SIGNED_OUT) is not None:
                time.sleep(self.chosen.uniform(*AGAIN))
                if said == SIGNED_OUT:
                    signed_in = self.sign_in()
            if number % TWICE == 0:
                self.send(entry)

    def entry(self, number: int) -> dict[str, object]:
        named = {"customer_name": f"{self.name} {number}", "met_decider": True, "has_need": number % 3 == 0}
        return {
            "key": f"{self.chosen.getrandbits(128):032x}",
            "account": self.login,
            "kind": "consultation",
            "day": "2026-11-20",
            "time": "16:00:00",
            "note": f"{self.name} {number}",
            **(named if number % 2 else {}),
        }

    def send(self, entry: dict[str, object]) -> str | None:
        """None where it is acknowledged, else why it is not."""
        asked = time.monotonic()
        try:
            answer = self.client.post("/outbox/entries", json=entry, params={"lang": "en"}, headers=SCRIPT)
        except NOBODY_THERE:
            return NO_SERVER
        now = time.monotonic()
        if answer.status_code == 401:
            self.notes.signed_out.append(now)
            return SIGNED_OUT
        if answer.status_code == 200:
            self.notes.acknowledged.setdefault(entry["key"], set()).add(answer.json()["id"])
            self.notes.at.setdefault(self.name, []).append(now)
            return None
        self.notes.turned_down.append(Told(asked, now, answer.text))
        return answer.text


class Reader(Person):
    """Opens one page after the other."""

    def __init__(self, *args, pages: tuple[str, ...]) -> None:
        super().__init__(*args)
        self.pages = pages

    def live(self) -> None:
        last = False
        while not last:
            last = self.enough.is_set()
            self.rest()
            self.look(self.chosen.choice(self.pages))

    def look_once(self) -> None:
        """At each of their pages, so that the server has loaded what they need; of that nothing is noted."""
        for page in self.pages:
            page_views.view(self.client, page)

    def look(self, page: str) -> None:
        asked = time.monotonic()
        try:
            shown = page_views.view(self.client, page)
        except NOBODY_THERE:
            return
        now = time.monotonic()
        if shown.whole:
            self.notes.read.append((asked, now))
        else:
            self.notes.not_shown.append(Told(asked, now, shown.said))


class Newcomer(Person):
    """Signs in again and again: a write, for which the sign-in page answers."""

    def live(self) -> None:
        while not self.enough.is_set():
            self.rest()
            self.sign_in()


LOOKS = {"100001": ("my_day", "customers"), "head-1": ("morning_meeting", "my_day"), "region-1": ("branch_comparison",)}
READERS = scaled(len(LOOKS), 1)


@contextmanager
def at_work(address: str, phones: int, seed: int) -> Iterator[Notes]:
    """So many phones, readers and a newcomer while the block runs; afterwards every phone sends what it still has."""
    notes, enough = Notes(), threading.Event()
    managers = re.findall(r'name="person" value="(\d+)"', httpx.get(f"{address}/account/sign-in").text)
    people: list[Person] = [
        Phone(address, managers[place % len(managers)], notes, enough, seed + place) for place in range(phones)
    ]
    readers = [
        Reader(address, login, notes, enough, seed - 1 - place, pages=pages)
        for place, (login, pages) in enumerate([*LOOKS.items()][:READERS])
    ]
    people += [*readers, Newcomer(address, "head-1", notes, enough, seed - len(people))]
    for one in people:
        assert one.sign_in()
    for one in readers:
        one.look_once()
    for one in people:
        one.start()
    try:
        yield notes
    finally:
        enough.set()
        for one in people:
            one.join(page_views.LONGEST)
    waiting = [one.name for one in people if one.is_alive()]
    assert not waiting, f"{waiting} still wait; told last: {notes.turned_down[-3:]} {notes.not_shown[-3:]}"
    broke = [repr(one.broke) for one in people if one.broke]
    assert not broke, broke
