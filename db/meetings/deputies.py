"""Deputies: whom a branch head names to run the meetings in their stead, from a day to a day."""

from datetime import date, timedelta

import polars as pl
from sqlalchemy import select

from db.access import Viewer, check, scope, within, writing
from db.errors import Refused
from db.models import Branch, Deputy, Manager
from db.people import people

LONGEST = timedelta(92)
NO_SUCH_DEPUTY = "There is no such deputy within your scope."
DEPUTY = {
    "deputy": pl.Int32,
    "branch": pl.Int32,
    "manager": pl.Int32,
    "manager_name": pl.String,
    "from_day": pl.Date,
    "to_day": pl.Date,
}


def read(viewer: Viewer, branch: int, on: date) -> pl.DataFrame:
    """Who stands in for the branch's head on a day or later, the first first (DEPUTY)."""
    seen = within(viewer, "read_meetings", region=Branch.region_id, branch=Branch.id)
    columns = (Deputy.id, Deputy.branch_id, Deputy.manager_id, Manager.name, Deputy.from_day, Deputy.to_day)
    statement = select(*columns).join(Branch, Branch.id == Deputy.branch_id)
    statement = statement.join(Manager, Manager.id == Deputy.manager_id)
    statement = statement.where(Deputy.branch_id == branch, Deputy.to_day >= on, seen)

    def stored() -> pl.DataFrame:
        with viewer.reading(log=False) as connection:
            rows = [tuple(row) for row in connection.execute(statement.order_by(Deputy.from_day, Deputy.id))]
        return pl.DataFrame(rows, DEPUTY, orient="row")

    return viewer.cached("deputies", branch, on, read=stored)


def name(viewer: Viewer, manager: int, from_day: date, to_day: date, today: date) -> int:
    """A manager of the head's branch stands in for them from a day to a day, both included; gives the deputyship's id.

    Raises Refused for a day that is over, days that end before they begin or are too many, and for somebody who is named
    for one of these days already; NotAllowed for a manager who is not posted to the branch on the first day."""
    scope(viewer, "name_deputy")
    if from_day < today:
        raise Refused("A deputy begins today or later: {day} is over.", day=from_day)
    if not from_day <= to_day <= from_day + LONGEST:
        raise Refused("Name a deputy for one day at least, and three months at most.")
    with writing(viewer) as write:
        _region, branch = people.posted(viewer, "name_deputy", manager, from_day)
        write.touch(branches=[branch])
        same = (Deputy.manager_id == manager, Deputy.branch_id == branch)
        overlapping = select(Deputy.id).where(*same, Deputy.from_day <= to_day, Deputy.to_day >= from_day)
        if write.session.execute(overlapping).first() is not None:
            raise Refused("They are deputy on one of these days already.")
        row = Deputy(branch_id=branch, manager_id=manager, from_day=from_day, to_day=to_day)
        row.named_by, row.named_at = write.account, write.now
        write.session.add(row)
        write.session.flush()
        after = {"branch": branch, "from_day": from_day, "to_day": to_day}
        write.audit("add", "deputy", manager, None, after)
        return row.id


def end(viewer: Viewer, deputy: int, today: date) -> None:
    """They stand in no longer, at once; what they did stays theirs. One that is over already stays as it was. Raises
    NotAllowed outside the viewer's scope."""
    with writing(viewer) as write:
        held = write.session.get(Deputy, deputy)
        branch = None if held is None else held.branch_id
        region = None if branch is None else write.session.get_one(Branch, branch).region_id
        check(viewer, "name_deputy", region=region, branch=branch, manager=None, missing=NO_SUCH_DEPUTY)
        if held is None:
            raise Refused(NO_SUCH_DEPUTY)
        write.touch(branches=[held.branch_id])
        if held.to_day < today:
            return
        before = {"branch": held.branch_id, "from_day": held.from_day, "to_day": held.to_day}
        write.audit("end", "deputy", held.manager_id, before, None)
        if held.from_day >= today:
            write.session.delete(held)
        else:
            held.to_day = today - timedelta(1)
