"""Whose turn it is to write: one writer at a time, fairly within a process, and nobody waits without an end."""

import threading
import time
from collections.abc import Generator
from contextlib import contextmanager

from db.errors import Unavailable
from db.store.faults import BUSY

LEAST = 0.1  # seconds that are left for the database's own lock, however long the turn was waited for


class Turns:
    """Of the writers of one store in one process. A database's own waiting is not fair; this is."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    @contextmanager
    def turn(self, patience: float) -> Generator[float]:
        """This thread's turn, and the seconds left to wait for the lock that other processes may hold. Raises
        Unavailable where it does not come within the patience (seconds)."""
        began = time.monotonic()
        if not self._lock.acquire(timeout=patience):
            raise Unavailable(BUSY)
        try:
            yield max(patience - (time.monotonic() - began), LEAST)
        finally:
            self._lock.release()
