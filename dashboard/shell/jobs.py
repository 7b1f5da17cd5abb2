"""The work of the day: done by the server once a minute, or by `python -m dashboard tick`."""

import logging
import threading

from dashboard.shell import clock
from db import jobs
from db.customers import forgetting, handover
from db.engine import Store
from db.imports.large import unfinished
from db.meetings import ending

EVERY = 60  # seconds
FEATURES = (forgetting, handover, ending, unfinished)  # each registers its jobs
log = logging.getLogger(__name__)


def tick(store: Store) -> list[str]:
    """Does every job that is due, and gives their names."""
    return jobs.tick(store, clock.today())


def start(store: Store) -> threading.Thread:
    """Ticks for as long as the process lives."""

    def work() -> None:
        pause = threading.Event()
        while True:
            try:
                tick(store)
            except Exception:  # the store is busy or gone for a moment: what is due stays due
                log.warning("the jobs that are due could not be looked up")
            pause.wait(EVERY)

    thread = threading.Thread(target=work, name="jobs", daemon=True)
    thread.start()
    return thread
