"""Days closed by their evening meeting."""

from datetime import date

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from db.access import Viewer, check, covers, may, within, writing
from db.errors import Refused
from db.meetings import days_off
from db.models import Branch, ClosedDay


def close_day(viewer: Viewer, branch: int, day: date, today: date) -> None:
    """The evening meeting is over: from here on the branch head alone changes that day's rows. Closing it again changes
    nothing. Raises Refused for a day that has not come yet, NotAllowed outside the viewer's scope."""
    if day > today:
        raise Refused("{day} has not come yet.", day=day)
    with writing(viewer) as write:
        region = write.session.scalar(select(Branch.region_id).where(Branch.id == branch))
        check(viewer, "close_day", region=region, branch=None if region is None else branch, manager=None)
        write.touch(branches=[branch])
        if not is_closed(write.session, branch, day):
            days_off.validate(write.session, branch, day)
            write.session.add(ClosedDay(branch_id=branch, day=day, closed_at=write.now, closed_by=write.account))
            write.audit("close_day", "branch", branch, None, {"day": day})


def reopen_day(viewer: Viewer, branch: int, day: date) -> None:
    """Takes the closing back. Raises NotAllowed outside the viewer's scope."""
    with writing(viewer) as write:
        region = write.session.scalar(select(Branch.region_id).where(Branch.id == branch))
        check(viewer, "close_day", region=region, branch=None if region is None else branch, manager=None)
        write.touch(branches=[branch])
        held = write.session.get(ClosedDay, (branch, day))
        if held is not None:
            write.session.delete(held)
            write.audit("reopen_day", "branch", branch, {"day": day}, None)


def closed(viewer: Viewer, branch: int, day: date) -> bool:
    """Whether the branch's day is closed, for whoever works there or looks on."""
    seen = within(viewer, "read_people", region=Branch.region_id, branch=Branch.id)
    statement = select(ClosedDay.day).join(Branch, Branch.id == ClosedDay.branch_id)

    def stored() -> bool:
        with viewer.reading() as connection:
            found = connection.execute(statement.where(Branch.id == branch, ClosedDay.day == day, seen)).first()
        return found is not None

    return viewer.cached("closed day", branch, day, read=stored)


def locked(viewer: Viewer, branch: int, day: date) -> bool:
    """Whether the branch's day is closed to this viewer, who looks at it: all but the branch head then only read."""
    return closed(viewer, branch, day) and not may(viewer, "close_day")


def is_closed(connection: Connection | Session, branch: int, day: date) -> bool:
    """Whether the branch's day is closed; for a write, which knows the branch already."""
    held = select(ClosedDay.day).where(ClosedDay.branch_id == branch, ClosedDay.day == day)
    return connection.execute(held).first() is not None


def open_to(viewer: Viewer, connection: Connection | Session, region: int, branch: int, day: date) -> None:
    """Raises Refused when the branch's day is closed and the viewer is not the one who may still change it."""
    if is_closed(connection, branch, day) and not covers(viewer, "close_day", region=region, branch=branch):
        raise Refused("{day} was closed at the evening meeting: ask the branch head to enter it.", day=day)
