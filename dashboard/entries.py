"""Sending an entry, whichever form it was made in: the rules that need the clock and the bank's definitions."""

from dashboard import clock
from db import activity
from db.access import Viewer
from db.entry import Entry


def send(viewer: Viewer, manager: int, entry: Entry, reference: str) -> int:
    """Stores an entry of a manager once under its reference and gives its id. Raises as activity.record does."""
    return activity.record(viewer, manager, entry, reference, clock.today())
