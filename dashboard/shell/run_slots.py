"""How many pages run at a time. They share one core, besides what Polars and the database take: 200 that open at once would
each take 200 times as long, and leave the sockets, an entry on its way among them, next to nothing."""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

AT_ONCE = 4


class Slots:
    """Each run of a page takes one, in the order in which they came, and lends it while it waits for something else than
    the processor."""

    def __init__(self, number: int) -> None:
        self.free = number
        self._waiting: deque[threading.Event] = deque()
        self._lock = threading.Lock()
        self._of_thread = threading.local()

    @contextmanager
    def taken(self) -> Iterator[None]:
        self._take()
        try:
            yield
        finally:
            self._give_back()

    @contextmanager
    def lent(self) -> Iterator[None]:
        """Around what may take long: a write that waits for its turn, a file that is imported, a message on its way."""
        if not getattr(self._of_thread, "has_one", False):
            yield
            return
        self._give_back()
        try:
            yield
        finally:
            self._take()

    def _take(self) -> None:
        turn = threading.Event()
        with self._lock:
            if self.free:
                self.free -= 1
                turn.set()
            else:
                self._waiting.append(turn)
        turn.wait()
        self._of_thread.has_one = True

    def _give_back(self) -> None:
        self._of_thread.has_one = False
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self.free += 1


SLOTS = Slots(AT_ONCE)
