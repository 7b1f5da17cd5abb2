"""How much is kept of each kind of record, and since when; for the administrator."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import InstrumentedAttribute

from db.access import Viewer, scope
from db.engine import BANK_TIME
from db.models import Activity, Audit, Customer, Draft, FailedSignIn, Message, SignIn

Since = InstrumentedAttribute[date] | InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None]
KINDS: dict[str, tuple[Since, ColumnElement[bool]]] = {  # from when each counts, and which of the rows
    "notes": (Activity.day, Activity.note.is_not(None)),
    "drafts": (Draft.at, true()),
    "failed_sign_ins": (FailedSignIn.at, true()),
    "sessions": (SignIn.began_at, true()),
    "messages": (Message.queued_at, true()),
    "audit": (Audit.at, true()),
    "forgotten": (Customer.forgotten_at, Customer.forgotten_at.is_not(None)),
}


@dataclass(frozen=True)
class Kept:
    """How many, and the day of the oldest: None where there is none, or no day is known."""

    number: int
    oldest: date | None = None


def read(viewer: Viewer) -> dict[str, Kept]:
    """Each kind of record in the database; the oldest of customers is the first contact that was logged.
    Raises NotAllowed without the right to read it."""
    scope(viewer, "read_retention")
    return viewer.cached("what is kept", read=lambda: counted(viewer))


def counted(viewer: Viewer) -> dict[str, Kept]:
    found = {}
    with viewer.reading() as connection:
        for name, (since, which) in KINDS.items():
            number, oldest = connection.execute(select(func.count(), func.min(since)).where(which)).one()
            found[name] = Kept(number, day_of(oldest))
        known = select(func.count()).select_from(Customer)
        known = known.where(Customer.forgotten_at.is_(None), Customer.merged_into_id.is_(None))
        first = select(func.min(Activity.day)).where(Activity.customer_id.is_not(None))
        found["customers"] = Kept(connection.scalar(known) or 0, connection.scalar(first))
    return found


def day_of(moment: date | datetime | None) -> date | None:
    """The day where the bank is."""
    if isinstance(moment, datetime):
        return (moment + BANK_TIME).date()
    return moment
