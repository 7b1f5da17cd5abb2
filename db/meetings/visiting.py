"""Visiting days: a branch goes out together, in groups of two or three, each with one who leads the talk. A visit is one
entry of whoever records it; the others of the group are named beside it."""

from dataclasses import dataclass
from datetime import date

import polars as pl
from sqlalchemy import delete, or_, select

from db.access import Viewer, check, scope, within, writing
from db.codes import VISIT_PARTS
from db.engine import Write
from db.errors import Refused
from db.models import Activity, Branch, Customer, Manager, Territory, VisitingDay, VisitingPlace, VisitPartner
from db.people import people
from db.spans import Span

NO_SUCH_DAY = "There is no such visiting day within your scope."
MOST_VISITS = 50  # a group and day
SMALLEST, LARGEST = 2, 3  # a group
TALKER = "main_talker"
DAY = {
    "visiting": pl.Int32,
    "branch": pl.Int32,
    "day": pl.Date,
    "leader": pl.Int32,
    "territory": pl.Int32,
    "territory_name": pl.String,
    "target": pl.Int64,
}
TEAM = {
    "visiting": pl.Int32,
    "manager": pl.Int32,
    "manager_name": pl.String,
    "group": pl.Int64,
    "part": pl.String,
}
CUSTOMER = {"customer": pl.Int64, "customer_name": pl.String, "phone": pl.String}
VISIT = {"activity": pl.Int64, "manager": pl.Int32, "customer": pl.Int64, "partner": pl.Int32}


@dataclass(frozen=True)
class Place:
    """Who goes in which group, and does what there (codes.VISIT_PARTS)."""

    manager: int
    group: int
    part: str


def read(viewer: Viewer, branch: int, span: Span) -> pl.DataFrame:
    """The branch's visiting days within the span, the first first (DAY)."""
    seen = within(viewer, "read_meetings", region=Branch.region_id, branch=Branch.id)
    days = (VisitingDay.id, VisitingDay.branch_id, VisitingDay.day, VisitingDay.leader_id, VisitingDay.territory_id)
    statement = select(*days, Territory.name, VisitingDay.target).join(Branch, Branch.id == VisitingDay.branch_id)
    statement = statement.outerjoin(Territory, Territory.id == VisitingDay.territory_id)
    statement = statement.where(VisitingDay.branch_id == branch, VisitingDay.day.between(span.first, span.last), seen)

    def stored() -> pl.DataFrame:
        with viewer.reading() as connection:
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
        with viewer.reading() as connection:
            found = pl.DataFrame([tuple(row) for row in connection.execute(statement)], TEAM, orient="row")
        order = pl.col("part").replace_strict(list(VISIT_PARTS), range(len(VISIT_PARTS)))
        return found.sort("group", order, "manager")

    return viewer.cached("visiting team", visiting, read=stored)


def visits(viewer: Viewer, branch: int, day: date) -> pl.DataFrame:
    """The visits of a day that a group made together, one row a visit and partner (VISIT), for a manager those they
    were at. What is withdrawn is none."""
    seen = within(
        viewer, "read_activity", region=Activity.region_id, branch=Activity.branch_id, manager=Activity.manager_id
    )
    columns = (Activity.id, Activity.manager_id, Activity.customer_id, VisitPartner.manager_id)
    if viewer.manager is not None:  # or where they were a partner
        seen = or_(seen, VisitPartner.manager_id == viewer.manager)
    statement = select(*columns).join(VisitPartner, VisitPartner.activity_id == Activity.id)
    statement = statement.where(Activity.branch_id == branch, Activity.day == day, Activity.voided_at.is_(None), seen)

    def stored() -> pl.DataFrame:
        with viewer.reading() as connection:
            rows = connection.execute(statement.order_by(Activity.id, VisitPartner.manager_id))
            return pl.DataFrame([tuple(row) for row in rows], VISIT, orient="row")

    return viewer.cached("visits together", branch, day, read=stored)


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


