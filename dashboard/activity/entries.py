"""Sending an entry, whichever form it was made in: the rules that need the clock and the bank's definitions."""

from datetime import date, timedelta

from dashboard.shell import clock
from dashboard.standing import bank_rules
from db.access import Viewer
from db.log.entry import Entry
from db.recording import recording


def send(viewer: Viewer, manager: int, entry: Entry, reference: str) -> int:
    """Stores an entry of a manager once under its reference and gives its id. Raises as activity.record does."""
    return recording.record(viewer, manager, entry, reference, clock.today(), earliest(viewer))


def earliest(viewer: Viewer) -> date:
    """The first day an entry may still be made for, by the definitions in force."""
    today = clock.today()
    return today - timedelta(bank_rules.definitions(viewer, today).backdating_days)
