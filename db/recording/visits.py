"""A visit made together: one visit of the group, entered by any of them."""

from datetime import date

import polars as pl
from sqlalchemy import and_, or_, select
from sqlalchemy.orm import aliased

from db.access import Viewer, within
from db.errors import Refused
from db.log.entry import Entry
from db.models import Activity, VisitingDay, VisitingPlace
from db.recording import recording

VISIT = {"activity": pl.Int64, "manager": pl.Int32, "customer": pl.Int64, "partner": pl.Int32}


def made(viewer: Viewer, branch: int, day: date) -> pl.DataFrame:
    """The visits that groups made on a day, whichever way they were entered: one row an entry and partner (VISIT), for a
    manager those of their own group. Entries of one customer are one visit. What is withdrawn is none."""
    own, partner = aliased(VisitingPlace), aliased(VisitingPlace)
    seen = within(
        viewer, "read_activity", region=Activity.region_id, branch=Activity.branch_id, manager=Activity.manager_id
    )
    if viewer.manager is not None:  # or where they were a partner
        seen = or_(seen, partner.manager_id == viewer.manager)
    columns = (Activity.id, Activity.manager_id, Activity.customer_id, partner.manager_id)
    together = (partner.visiting_day_id == own.visiting_day_id, partner.group_number == own.group_number)
    statement = (
        select(*columns)
        .join(VisitingDay, (VisitingDay.branch_id == Activity.branch_id) & (VisitingDay.day == Activity.day))
        .join(own, (own.visiting_day_id == VisitingDay.id) & (own.manager_id == Activity.manager_id))
        .join(partner, and_(*together, partner.manager_id != own.manager_id))
        .where(Activity.branch_id == branch, Activity.day == day, Activity.kind == "consultation")
        .where(or_(Activity.method.is_(None), Activity.method == "visit"), Activity.voided_at.is_(None), seen)
    )

    def stored() -> pl.DataFrame:
        with viewer.reading() as connection:
            rows = connection.execute(statement.order_by(Activity.id, partner.manager_id))
            return pl.DataFrame([tuple(row) for row in rows], VISIT, orient="row")

    return viewer.cached("visits together", branch, day, read=stored)


def record(
    viewer: Viewer, manager: int, entry: Entry, reference: str, today: date, earliest: date | None = None
) -> int:
    """Stores a manager's visit as recording.record does; gives its id.

    Raises Refused where one of their group has entered the visit of this customer that day, whichever way."""
    if viewer.branch is not None and entry.customer is not None:
        of_partners = made(viewer, viewer.branch, entry.day).filter(customer=entry.customer, partner=manager)
        if of_partners.height:
            raise Refused("One of your group has recorded this visit already: it counts once.")
    return recording.record(viewer, manager, entry, reference, today, earliest)
