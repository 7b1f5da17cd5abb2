"""Visiting days: a branch goes out together, in groups of two or three, each with one who leads the talk. A visit is the
group's, and counts once whoever of them enters it and whichever way (metrics.definitions.mark)."""

from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl
from sqlalchemy import and_, delete, select, update

from db.access import Viewer, check, scope, within, writing
from db.codes import VISIT_PARTS
from db.engine import Write, bank_day
from db.errors import Refused
from db.log.touching import touch
from db.meetings import days_off
from db.models import Activity, Branch, Customer, Manager, Territory, VisitingDay, VisitingPlace, VisitingRule
from db.people import people
from db.privacy import validate_text
from db.spans import Span

NO_SUCH_DAY = "There is no such visiting day within your scope."
MOST_VISITS = 50  # a group and day
SMALLEST, LARGEST = 2, 3  # a group
WEEK, LONGEST = timedelta(7), timedelta(366)
LAST = -1  # the last such weekday of a month
NTH = (1, 2, 3, 4, LAST)
TALKER = "main_talker"
DAY = {
    "visiting": pl.Int32,
    "branch": pl.Int32,
    "day": pl.Date,
    "leader": pl.Int32,
    "territory": pl.Int32,
    "territory_name": pl.String,
    "target": pl.Int64,
    "rule": pl.Int32,
    "cancelled": pl.String,
}
TEAM = {
    "visiting": pl.Int32,
    "manager": pl.Int32,
    "manager_name": pl.String,
    "group": pl.Int64,
    "part": pl.String,
}
CUSTOMER = {"customer": pl.Int64, "customer_name": pl.String, "phone": pl.String}


@dataclass(frozen=True)
class Place:
    """Who goes in which group, and does what there (codes.VISIT_PARTS)."""

    manager: int
    group: int
    part: str


@dataclass(frozen=True)
class Arrangement:
    """How a branch goes out: who with whom, who leads it (without one the branch head), where to, and visits a group."""

    places: tuple[Place, ...]
    leader: int | None = None
    territory: int | None = None
    target: int = 5


