"""Meetings: what each manager promised in the morning for that day, and the day closed by the evening meeting."""

from datetime import date

import polars as pl
from sqlalchemy import select, update

from db.access import Viewer, within, writing
from db.codes import MEASURES
from db.engine import Write
from db.errors import Refused
from db.limits import LARGEST_AMOUNT
from db.meetings import closing, days_off
from db.models import Branch, Promise
from db.people import people
from db.spans import Span, Stretch

Targets = dict[int, dict[str, int | None]]  # manager → measure → how many
PROMISE = {"manager": pl.Int32, "branch": pl.Int32, "day": pl.Date, "measure": pl.String, "target": pl.Int64}


def read(viewer: Viewer, day: date) -> pl.DataFrame:
    """One row a manager and measure promised for that day (metrics.frames.PROMISE)."""
    return read_span(viewer, Stretch(day, day))


def read_span(viewer: Viewer, span: Span) -> pl.DataFrame:
    """One row a manager, day of the span and measure promised for it (metrics.frames.PROMISE)."""
    return stored(viewer, span).select(list(PROMISE))


def confirmed(viewer: Viewer, day: date) -> set[int]:
    """Who has confirmed everything that is promised of them for that day."""
    said = stored(viewer, Stretch(day, day)).filter(pl.col("target") > 0)
    return set(said.group_by("manager").agg(pl.col("confirmed").all()).filter("confirmed")["manager"])


def stored(viewer: Viewer, span: Span) -> pl.DataFrame:
    """PROMISE, and whether the manager has `confirmed` it."""
    seen = within(
        viewer, "read_promises", region=Branch.region_id, branch=Promise.branch_id, manager=Promise.manager_id
    )
    columns = (Promise.manager_id, Promise.branch_id, Promise.day, Promise.measure, Promise.target)
    statement = (
        select(*columns, Promise.confirmed_at.is_not(None))
        .join(Branch, Branch.id == Promise.branch_id)
        .where(Promise.day.between(span.first, span.last), seen)
    )

    def read() -> pl.DataFrame:
        with viewer.reading() as connection:
            rows = [tuple(row) for row in connection.execute(statement)]
        return pl.DataFrame(rows, PROMISE | {"confirmed": pl.Boolean}, orient="row")

    return viewer.cached("promises", span.first, span.last, read=read)


def set_promises(viewer: Viewer, day: date, wanted: Targets) -> int:
    """Sets promises of a day, {manager: {measure: target}}; a target of None or 0 takes the promise back: of nothing
    there is none. Gives how many changed; the audit trail has each old and new value.

    Raises Refused for a negative target, an unknown measure or a manager posted nowhere that day; NotAllowed outside
    the viewer's scope. Nothing is stored unless all is."""
    with writing(viewer) as write:
        places = {one: people.posted(viewer, "set_promises", one, day)[1] for one in wanted}
        for branch in set(places.values()):
            days_off.validate(write.session, branch, day)
        return sum(put(write, one, places[one], day, targets) for one, targets in wanted.items())


def confirm(viewer: Viewer, manager: int, day: date, targets: dict[str, int | None], today: date) -> None:
    """A manager says themselves what they promise for today, as it stands or otherwise; what else is promised of them is
    taken back. Raises Refused for another day, a closed one, one who is posted nowhere, and for a promise of nothing;
    NotAllowed for anybody else's."""
    with writing(viewer) as write:
        region, branch = people.posted(viewer, "confirm_promise", manager, day)
        if day != today:
            raise Refused("A promise is confirmed on its own day: {day} is another one.", day=day)
        days_off.validate(write.session, branch, day)
        closing.open_to(viewer, write.session, region, branch, day)
        if not any(targets.values()):
            raise Refused("Promise at least one.")
        of_day = (Promise.manager_id == manager, Promise.day == day)
        held = write.session.scalars(select(Promise.measure).where(*of_day))
        put(write, manager, branch, day, dict.fromkeys(held) | targets)
        write.session.execute(update(Promise).where(*of_day).values(confirmed_at=write.now))
        write.audit("confirm", "promise", manager, None, {"day": day})


def put(write: Write, manager: int, branch: int, day: date, targets: dict[str, int | None]) -> int:
    """Stores a manager's promises of a day, and gives how many changed."""
    changed = 0
    write.touch(branches=[branch])
    for measure, wanted in targets.items():
        if measure not in MEASURES or (wanted is not None and not 0 <= wanted <= LARGEST_AMOUNT * 100):
            raise Refused("A promise is a whole number, 0 or more.")
        target = wanted or None
        of_measure = (Promise.manager_id == manager, Promise.day == day, Promise.measure == measure)
        held = write.session.scalars(select(Promise).where(*of_measure)).first()
        before = held.target if held else None
        write.touch(branches=[held.branch_id if held else None])
        if before == target:
            continue
        changed += 1
        if held is None:
            write.session.add(Promise(manager_id=manager, branch_id=branch, day=day, measure=measure, target=target))
        elif target is None:
            write.session.delete(held)
        else:
            held.target, held.branch_id, held.confirmed_at = target, branch, None
        key = {"manager": manager, "day": day, "measure": measure}
        write.audit("promise", "promise", manager, key | {"target": before}, key | {"target": target})
    write.session.flush()
    return changed
