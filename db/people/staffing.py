"""Hiring, transfers and leaving: who is posted where from which day on. Past activities stay where they were done."""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import TypeVar

from sqlalchemy import select

from db import identity
from db.access import Viewer, scope, writing
from db.engine import Write
from db.errors import Refused
from db.models import Branch, Manager, Posting, Region

T = TypeVar("T")
Form = Callable[[str], str]


def add_branch(viewer: Viewer, region: str, name: str) -> int:
    """A new branch; its region too, when there is none of that name. Raises Refused for a branch that is there."""
    region, name = identity.clean(region), identity.clean(name)
    scope(viewer, "manage_people")
    if identity.names_nothing(region) or identity.names_nothing(name) or not (region + name).isprintable():
        raise Refused("Name the region and the branch.")
    with writing(viewer) as write:
        over = same(write.session.scalars(select(Region)), lambda one: one.name, region)
        if over is None:
            over = Region(name=region)
            write.session.add(over)
            write.session.flush()
        if same(write.session.scalars(select(Branch).where(Branch.region_id == over.id)), lambda one: one.name, name):
            raise Refused("{region} has a branch {name} already.", region=region, name=name)
        branch = Branch(region_id=over.id, name=name)
        write.session.add(branch)
        write.session.flush()
        write.touch(branches=[branch.id])
        write.audit("add", "branch", branch.id, None, {"region": region, "name": name})
        return branch.id


def same(known: Iterable[T], spelled: Callable[[T], str], text: str, form: Form = identity.key) -> T | None:
    """The one of those known whose spelling is equal in its normal form: exactly so, where there is one."""
    equal = [one for one in known if form(spelled(one)) == form(text)]
    return next((one for one in equal if spelled(one) == text), next(iter(equal), None))


def hire(viewer: Viewer, staff_no: str, name: str, branch: int, from_day: date) -> int:
    """A new manager, posted to a branch from a day on. Raises Refused for a staff number that is taken."""
    staff_no, name = identity.written_number(staff_no), identity.clean(name)
    scope(viewer, "manage_people")
    if identity.names_nothing(staff_no) or identity.names_nothing(name) or not (staff_no + name).isprintable():
        raise Refused("Give the staff number and the name.")
    with writing(viewer) as write:
        if same(write.session.scalars(select(Manager)), lambda one: one.staff_no, staff_no, identity.number):
            raise Refused("The staff number {staff_no} is taken.", staff_no=staff_no)
        manager = Manager(staff_no=staff_no, name=name, joined_on=from_day)
        write.session.add(manager)
        write.session.flush()
        post(write, manager.id, branch, from_day)
        after = {"staff_no": staff_no, "name": name, "branch": branch, "from_day": from_day}
        write.audit("hire", "manager", manager.id, None, after)
        return manager.id


def transfer(viewer: Viewer, manager: int, branch: int, from_day: date) -> None:
    """The manager works in another branch from a day on; the posting before ends on the day before. Raises Refused when
    they are there already, have left by then, or the day lies before their present posting."""
    scope(viewer, "manage_people")
    with writing(viewer) as write:
        write.touch(managers=[manager])
        person = employed(write, manager, from_day)
        present = last_posting(write, manager)
        if present is not None and present.branch_id == branch and covers_day(present, from_day):
            raise Refused("{name} works in this branch already.", name=person.name)
        before = None
        if present is not None:
            if present.from_day is not None and present.from_day >= from_day:
                raise Refused(
                    "{name} was posted on {day}: a transfer has to be later.", name=person.name, day=present.from_day
                )
            before = {"branch": present.branch_id, "to_day": present.to_day}
            if covers_day(present, from_day):
                present.to_day = from_day - timedelta(1)
        post(write, manager, branch, from_day)
        write.audit("transfer", "manager", manager, before, {"branch": branch, "from_day": from_day})


def leave(viewer: Viewer, manager: int, last_day: date) -> None:
    """The manager's last day at the bank; their account opens nothing from the next day on."""
    scope(viewer, "manage_people")
    with writing(viewer) as write:
        write.touch(managers=[manager])
        person = joined(write, manager, last_day)
        before = {"left_on": person.left_on}
        person.left_on = last_day
        write.audit("leave", "manager", manager, before, {"left_on": last_day})


def joined(write: Write, manager: int, on: date) -> Manager:
    person = write.session.get(Manager, manager)
    if person is None:
        raise Refused("There is no such manager.")
    if person.joined_on is not None and on < person.joined_on:
        raise Refused("{name} joined on {day}: choose a later day.", name=person.name, day=person.joined_on)
    return person


def employed(write: Write, manager: int, on: date) -> Manager:
    person = joined(write, manager, on)
    if person.left_on is not None and on > person.left_on:
        raise Refused("{name} left on {day}.", name=person.name, day=person.left_on)
    return person


def last_posting(write: Write, manager: int) -> Posting | None:
    latest = select(Posting).where(Posting.manager_id == manager).order_by(Posting.from_day.desc().nulls_last())
    return write.session.scalars(latest).first()


def covers_day(posting: Posting, day: date) -> bool:
    return posting.to_day is None or posting.to_day >= day


def post(write: Write, manager: int, branch: int, from_day: date) -> None:
    if write.session.get(Branch, branch) is None:
        raise Refused("There is no such branch.")
    write.touch(branches=[branch])
    write.session.add(Posting(manager_id=manager, branch_id=branch, from_day=from_day, to_day=None))
