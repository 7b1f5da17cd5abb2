"""Anchoring the audit trail: every hour, and whenever it is asked for."""

from datetime import date, timedelta
from pathlib import Path

from dashboard.shell.settings import settings
from dashboard.shell.store import notary
from db.backup import anchors
from db.engine import Store
from db.jobs import job


def file() -> Path:
    """Where the anchors of this installation lie."""
    return settings().backups / anchors.FILE


def is_signed() -> bool:
    """Whether there is a key to sign with."""
    return settings().audit_key.exists()


def anchor(store: Store) -> bool:
    """Anchors the present end of the trail, unless it is the last one that was; says whether it did."""
    return anchors.anchor_if_moved(store, notary())


@job("anchors", every=timedelta(hours=1))
def by_itself(store: Store, _today: date) -> None:
    anchor(store)
