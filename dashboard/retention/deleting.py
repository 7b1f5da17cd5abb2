"""Deleting what is older than it is to be kept: by the jobs of the day."""

from datetime import date, timedelta

from dashboard.monitoring import old_logs
from dashboard.shell.settings import settings
from db.engine import Store
from db.jobs import job
from db.retention import deleting
from db.retention.deleting import Days


def days() -> Days:
    """As it is set."""
    held = settings()
    return Days(
        drafts=held.keep_drafts_days,
        failed_sign_ins=held.keep_failed_sign_ins_days,
        sessions=held.keep_sessions_days,
        messages=held.keep_messages_days,
        notes=held.keep_notes_days,
    )


@job("retention", every=timedelta(days=1))
def by_itself(store: Store, today: date) -> None:
    deleting.delete_old(store, today, days())
    deleting.files(store, {"logs": old_logs.delete_old(today)})
