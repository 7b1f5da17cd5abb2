"""The file that a SQLite database lies in: whoever has it open sees that it was removed, or that another took its name.
What would be stored then would lie in a file that nobody finds again."""

import sqlite3
from pathlib import Path
from urllib.parse import urlencode

from sqlalchemy import URL

from db.errors import Unavailable

GONE = "The file of the database was removed or renamed while the program ran: nothing is stored. Put it back, or stop the program and restore a backup."
REPLACED = "Another file stands in the place of the database: nothing is stored. Stop the program, then start it again on the right file."
MISSING = "There is no database at {place}. To begin a new, empty bank there: python -m dashboard run --new"
Identity = tuple[int, int]  # device and number of a file, whatever it is called


class DatabaseFile:
    """The file of one engine: what its first connection opened, and nothing else from then on."""

    def __init__(self, url: URL) -> None:
        self.path = path_of(url)
        said = {name: value for name, value in url.query.items() if name != "uri"}
        self._address = f"{self.path.as_uri()}?{urlencode({'mode': 'rw'} | said)}"
        self._opened: Identity | None = None

    def connect(self, timeout: float) -> sqlite3.Connection:
        """A connection to the file; never one that makes it. Raises Unavailable where it is not there any more."""
        self.check()
        connection = sqlite3.connect(self._address, timeout=timeout, check_same_thread=False, uri=True)
        if self._opened is None:
            self._opened = identity(self.path)
        return connection

    def forget(self) -> None:
        """Nothing is open any more: the next connection takes what is there."""
        self._opened = None

    def check(self) -> None:
        """Raises Unavailable where the file is not the one that was opened."""
        there = identity(self.path)
        if there is None:
            raise Unavailable(GONE) if self._opened else Unavailable(MISSING, place=str(self.path))
        if self._opened not in (None, there):
            raise Unavailable(REPLACED)


def path_of(url: URL) -> Path:
    """Where the database of a SQLite URL lies."""
    return Path(str(url.database).removeprefix("file:")).absolute()


def is_filled(path: Path) -> bool:
    """Whether there is anything in the file."""
    try:
        return path.stat().st_size > 0
    except OSError:
        return False


def identity(path: Path) -> Identity | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
