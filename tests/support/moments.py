"""Entries written while something else happens to the store."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from db.access import Viewer
from db.engine import Store
from db.errors import StorageError
from db.log.entry import Entry
from db.recording import recording
from tests.support.builders import MONDAY, WANG, head


def record(by: Viewer, number: int, key: str = "row") -> list[int]:
    """So many consultations of 王芳's, under keys of their own."""
    entries = (Entry("consultation", MONDAY, customer_name=f"客户{key}{one}") for one in range(number))
    return [recording.record(by, WANG, one, f"{key} {place}", MONDAY) for place, one in enumerate(entries)]


@contextmanager
def written_until(store: Store, writers: int) -> Iterator[list[str]]:
    """People who record without a pause while the block runs; the keys of what was acknowledged, complete at its
    end."""
    done, acknowledged = threading.Event(), []

    def write(who: int) -> None:
        number = 0
        while not done.is_set():
            number += 1
            try:
                record(head(store), 1, f"{who}/{number}")
                acknowledged.append(f"{who}/{number} 0")
            except StorageError:
                pass

    threads = [threading.Thread(target=write, args=(who,)) for who in range(writers)]
    for one in threads:
        one.start()
    try:
        yield acknowledged
    finally:
        done.set()
        for one in threads:
            one.join()


def until(condition: Callable[[], object]) -> None:
    """Waits for what another thread is about to do."""
    for _ in range(3_000):
        if condition():
            return
        time.sleep(0.01)
    raise AssertionError("it does not come to that")
