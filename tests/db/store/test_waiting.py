"""The writer's lock is waited for a few seconds, and then it is said who has to wait and why."""

import threading

import pytest

from db.engine import Store
from db.errors import Unavailable
from tests.support.builders import bank, head
from tests.support.moments import record


@pytest.mark.both_engines
def test_a_lock_of_another_program_is_said_and_reading_goes_on(store, url):
    """The other one is another store, so that the database itself is what is waited for."""
    bank(store)
    other = Store(url)
    store.patience = 0.3
    with other.writing("another program"):
        with pytest.raises(Unavailable, match="busy"):
            record(head(store), 1)
        assert store.version().counter == 1
    assert len(record(head(store), 1)) == 1
    other.close()


def test_a_turn_among_ones_own_is_waited_for_no_longer(sqlite_store):
    bank(sqlite_store)
    sqlite_store.patience, begun, done = 0.2, threading.Event(), threading.Event()

    def hold() -> None:
        with sqlite_store.writing("a long import"):
            begun.set()
            done.wait(30)

    one = threading.Thread(target=hold)
    one.start()
    begun.wait(30)
    with pytest.raises(Unavailable, match="busy"):
        record(head(sqlite_store), 1)
    done.set()
    one.join()
    assert len(record(head(sqlite_store), 1)) == 1
