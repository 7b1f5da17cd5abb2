"""Who comes first writes first: among the threads of a process, and between processes too."""

import threading

import pytest

from db.engine import Store
from db.errors import Unavailable
from db.store.locking import Turns
from tests.support.builders import bank
from tests.support.moments import until

WRITERS = 12


def write(turns: Turns, came: list[int], who: int) -> None:
    with turns.turn(60):
        came.append(who)


def test_writers_come_in_the_order_in_which_they_asked():
    turns, came = Turns(), []
    threads = [threading.Thread(target=write, args=(turns, came, who)) for who in range(WRITERS)]
    with turns.turn(60):
        for who, one in enumerate(threads):
            one.start()
            until(lambda who=who: turns.waiting == who + 1)
    for one in threads:
        one.join()
    assert came == [*range(WRITERS)]


def test_who_writes_again_at_once_comes_after_those_who_wait():
    turns, came = Turns(), []
    threads = [threading.Thread(target=write, args=(turns, came, who)) for who in range(WRITERS)]
    with turns.turn(60):
        [one.start() for one in threads]
        until(lambda: turns.waiting == WRITERS)
    write(turns, came, WRITERS)
    assert came[-1] == WRITERS
    [one.join() for one in threads]
    assert sorted(came) == [*range(WRITERS + 1)]


def test_who_gives_up_holds_nobody_up():
    turns, came = Turns(), []

    def write(who: str, patience: float) -> None:
        try:
            with turns.turn(patience):
                came.append(who)
        except Unavailable:
            came.append(f"{who} gave up")

    first, second = (threading.Thread(target=write, args=one) for one in (("hasty", 0.05), ("patient", 60)))
    with turns.turn(60):
        first.start()
        until(lambda: turns.waiting == 1)
        second.start()
        until(lambda: came == ["hasty gave up"] and turns.waiting == 1)
    second.join()
    assert came == ["hasty gave up", "patient"]
    with turns.turn(0):
        assert turns.waiting == 0


@pytest.mark.both_engines
def test_another_process_that_waits_comes_before_who_has_just_written(store, url):
    """The other one is another store, which shares nothing with the first but the database."""
    bank(store)
    other, came = Store(url, patience=60), []

    def write() -> None:
        with other.writing("another process"):
            came.append("another process")

    one = threading.Thread(target=write)
    with store.writing("this process") as this:
        assert not store.is_awaited(this.session)
        one.start()
        until(lambda: store.is_awaited(this.session))
    with store.writing("this process") as this:
        came.append("this process again")
        assert not store.is_awaited(this.session)
    one.join()
    other.close()
    assert came == ["another process", "this process again"]


def test_who_waits_in_this_process_is_seen_by_who_writes(sqlite_store):
    bank(sqlite_store)

    def write() -> None:
        with sqlite_store.noting("another thread"):
            pass

    one = threading.Thread(target=write)
    with sqlite_store.writing("this thread") as this:
        one.start()
        until(lambda: sqlite_store.is_awaited(this.session))
    one.join()
    with sqlite_store.writing("this thread") as this:
        assert not sqlite_store.is_awaited(this.session)
