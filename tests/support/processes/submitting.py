"""Phones that send the same entries again and again: many threads, in one process or in several.

Run as `python tests/support/processes/submitting.py URL FIRST LAST`, it is the threads of these numbers."""

import random
import sys
import threading
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))

from db.access import Viewer
from db.engine import Store
from db.log.entry import Entry
from db.recording import recording
from tests.support.sweep import scaled

MONDAY = date(2026, 11, 16)
THREADS, SUBMISSIONS, SENDS = 64, scaled(sweep=20, test=1), 3


def sendings() -> list[list[int]]:
    """The submissions each thread sends: every one three times, mostly by different threads at about the same
    moment."""
    every = [one for one in range(THREADS * SUBMISSIONS) for _ in range(SENDS)]
    near = random.Random(7)
    every.sort(key=lambda one: one % SUBMISSIONS + near.random())
    return [every[thread::THREADS] for thread in range(THREADS)]


def send(store: Store, first: int, last: int) -> list[Exception]:
    """Lets threads first … last send; gives what went wrong."""
    errors = []
    viewer = Viewer(store, "operator", "operator")

    def work(submissions: list[int]) -> None:
        for number in submissions:
            entry = Entry(
                "deal", MONDAY, customer_name=f"客户{number % 50}", product=1 + number % 5, amount_cents=number
            )
            try:
                recording.record(viewer, 1 + number % 3, entry, f"phone-{number}", MONDAY)
            except Exception as error:
                errors.append(error)

    threads = [threading.Thread(target=work, args=(one,)) for one in sendings()[first : last + 1]]
    [one.start() for one in threads]
    [one.join() for one in threads]
    return errors


if __name__ == "__main__":
    failed = send(Store(sys.argv[1], patience=60), int(sys.argv[2]), int(sys.argv[3]))
    sys.exit("\n".join(map(repr, failed[:5])) or None)
