"""Whose turn it is to write: one writer at a time, first come first served, and nobody waits without an end."""

import os
import threading
import time
from collections import deque
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import text

from db.errors import Unavailable
from db.store.faults import BUSY

try:
    import fcntl
except ImportError:  # on Windows SQLite's own waiting alone decides
    fcntl = None

LEAST = 0.1  # seconds that are left for the database's own lock, however long the turn was waited for
POLL = 0.004  # seconds between two looks at another process's place
QUEUE = 1  # the key of an advisory lock of PostgreSQL
# PostgreSQL lets those who wait for a row pass one another; for an advisory lock they come in their order.
IN_ORDER = text(f"SELECT set_config('lock_timeout', :wait, true), pg_advisory_xact_lock({QUEUE})")
IN_LINE = text(
    f"SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND classid = 0 AND objid = {QUEUE}"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


class Turns:
    """Of the writers of one store in one process: whoever has had their turn passes it to who came first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken = False
        self._waiting: deque[threading.Lock] = deque()

    @property
    def waiting(self) -> int:
        """How many wait for their turn."""
        return len(self._waiting)

    @contextmanager
    def turn(self, patience: float) -> Generator[float]:
        """This thread's turn, and the seconds left to wait for the lock that other processes may hold. Raises
        Unavailable where it does not come within the patience (seconds)."""
        began = time.monotonic()
        self._wait(patience)
        try:
            yield max(patience - (time.monotonic() - began), LEAST)
        finally:
            self._pass_on()

    def _wait(self, patience: float) -> None:
        mine = threading.Lock()
        mine.acquire()
        with self._lock:
            if not self._taken:
                self._taken = True
                return
            self._waiting.append(mine)
        if mine.acquire(timeout=patience):
            return
        with self._lock:
            if mine in self._waiting:  # else it was passed on at the last moment
                self._waiting.remove(mine)
                raise Unavailable(BUSY)

    def _pass_on(self) -> None:
        with self._lock:
            self._taken = bool(self._waiting)
            if self._taken:
                self._waiting.popleft().release()


class NextInLine:
    """The place of the process that writes next to a SQLite file. SQLite looks only now and then whether a lock is free, so
    that a process which writes again and again would leave others no gap: whoever waits for the lock holds this place
    meanwhile, and who has just written comes after them."""

    def __init__(self, database: Path) -> None:
        self._database, self._path = database, database.with_name(f"{database.name}-turn")

    @contextmanager
    def place(self, patience: float) -> Generator[float]:
        """Holds the place, and gives the seconds that are left. Where the file for it cannot be made, or the time runs
        out, it is done without: SQLite's own lock decides in any case."""
        began = time.monotonic()
        with self._file() as file:
            while file is not None and not locked(file) and time.monotonic() - began < patience:
                time.sleep(POLL)
            yield max(patience - (time.monotonic() - began), LEAST)

    def is_taken(self) -> bool:
        """Whether somebody waits in another process."""
        with self._file() as file:
            return file is not None and not locked(file)

    @contextmanager
    def _file(self) -> Generator[int | None]:
        try:
            file = self._open()
        except OSError:
            file = None
        try:
            yield file
        finally:
            if file is not None:
                os.close(file)

    def _open(self) -> int:
        with suppress(FileNotFoundError):
            return os.open(self._path, os.O_RDONLY)
        file = os.open(self._path, os.O_RDONLY | os.O_CREAT, 0o600)
        owner = self._database.stat()
        if owner.st_uid != os.fstat(file).st_uid:  # of an administrator, who must not shut out whoever serves the pages
            os.fchown(file, owner.st_uid, owner.st_gid)
        return file


def locked(file: int) -> bool:
    """Locks the file until it is closed. False where somebody else has it locked."""
    if fcntl is None:
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
