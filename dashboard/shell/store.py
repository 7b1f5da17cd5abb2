"""Opening a store: its schema brought up to date, and the bank's definitions given to its mirror."""

from functools import cache

from dashboard.shell.settings import settings
from db.access import Viewer
from db.engine import Store
from db.migrations.migrate import migrate
from metrics.definitions import DEFAULT, interpret


def open_store(url: str | None = None) -> Store:
    """The store behind a URL (the configured one unless told), migrated. Raises StorageError when it cannot be used."""
    url = url or settings().database_url
    migrate(url, DEFAULT)
    return Store(url, mark=interpret, snapshots=settings().snapshots)


@cache
def shared(url: str) -> Store:
    """The one store of the process that serves pages."""
    return open_store(url)


def operator(store: Store) -> Viewer:
    """Whoever holds the database: the command line."""
    return Viewer(store, "operator", "operator")
