"""Promises: what each manager said in the morning meeting he would do that day."""

from datetime import date

import polars as pl
from sqlalchemy import select

from db import people
from db.access import Viewer, within, writing
from db.codes import MEASURES
from db.errors import Refused
from db.formats import LARGEST_AMOUNT
from db.models import Branch, Promise

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
