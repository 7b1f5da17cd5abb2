"""Leave: the working days a manager is away, whole or half. It enters their own time progress and nobody else's."""

from datetime import date

import polars as pl
from sqlalchemy import insert, select

from db import spans
from db.access import Viewer, reach, scope, writing
from db.calendar import calendar
from db.codes import DAY_PARTS
from db.errors import Refused
from db.models import Absence
from db.people import people
from db.people.people import BRANCH, MANAGER
from db.spans import Span

LONGEST = 366  # days from first to last
LEAVE = {"day": pl.Date, **MANAGER, **BRANCH, "part": pl.String}
BACKWARDS = "The leave ends on {last}, before it begins on {first}: correct one of them."


def read(viewer: Viewer, span: Span) -> pl.DataFrame:
    """One row a day of leave within the span (LEAVE), sorted by day and staff number: of those for whom the viewer may
    record it, each in the branch they are posted to on that day; a manager's own."""
    there = reach(viewer, "record_absences")
    if there is None:
        there = {"manager": viewer.manager if viewer.manager is not None else -1}
    posted = people.posting_days(viewer, span).filter(pl.col("away") > 0, *(pl.col(k) == v for k, v in there.items()))
    names = people.postings(viewer).select(*MANAGER, *BRANCH).unique(["manager", "branch"])
    leave = people.absences(viewer, span).join(posted, on=["manager", "day"]).join(names, on=["manager", "branch"])
    return leave.select(list(LEAVE)).sort("day", "staff_no")


def record(viewer: Viewer, manager: int, first: date, last: date, part: str = "full") -> int:
    """Leave of a manager on every working day from `first` to `last`, whole days or halves (codes.DAY_PARTS); what was
    recorded of such a day is replaced, old → new in the trail. Gives how many days are new or changed.

    Raises Refused where there is nothing to record: a span that runs backwards, is longer than a year or has no working
    day; NotAllowed or Refused for a day on which the manager is not posted within the viewer's scope. All or
    nothing."""
    scope(viewer, "record_absences")
    if part not in DAY_PARTS:
        raise Refused("“{part}” is not a part of a day: choose one from the list.", part=part)
    if last < first:
        raise Refused(BACKWARDS, first=first, last=last)
    if (last - first).days >= LONGEST:
        raise Refused("{first} to {last} is more than a year: record it year by year.", first=first, last=last)
    changed = {}
    with writing(viewer) as write:
        write.touch(managers=[manager])
        days = working_days(viewer, first, last)
        if not days:
            raise Refused("No working day lies between {first} and {last}: choose other days.", first=first, last=last)
        for day in days:
            people.posted(viewer, "record_absences", manager, day)
        of_days = select(Absence).where(Absence.manager_id == manager, Absence.day.between(first, last))
        held = {one.day: one for one in write.session.scalars(of_days)}
        for day in days:
            one = held.get(day)
            if one is not None and one.part == part:
                continue
            changed[day] = one.part if one is not None else None
            if one is not None:
                one.part = part
        new = [{"manager_id": manager, "day": day, "part": part} for day in changed if day not in held]
        if new:
            write.session.execute(insert(Absence), new)
        if changed:
            before = {str(day): was for day, was in changed.items() if was is not None}
            write.audit("set", "absence", manager, before or None, {str(day): part for day in changed})
    return len(changed)


def withdraw(viewer: Viewer, manager: int, day: date) -> None:
    """Takes a day of leave back. Raises Refused where there is none; NotAllowed or Refused where the manager is not
    posted within the viewer's scope on that day."""
    scope(viewer, "record_absences")
    with writing(viewer) as write:
        write.touch(managers=[manager])
        people.posted(viewer, "record_absences", manager, day)
        of_day = select(Absence).where(Absence.manager_id == manager, Absence.day == day)
        held = write.session.scalars(of_day).first()
        if held is None:
            raise Refused("No leave is recorded for {day}.", day=day)
        write.session.delete(held)
        write.audit("void", "absence", manager, {str(day): held.part}, None)


def working_days(viewer: Viewer, first: date, last: date) -> list[date]:
    """By the calendar, both ends included; where it knows no such year, weekdays."""
    return calendar.read(viewer, spans.Stretch(first, last)).filter("is_workday")["day"].to_list()