def plan(
    viewer: Viewer,
    branch: int,
    day: date,
    places: tuple[Place, ...],
    today: date,
    leader: int | None = None,
    territory: int | None = None,
    target: int = 5,
) -> int:
    """The branch goes out on a day, and its id is given; planned again, the day is as it is said now. Without a leader
    the branch head leads.

    Raises Refused for a day that is over, groups that are not of two or three with one who leads the talk, somebody who
    is named twice or not posted to the branch that day, another branch's territory; NotAllowed outside the viewer's
    scope."""
    scope(viewer, "plan_visiting")
    if day < today:
        raise Refused("A visiting day is today or later: {day} is over.", day=day)
    validate(places, target)
    with writing(viewer) as write:
        region = write.session.scalar(select(Branch.region_id).where(Branch.id == branch))
        check(viewer, "plan_visiting", region=region, branch=None if region is None else branch, manager=None)
        named = {one.manager for one in places} | ({leader} if leader is not None else set())
        if not people.managers_then(write.session, branch, day) >= named:
            raise Refused(people.NOT_POSTED)
        home = select(Territory.id).where(Territory.id == territory, Territory.branch_id == branch)
        if territory is not None and write.session.scalar(home) is None:
            raise Refused("This territory is not the branch's.")
        write.touch(branches=[branch])
        of_day = select(VisitingDay).where(VisitingDay.branch_id == branch, VisitingDay.day == day)
        row = write.session.scalars(of_day).first() or VisitingDay(branch_id=branch, day=day)
        row.leader_id, row.territory_id, row.target = leader, territory, target
        row.planned_by, row.planned_at = write.account, write.now
        write.session.add(row)
        write.session.flush()
        write.session.execute(delete(VisitingPlace).where(VisitingPlace.visiting_day_id == row.id))
        for one in places:
            place = VisitingPlace(visiting_day_id=row.id, manager_id=one.manager, group_number=one.group)
            place.part = one.part
            write.session.add(place)
        write.session.flush()
        write.audit("set", "visiting_day", branch, None, {"day": day, "manager": leader})
        return row.id


def validate(places: tuple[Place, ...], target: int) -> None:
    if not places or len({one.manager for one in places}) < len(places):
        raise Refused("Say who goes, each in one group.")
    for number in {one.group for one in places}:
        parts = [one.part for one in places if one.group == number]
        if not SMALLEST <= len(parts) <= LARGEST or parts.count(TALKER) != 1 or not {*parts} <= {*VISIT_PARTS}:
            raise Refused("A group is two or three, one of whom leads the talk.")
    if not 1 <= target <= MOST_VISITS:
        raise Refused("A group makes between 1 and 50 visits.")


def cancel(viewer: Viewer, visiting: int) -> None:
    """The branch does not go out; visits already made stay. Raises NotAllowed outside the viewer's scope."""
    with writing(viewer) as write:
        row = write.session.get(VisitingDay, visiting)
        branch = None if row is None else row.branch_id
        region = None if branch is None else write.session.get_one(Branch, branch).region_id
        check(viewer, "plan_visiting", region=region, branch=branch, manager=None, missing=NO_SUCH_DAY)
        if row is None:
            raise Refused(NO_SUCH_DAY)
        write.touch(branches=[row.branch_id])
        write.session.execute(delete(VisitingPlace).where(VisitingPlace.visiting_day_id == row.id))
        write.audit("void", "visiting_day", row.branch_id, {"day": row.day}, None)
        write.session.delete(row)


def name_partners(viewer: Viewer, activity: int) -> None:
    """Names beside an entry whoever goes in one group with its manager that day; nobody where they are in none. Said
    again it changes nothing. Raises NotAllowed outside the viewer's scope."""
    with writing(viewer) as write:
        row = write.session.get(Activity, activity)
        place = {one: getattr(row, f"{one}_id", None) for one in ("region", "branch", "manager")}
        check(viewer, "record_activity", **place, missing=NO_SUCH_DAY)
        if row is None:
            raise Refused(NO_SUCH_DAY)
        write.touch(branches=[row.branch_id])
        for one in partners(write, row.branch_id, row.day, row.manager_id):
            partner = VisitPartner(activity_id=activity, manager_id=one.manager_id, part=one.part)
            write.session.merge(partner)


def partners(write: Write, branch: int, day: date, manager: int) -> list[VisitingPlace]:
    """The others of a manager's group."""
    of_day = select(VisitingPlace).join(VisitingDay, VisitingDay.id == VisitingPlace.visiting_day_id)
    of_day = of_day.where(VisitingDay.branch_id == branch, VisitingDay.day == day)
    everybody = list(write.session.scalars(of_day))
    own = {one.group_number for one in everybody if one.manager_id == manager}
    return [one for one in everybody if one.group_number in own and one.manager_id != manager]
