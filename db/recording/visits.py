"""A visit made together: one entry of whoever records it, and the others of the group beside it."""

from datetime import date

from sqlalchemy import select

from db.access import Viewer
from db.errors import Refused
from db.log.entry import Entry
from db.meetings import visiting
from db.models import Activity, VisitPartner
from db.recording import recording
from db.store.parts import NOTHING


def record(
    viewer: Viewer, manager: int, entry: Entry, reference: str, today: date, earliest: date | None = None
) -> int:
    """Stores a manager's visit as recording.record does, and names whoever goes in one group with them that day; gives
    its id. It counts once in the branch.

    Raises Refused where one of their group has recorded the visit of this customer that day."""
    together = select(Activity.id).join(VisitPartner, VisitPartner.activity_id == Activity.id)
    together = together.where(
        VisitPartner.manager_id == manager, Activity.day == entry.day, Activity.voided_at.is_(None)
    )
    if entry.customer is not None:
        with viewer.store.reading(*NOTHING) as connection:
            held = connection.execute(together.where(Activity.customer_id == entry.customer)).first()
        if held is not None:
            raise Refused("One of your group has recorded this visit already: it counts once.")
    identity = recording.record(viewer, manager, entry, reference, today, earliest)
    visiting.name_partners(viewer, identity)
    return identity
