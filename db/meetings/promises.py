"""Promises: what each manager says they will do in a day or a week."""

from datetime import date, timedelta

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

DAY, WEEK = "day", "week"
LAST = {DAY: timedelta(0), WEEK: timedelta(6)}  # the last day of each, from the first
Targets = dict[int, dict[str, int | None]]  # manager → measure → how many
PROMISE = {
    "manager": pl.Int32,
    "branch": pl.Int32,
    "day": pl.Date,
    "measure": pl.String,
    "target": pl.Int64,
    "late": pl.Boolean,
}


def read(viewer: Viewer, day: date, grain: str = DAY) -> pl.DataFrame:
    """One row a manager and measure promised for that day, or the week that begins on it (metrics.frames.PROMISE)."""
    return read_span(viewer, Stretch(day, day), grain)


def read_span(viewer: Viewer, span: Span, grain: str = DAY) -> pl.DataFrame:
    """One row a manager, day of the span and measure promised for it (metrics.frames.PROMISE), or for the week that begins
    on it."""
    return stored(viewer, span).filter(pl.col("grain") == grain).select(list(PROMISE))


def confirmed(viewer: Viewer, day: date, grain: str = DAY) -> set[int]:
    """Who has confirmed everything that is promised of them for that day, or the week that begins on it."""
    said = stored(viewer, Stretch(day, day)).filter(pl.col("target") > 0, pl.col("grain") == grain)
    return set(said.group_by("manager").agg(pl.col("confirmed").all()).filter("confirmed")["manager"])


def stored(viewer: Viewer, span: Span) -> pl.DataFrame:
    """PROMISE, the `grain` it is for, and whether the manager has `confirmed` it."""
    seen = within(
        viewer, "read_promises", region=Branch.region_id, branch=Promise.branch_id, manager=Promise.manager_id
    )
    columns = (Promise.manager_id, Promise.branch_id, Promise.day, Promise.measure, Promise.target, Promise.late)
    statement = (
        select(*columns, Promise.grain, Promise.confirmed_at.is_not(None))
        .join(Branch, Branch.id == Promise.branch_id)
        .where(Promise.day.between(span.first, span.last), seen)
    )

    def read() -> pl.DataFrame:
        with viewer.reading(log=False) as connection:
            rows = [tuple(row) for row in connection.execute(statement)]
        return pl.DataFrame(rows, PROMISE | {"grain": pl.String, "confirmed": pl.Boolean}, orient="row")

    return viewer.cached("promises", span.first, span.last, read=read)


def set_promises(viewer: Viewer, day: date, wanted: Targets, grain: str = DAY, late: bool = False) -> int:
    """Sets promises for a day, or the week that begins on it: {manager: {measure: target}}; a target of None or 0 takes the
    promise back: of nothing there is none. `late`: half of that time is over. Gives how many changed; the audit trail has
    each old and new value.

    Raises Refused for a negative target, an unknown measure, a week that begins on no Monday or a manager posted nowhere
    that day; NotAllowed outside the viewer's scope. Nothing is stored unless all is."""
    with writing(viewer) as write:
        places = {one: people.posted(viewer, "set_promises", one, day)[1] for one in wanted}
        for branch in set(places.values()):
            validate(write, branch, day, grain)
        return sum(put(write, one, places[one], day, targets, grain, late) for one, targets in wanted.items())


def confirm(
    viewer: Viewer,
    manager: int,
    day: date,
    targets: dict[str, int | None],
    today: date,
    grain: str = DAY,
    late: bool = False,
) -> None:
    """A manager says themselves what they promise for today, or for a week that is not over, as it stands or otherwise;
    what else is promised of them is taken back. `late`: half of that time is over.

    Raises Refused for another day, a closed one, a week that is over, one who is posted nowhere, and for a promise of
    nothing; NotAllowed for anybody else's."""
    with writing(viewer) as write:
        region, branch = people.posted(viewer, "confirm_promise", manager, day)
        validate(write, branch, day, grain)
        if grain == DAY and day != today:
            raise Refused("A promise is confirmed on its own day: {day} is another one.", day=day)
        if day + LAST[grain] < today:
            raise Refused("The week of {day} is over: its promises stay as they are.", day=day)
        if grain == DAY:
            closing.open_to(viewer, write.session, region, branch, day)
        if not any(targets.values()):
            raise Refused("Promise at least one.")
        of_span = (Promise.manager_id == manager, Promise.grain == grain, Promise.day == day)
        held = write.session.scalars(select(Promise.measure).where(*of_span))
        put(write, manager, branch, day, dict.fromkeys(held) | targets, grain, late)
        write.session.execute(update(Promise).where(*of_span).values(confirmed_at=write.now))
        write.audit("confirm", "promise", manager, None, {grain: day})


def validate(write: Write, branch: int, day: date, grain: str) -> None:
    if grain not in LAST:
        raise Refused("A promise is for a day or for a week.")
    if grain == DAY:
        days_off.validate(write.session, branch, day)
    elif day.weekday():
        raise Refused("A week begins on a Monday: {day} is none.", day=day)


def put(
    write: Write, manager: int, branch: int, day: date, targets: dict[str, int | None], grain: str, late: bool
) -> int:
    """Stores a manager's promises, and gives how many changed. Where one is made or changed late, all of them for that time
    are late: nobody makes a promise lighter on the way."""
    changed = 0
    write.touch(branches=[branch])
    of_span = (Promise.manager_id == manager, Promise.grain == grain, Promise.day == day)
    for measure, wanted in targets.items():
        if measure not in MEASURES or (wanted is not None and not 0 <= wanted <= LARGEST_AMOUNT * 100):
            raise Refused("A promise is a whole number, 0 or more.")
        target = wanted or None
        held = write.session.scalars(select(Promise).where(*of_span, Promise.measure == measure)).first()
        before = held.target if held else None
        write.touch(branches=[held.branch_id if held else None])
        if before == target:
            continue
        changed += 1
        if held is None:
            row = Promise(manager_id=manager, branch_id=branch, grain=grain, day=day, measure=measure, target=target)
            write.session.add(row)
        elif target is None:
            write.session.delete(held)
        else:
            held.target, held.branch_id, held.confirmed_at = target, branch, None
        key = {"manager": manager, grain: day, "measure": measure}
        write.audit("promise", "promise", manager, key | {"target": before}, key | {"target": target})
    write.session.flush()
    if changed and late:
        write.session.execute(update(Promise).where(*of_span).values(late=True))
    return changed
