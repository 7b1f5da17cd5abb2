"""Forgetting a customer: in the store, for backups that are put back, and on the disk."""

from datetime import date

from dashboard.shell.language import _, ngettext
from dashboard.shell.settings import settings
from db.access import Viewer
from db.backup import forgotten
from db.customers import forgetting
from db.customers.forgetting import Record
from db.store import sweeping


def forget(viewer: Viewer, customer: int, reason: str, today: date) -> tuple[int, bool]:
    """Forgets them, here and in backups that are put back; gives how many records that were, and whether nothing is left
    on the disk."""

    def note(store: str, records: list[Record]) -> None:
        forgotten.note(settings().backups, store, records)

    number = forgetting.forget(viewer, customer, reason, today, settings().keep_customers_days, note)
    return number, sweeping.sweep(viewer.store.engine)


def said(number: int, whole: bool) -> str:
    done = ngettext("Forgotten: {number} record.", "Forgotten: {number} records.", number)
    return (
        done if whole else f"{done} {_('The database was in use: the freed space is overwritten by the daily jobs.')}"
    )