@dataclass(frozen=True)
class Rule:
    """Every week, or every month on the `nth` such weekday (LAST for the last), from a day to a day, both included.
    Weekdays count from 0, Monday."""

    weekday: int
    first: date
    last: date
    nth: int | None = None

    def days(self) -> list[date]:
        """Working days or not."""
        within = [self.first + timedelta(after) for after in range((self.last - self.first).days + 1)]
        return [day for day in within if day.weekday() == self.weekday and self.falls(day)]

    def falls(self, day: date) -> bool:
        if self.nth == LAST:
            return (day + WEEK).month != day.month
        return self.nth in (None, (day.day - 1) // 7 + 1)


def read(viewer: Viewer, branch: int, span: Span) -> pl.DataFrame:
    """The branch's visiting days within the span, the first first (DAY); `cancelled` is the reason where one is."""
    seen = within(viewer, "read_meetings", region=Branch.region_id, branch=Branch.id)
    days = (VisitingDay.id, VisitingDay.branch_id, VisitingDay.day, VisitingDay.leader_id, VisitingDay.territory_id)
    about = (Territory.name, VisitingDay.target, VisitingDay.rule_id, VisitingDay.cancelled)
    statement = select(*days, *about).join(Branch, Branch.id == VisitingDay.branch_id)
    statement = statement.outerjoin(Territory, Territory.id == VisitingDay.territory_id)
    statement = statement.where(VisitingDay.branch_id == branch, VisitingDay.day.between(span.first, span.last), seen)

    def stored() -> pl.DataFrame:
        with viewer.reading(log=False) as connection:
            rows = [tuple(row) for row in connection.execute(statement.order_by(VisitingDay.day))]
        return pl.DataFrame(rows, DAY, orient="row")

    return viewer.cached("visiting days", branch, span.first, span.last, read=stored)


def team(viewer: Viewer, visiting: int) -> pl.DataFrame:
    """Who goes on a visiting day, by group, whoever leads the talk first (TEAM)."""
    seen = within(viewer, "read_meetings", region=Branch.region_id, branch=VisitingDay.branch_id)
    columns = (VisitingPlace.manager_id, Manager.name, VisitingPlace.group_number, VisitingPlace.part)
    statement = select(VisitingPlace.visiting_day_id, *columns).join(Manager, Manager.id == VisitingPlace.manager_id)
    statement = statement.join(VisitingDay, VisitingDay.id == VisitingPlace.visiting_day_id)
    statement = statement.join(Branch, Branch.id == VisitingDay.branch_id).where(VisitingDay.id == visiting, seen)

    def stored() -> pl.DataFrame:
        with viewer.reading(log=False) as connection:
            found = pl.DataFrame([tuple(row) for row in connection.execute(statement)], TEAM, orient="row")
        order = pl.col("part").replace_strict(list(VISIT_PARTS), range(len(VISIT_PARTS)))
        return found.sort("group", order, "manager")

    return viewer.cached("visiting team", visiting, read=stored)


def whom(viewer: Viewer, territory: int) -> pl.DataFrame:
    """The customers of a territory whom the viewer looks after, by name (CUSTOMER)."""
    seen = within(viewer, "read_personal_data", branch=Customer.branch_id, manager=Customer.manager_id)
    statement = select(Customer.id, Customer.name, Customer.phone)
    statement = statement.where(Customer.territory_id == territory, Customer.merged_into_id.is_(None), seen)

    def stored() -> pl.DataFrame:
        with viewer.reading() as connection:
            rows = connection.execute(statement.order_by(Customer.name, Customer.id))
            return pl.DataFrame([tuple(row) for row in rows], CUSTOMER, orient="row")

    return viewer.cached("whom to visit", territory, read=stored)


def plan(viewer: Viewer, branch: int, day: date, arranged: Arrangement, today: date) -> int:
    """The branch goes out on a day, and its id is given; planned again, the day is as it is said now.

    Raises Refused for a day that is over, groups that are not of two or three with one who leads the talk, somebody who
    is named twice or not posted to the branch that day, another branch's territory; NotAllowed outside the viewer's
    scope."""
    scope(viewer, "plan_visiting")
    validate(day, arranged, today)
    with writing(viewer) as write:
        may_plan(viewer, write, branch)
        row = put(write, branch, day, arranged)
        write.audit("set", "visiting_day", branch, None, {"day": day, "manager": arranged.leader})
        return row.id


def repeat(viewer: Viewer, branch: int, rule: Rule, arranged: Arrangement, today: date) -> int:
    """The branch goes out whenever the rule falls on a day it works, and the number of these days is given. A day that is
    planned already stays as it is.

    Raises what `plan` does, and Refused for a rule that is unknown, longer than a year or falls on no such day."""
    scope(viewer, "plan_visiting")
    if rule.weekday not in range(7) or (rule.nth is not None and rule.nth not in NTH):
        raise Refused("Say on which weekday, and whether every week or which of the month.")
    if not rule.first <= rule.last <= rule.first + LONGEST:
        raise Refused("A rule lasts a day at least, and a year at most.")
    validate(rule.first, arranged, today)
    with writing(viewer) as write:
        may_plan(viewer, write, branch)
        planned = select(VisitingDay.day).where(VisitingDay.branch_id == branch)
        taken = set(write.session.scalars(planned.where(VisitingDay.day.between(rule.first, rule.last))))
        free = [day for day in rule.days() if day not in taken and days_off.is_worked(write.session, branch, day)]
        if not free:
            raise Refused("This rule falls on no working day that is still free.")
        held = VisitingRule(branch_id=branch, weekday=rule.weekday, nth=rule.nth, first=rule.first, last=rule.last)
        held.set_by, held.set_at = write.account, write.now
        write.session.add(held)
        write.session.flush()
        for day in free:
            put(write, branch, day, arranged).rule_id = held.id
        after = {"from_day": free[0], "to_day": free[-1], "rows": len(free)}
        write.audit("set", "visiting_day", branch, None, after)
        return len(free)


def may_plan(viewer: Viewer, write: Write, branch: int) -> None:
    """Raises NotAllowed unless the viewer plans this branch's visiting days."""
    region = write.session.scalar(select(Branch.region_id).where(Branch.id == branch))
    check(viewer, "plan_visiting", region=region, branch=None if region is None else branch, manager=None)
    write.touch(branches=[branch])


def put(write: Write, branch: int, day: date, arranged: Arrangement) -> VisitingDay:
    leader, territory = arranged.leader, arranged.territory
    named = {one.manager for one in arranged.places} | ({leader} if leader is not None else set())
    if not people.managers_then(write.session, branch, day) >= named:
        raise Refused(people.NOT_POSTED)
    home = select(Territory.id).where(Territory.id == territory, Territory.branch_id == branch)
    if territory is not None and write.session.scalar(home) is None:
        raise Refused("This territory is not the branch's.")
    of_day = select(VisitingDay).where(VisitingDay.branch_id == branch, VisitingDay.day == day)
    row = write.session.scalars(of_day).first() or VisitingDay(branch_id=branch, day=day)
    row.leader_id, row.territory_id, row.target, row.cancelled = leader, territory, arranged.target, None
    row.planned_by, row.planned_at = write.account, write.now
    write.session.add(row)
    write.session.flush()
    regroup(write, row, arranged.places)
    return row


def validate(day: date, arranged: Arrangement, today: date) -> None:
    places = arranged.places
    if day < today:
        raise Refused("A visiting day is today or later: {day} is over.", day=day)
    if not places or len({one.manager for one in places}) < len(places):
        raise Refused("Say who goes, each in one group.")
    for number in {one.group for one in places}:
        parts = [one.part for one in places if one.group == number]
        if not SMALLEST <= len(parts) <= LARGEST or parts.count(TALKER) != 1 or not {*parts} <= {*VISIT_PARTS}:
            raise Refused("A group is two or three, one of whom leads the talk.")
    if not 1 <= arranged.target <= MOST_VISITS:
        raise Refused("A group makes between 1 and 50 visits.")


def cancel(viewer: Viewer, visiting: int, reason: str, today: date, rest: bool = False) -> int:
    """The branch does not go out, for a reason; with `rest` neither on the later days of the same rule. Gives the number of
    days. Visits already made stay. Cancelled again it changes nothing.

    Raises Refused without a reason and for a day that is over; NotAllowed outside the viewer's scope."""
    validate_text(reason)
    if not reason.strip():
        raise Refused("Say why the visiting day is cancelled.")
    with writing(viewer) as write:
        row = write.session.get(VisitingDay, visiting)
        branch = None if row is None else row.branch_id
        region = None if branch is None else write.session.get_one(Branch, branch).region_id
        check(viewer, "plan_visiting", region=region, branch=branch, manager=None, missing=NO_SUCH_DAY)
        if row is None:
            raise Refused(NO_SUCH_DAY)
        if row.day < today:
            raise Refused("{day} is over: what was planned for it stays.", day=row.day)
        write.touch(branches=[row.branch_id])
        later = (VisitingDay.rule_id == row.rule_id, VisitingDay.day >= row.day, VisitingDay.branch_id == row.branch_id)
        which = and_(*later) if rest and row.rule_id is not None else VisitingDay.id == row.id
        of_rule = select(VisitingDay).where(which, VisitingDay.cancelled.is_(None))
        found = write.session.scalars(of_rule.order_by(VisitingDay.day)).all()
        for one in found:
            regroup(write, one, ())
            one.cancelled = reason.strip()
            write.audit("drop", "visiting_day", one.branch_id, {"day": one.day}, {"reason": one.cancelled})
        return len(found)


def regroup(write: Write, row: VisitingDay, places: tuple[Place, ...]) -> None:
    """Says anew who goes in which group; what is entered of that day counts by it."""
    count_anew(write, row)
    write.session.execute(delete(VisitingPlace).where(VisitingPlace.visiting_day_id == row.id))
    for one in places:
        place = VisitingPlace(visiting_day_id=row.id, manager_id=one.manager, group_number=one.group, part=one.part)
        write.session.add(place)
    write.session.flush()
    count_anew(write, row)


def count_anew(write: Write, row: VisitingDay) -> None:
    """Which entries of the day are one visit changes with the groups: readers of the log fetch them again. To be called
    before the groups change, and after."""
    going = select(VisitingPlace.manager_id).where(VisitingPlace.visiting_day_id == row.id)
    entries = and_(Activity.branch_id == row.branch_id, Activity.day == row.day, Activity.manager_id.in_(going))
    touch(write, entries, bank_day())
    write.session.execute(update(Activity).where(entries).values(version=write.version))
