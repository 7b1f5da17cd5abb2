"""How many pages run at a time. They share one core: 200 that open at once would each take 200 times as long, and leave the
sockets, an entry on its way among them, next to nothing."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

AT_ONCE = 8


class Slots:
    """Each run of a page takes one, and lends it while it waits for something else than the processor."""

    def __init__(self, number: int) -> None:
        self._free = threading.BoundedSemaphore(number)
        self._of_thread = threading.local()

    @contextmanager
    def taken(self) -> Iterator[None]:
        with self._free:
            self._of_thread.has_one = True
            try:
                yield
            finally:
                self._of_thread.has_one = False

    @contextmanager
    def lent(self) -> Iterator[None]:
        """Around what may take long: a write that waits for its turn, a file that is imported, a message on its way."""
        if not getattr(self._of_thread, "has_one", False):
            yield
            return
        self._of_thread.has_one = False
        self._free.release()
        try:
            yield
        finally:
            self._free.acquire()
            self._of_thread.has_one = True


SLOTS = Slots(AT_ONCE)
