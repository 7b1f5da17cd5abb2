"""Days closed by their evening meeting."""

from datetime import date

import polars as pl
from sqlalchemy import Connection, delete, select
from sqlalchemy.orm import Session

from db.access import Viewer, check, covers, may, within, writing
from db.engine import Write
from db.errors import Refused
from db.meetings import days_off
from db.models import Branch, ClosedDay, DayResult
from db.spans import Span

Results = dict[int, dict[str, tuple[int | None, int]]]  # manager → measure → promised, done
RESULT = {
    "manager": pl.Int32,
    "branch": pl.Int32,
    "day": pl.Date,
    "measure": pl.String,
    "promised": pl.Int64,
    "done": pl.Int64,
}


def close_day(viewer: Viewer, branch: int, day: date, today: date, results: Results | None = None) -> None:
    """The evening meeting is over: from here on the branch head alone changes that day's rows, and what was promised and
    done stays as `results` had it, whatever is logged later. Closing it again changes nothing. Raises Refused for a day
    that has not come yet, NotAllowed outside the viewer's scope."""
    if day > today:
        raise Refused("{day} has not come yet.", day=day)
    with writing(viewer) as write:
        region = write.session.scalar(select(Branch.region_id).where(Branch.id == branch))
        check(viewer, "close_day", region=region, branch=None if region is None else branch, manager=None)
        close(write, branch, day, results or {})


def close(write: Write, branch: int, day: date, results: Results) -> None:
    """The same for a write that knows the right already."""
    write.touch(branches=[branch])
    if is_closed(write.session, branch, day):
        return
    days_off.validate(write.session, branch, day)
    write.session.add(ClosedDay(branch_id=branch, day=day, closed_at=write.now, closed_by=write.account))
    for manager, measures in results.items():
        for measure, (promised, done) in measures.items():
            of_measure = (DayResult.manager_id == manager, DayResult.day == day, DayResult.measure == measure)
            write.session.execute(delete(DayResult).where(*of_measure))
            row = DayResult(branch_id=branch, manager_id=manager, day=day, measure=measure)
            row.promised, row.done = promised, done
            write.session.add(row)
    write.session.flush()
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
            of_day = (DayResult.branch_id == branch, DayResult.day == day)
            write.session.execute(delete(DayResult).where(*of_day))
            write.audit("reopen_day", "branch", branch, {"day": day}, None)


def closed(viewer: Viewer, branch: int, day: date) -> bool:
    """Whether the branch's day is closed, for whoever works there or looks on."""
    return days_off.state(viewer, branch, day)[1]


def results(viewer: Viewer, span: Span) -> pl.DataFrame:
    """What managers had promised and done when their days were closed, one row a manager, day and measure (RESULT)."""
    seen = within(
        viewer, "read_promises", region=Branch.region_id, branch=DayResult.branch_id, manager=DayResult.manager_id
    )
    columns = (DayResult.manager_id, DayResult.branch_id, DayResult.day, DayResult.measure)
    statement = select(*columns, DayResult.promised, DayResult.done).join(Branch, Branch.id == DayResult.branch_id)
    statement = statement.where(DayResult.day.between(span.first, span.last), seen)

    def stored() -> pl.DataFrame:
        with viewer.reading(log=False) as connection:
            return pl.DataFrame([tuple(row) for row in connection.execute(statement)], RESULT, orient="row")

    return viewer.cached("day results", span.first, span.last, read=stored)


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
