"""Opening a store: its schema brought up to date, and the bank's definitions given to its mirror."""

from functools import cache

from dashboard.shell.settings import settings
from db.access import Viewer
from db.backup import opening, signing
from db.backup.anchors import Notary
from db.engine import Store
from metrics.definitions import DEFAULT, interpret


def open_store(url: str | None = None, new: bool = False) -> Store:
    """The store behind a URL (the configured one unless told), brought to the current schema after a backup; with `new`
    one that is begun there. Raises StorageError when it cannot be used, or there is none, or is one already."""
    url = url or settings().database_url
    opening.prepare(url, DEFAULT, new, settings().backups, passphrase(), notary())
    return Store(url, mark=interpret, snapshots=settings().snapshots)


def passphrase() -> str | None:
    """What backups are encrypted with; None where they are not."""
    return settings().backup_passphrase.get_secret_value() or None


def notary() -> Notary:
    """Who anchors the audit trail, beside the backups. Raises StorageError where the key's file holds none."""
    return Notary(settings().backups, signing.read_key(settings().audit_key))


@cache
def shared(url: str) -> Store:
    """The one store of the process that serves pages."""
    return open_store(url)


def operator(store: Store) -> Viewer:
    """Whoever holds the database: the command line."""
    return Viewer(store, "operator", "operator")
