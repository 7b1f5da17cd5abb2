"""Meetings: what each manager promised in the morning for that day, and the day closed by the evening meeting."""

from datetime import date

import polars as pl
from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from db import people
from db.access import Viewer, check, covers, within, writing
from db.codes import MEASURES
from db.errors import Refused
from db.formats import LARGEST_AMOUNT
from db.models import Branch, ClosedDay, Promise

PROMISE = {"manager": pl.Int32, "branch": pl.Int32, "day": pl.Date, "measure": pl.String, "target": pl.Int64}


def promises(viewer: Viewer, day: date) -> pl.DataFrame:
    """One row a manager and measure promised for that day (metrics.frames.PROMISE)."""
    seen = within(
        viewer, "read_promises", region=Branch.region_id, branch=Promise.branch_id, manager=Promise.manager_id
    )
    columns = (Promise.manager_id, Promise.branch_id, Promise.day, Promise.measure, Promise.target)
    statement = select(*columns).join(Branch, Branch.id == Promise.branch_id).where(Promise.day == day, seen)
    with viewer.store.reading() as connection:
        return pl.DataFrame([tuple(row) for row in connection.execute(statement)], PROMISE, orient="row")


def set_promises(viewer: Viewer, day: date, wanted: dict[int, dict[str, int | None]]) -> int:
    """Sets promises of a day, {manager: {measure: target}}; a target of None takes the promise back. Gives how many
    changed; the audit trail has each old and new value.

    Raises Refused for a negative target, an unknown measure or a manager posted nowhere that day; NotAllowed outside
    the viewer's scope. Nothing is stored unless all is."""
    changed = 0
    with writing(viewer) as write:
        for manager, targets in wanted.items():
            place = people.posted(viewer, "set_promises", manager, day)
            for measure, target in targets.items():
                if measure not in MEASURES or (target is not None and not 0 <= target <= LARGEST_AMOUNT * 100):
                    raise Refused("A promise is a whole number, 0 or more.")
                of_day = (Promise.manager_id == manager, Promise.day == day, Promise.measure == measure)
                held = write.session.scalars(select(Promise).where(*of_day)).first()
                before = held.target if held else None
                if before == target:
                    continue
                changed += 1
                if held and target is None:
                    write.session.delete(held)
                elif held:
                    held.target, held.branch_id = target, place[1]
                else:
                    write.session.add(
                        Promise(manager_id=manager, branch_id=place[1], day=day, measure=measure, target=target)
                    )
                key = {"manager": manager, "day": day, "measure": measure}
                write.audit("promise", "promise", manager, key | {"target": before}, key | {"target": target})
    return changed


def close_day(viewer: Viewer, branch: int, day: date, today: date) -> None:
    """The evening meeting is over: from here on the branch head alone changes that day's rows. Closing it again changes
    nothing. Raises Refused for a day that has not come yet, NotAllowed outside the viewer's scope."""
    if day > today:
        raise Refused("{day} has not come yet.", day=day)
    with writing(viewer) as write:
        region = write.session.scalar(select(Branch.region_id).where(Branch.id == branch))
        check(viewer, "close_day", region=region, branch=None if region is None else branch, manager=None)
        if not is_closed(write.session, branch, day):
            write.session.add(ClosedDay(branch_id=branch, day=day, closed_at=write.now, closed_by=write.account))
            write.audit("close_day", "branch", branch, None, {"day": day})


def reopen_day(viewer: Viewer, branch: int, day: date) -> None:
    """Takes the closing back. Raises NotAllowed outside the viewer's scope."""
    with writing(viewer) as write:
        region = write.session.scalar(select(Branch.region_id).where(Branch.id == branch))
        check(viewer, "close_day", region=region, branch=None if region is None else branch, manager=None)
        held = write.session.get(ClosedDay, (branch, day))
        if held is not None:
            write.session.delete(held)
            write.audit("reopen_day", "branch", branch, {"day": day}, None)


def closed(viewer: Viewer, branch: int, day: date) -> bool:
    """Whether the branch's day is closed, for whoever works there or looks on."""
    seen = within(viewer, "read_people", region=Branch.region_id, branch=Branch.id)
    statement = select(ClosedDay.day).join(Branch, Branch.id == ClosedDay.branch_id)
    with viewer.store.reading() as connection:
        return connection.execute(statement.where(Branch.id == branch, ClosedDay.day == day, seen)).first() is not None


def is_closed(connection: Connection | Session, branch: int, day: date) -> bool:
    """Whether the branch's day is closed; for a write, which knows the branch already."""
    held = select(ClosedDay.day).where(ClosedDay.branch_id == branch, ClosedDay.day == day)
    return connection.execute(held).first() is not None


def open_to(viewer: Viewer, connection: Connection | Session, region: int, branch: int, day: date) -> None:
    """Raises Refused when the branch's day is closed and the viewer is not the one who may still change it."""
    if is_closed(connection, branch, day) and not covers(viewer, "close_day", region=region, branch=branch):
        raise Refused("{day} was closed by its evening meeting: ask the branch head to enter it.", day=day)
