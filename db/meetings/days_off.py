"""Days off on which a branch works all the same: it says so, and then promises and closes them like any other."""

from datetime import date

from sqlalchemy import Connection, Select, select
from sqlalchemy.orm import Session

from db.access import Viewer, check, within, writing
from db.errors import Refused
from db.models import Branch, CalendarDay, ClosedDay, WorkedDayOff
from db.store.parts import CALENDAR


def works(viewer: Viewer, branch: int, day: date) -> bool:
    """Whether the branch works on the day: by the bank's calendar, or by its own word."""
    return state(viewer, branch, day)[0]


def state(viewer: Viewer, branch: int, day: date) -> tuple[bool, bool]:
    """Whether the branch works on the day, and whether its evening meeting has closed it; neither outside the viewer's
    scope."""

    def stored() -> tuple[bool, bool]:
        seen = within(viewer, "read_people", region=Branch.region_id, branch=Branch.id)
        over = select(ClosedDay.day).where(ClosedDay.branch_id == branch, ClosedDay.day == day)
        by_calendar, said = asked_of(branch, day)
        facts = select(by_calendar.scalar_subquery(), said.scalar_subquery(), over.scalar_subquery())
        facts = facts.where(Branch.id == branch, seen).select_from(Branch)
        with viewer.reading(CALENDAR, log=False) as connection:
            found = connection.execute(facts).first()
        return (False, False) if found is None else (worked(day, found[0], found[1]), found[2] is not None)

    return viewer.cached("state of the day", branch, day, read=stored)


def say_works(viewer: Viewer, branch: int, day: date) -> None:
    """The branch works on this day off. Saying it again changes nothing. Raises NotAllowed outside the viewer's
    scope."""
    with writing(viewer) as write:
        region = write.session.scalar(select(Branch.region_id).where(Branch.id == branch))
        check(viewer, "close_day", region=region, branch=None if region is None else branch, manager=None)
        write.touch(branches=[branch])
        if not is_worked(write.session, branch, day):
            write.session.add(WorkedDayOff(branch_id=branch, day=day))
            write.audit("open_day", "branch", branch, None, {"day": day})


def is_worked(connection: Connection | Session, branch: int, day: date) -> bool:
    by_calendar, said = asked_of(branch, day)
    return worked(day, connection.scalar(by_calendar), connection.scalar(said))


def asked_of(branch: int, day: date) -> tuple[Select[bool], Select[date]]:
    """What the calendar says of the day, and what the branch does; none where either says nothing."""
    by_calendar = select(CalendarDay.is_workday).where(CalendarDay.day == day)
    said = select(WorkedDayOff.day).where(WorkedDayOff.branch_id == branch, WorkedDayOff.day == day)
    return by_calendar, said


def worked(day: date, by_calendar: bool | None, said: date | None) -> bool:
    return bool(by_calendar) or (by_calendar is None and day.weekday() < 5) or said is not None


def validate(connection: Connection | Session, branch: int, day: date) -> None:
    """Raises Refused on a day off nobody said the branch works on."""
    if not is_worked(connection, branch, day):
        raise Refused("{day} is a day off: say first that the branch works on it.", day=day)
