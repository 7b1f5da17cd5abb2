"""Hiring, transfers and leaving: who is posted where from which day on. Past activities stay where they were done."""

from datetime import date, timedelta

from sqlalchemy import select

from db.access import Viewer, scope, writing
from db.engine import Write
from db.errors import Refused
from db.models import Branch, Manager, Posting, Region


def add_branch(viewer: Viewer, region: str, name: str) -> int:
    """A new branch; its region too, when there is none of that name. Raises Refused for a branch that is there."""
    region, name = region.strip(), name.strip()
    scope(viewer, "manage_people")
    if not region or not name or not (region + name).isprintable():
        raise Refused("Name the region and the branch.")
    with writing(viewer) as write:
        over = write.session.scalars(select(Region).where(Region.name == region)).first()
        if over is None:
            over = Region(name=region)
            write.session.add(over)
            write.session.flush()
        if write.session.scalar(select(Branch.id).where(Branch.region_id == over.id, Branch.name == name)):
            raise Refused("{region} has a branch {name} already.", region=region, name=name)
        branch = Branch(region_id=over.id, name=name)
        write.session.add(branch)
        write.session.flush()
        write.audit("add", "branch", branch.id, None, {"region": region, "name": name})
        return branch.id


def hire(viewer: Viewer, staff_no: str, name: str, branch: int, from_day: date) -> int:
    """A new manager, posted to a branch from a day on. Raises Refused for a staff number that is taken."""
    staff_no, name = staff_no.strip(), name.strip()
    scope(viewer, "manage_people")
    if not staff_no or not name or not (staff_no + name).isprintable():
        raise Refused("Give the staff number and the name.")
    with writing(viewer) as write:
        if write.session.scalar(select(Manager.id).where(Manager.staff_no == staff_no)):
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
    he is there already, has left by then, or the day lies before his present posting."""
    scope(viewer, "manage_people")
    with writing(viewer) as write:
        person = employed(write, manager, from_day)
        present = last_posting(write, manager)
        if present is not None and present.branch_id == branch and lasts(present, from_day):
            raise Refused("{name} works in this branch already.", name=person.name)
        before = None
        if present is not None:
            if present.from_day is not None and present.from_day >= from_day:
                raise Refused(
                    "{name} was posted on {day}: a transfer comes after it.", name=person.name, day=present.from_day
                )
            before = {"branch": present.branch_id, "to_day": present.to_day}
            if lasts(present, from_day):
                present.to_day = from_day - timedelta(1)
        post(write, manager, branch, from_day)
        write.audit("transfer", "manager", manager, before, {"branch": branch, "from_day": from_day})


def leave(viewer: Viewer, manager: int, last_day: date) -> None:
    """The manager's last day at the bank; his account opens nothing from the next day on."""
    scope(viewer, "manage_people")
    with writing(viewer) as write:
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


def lasts(posting: Posting, day: date) -> bool:
    return posting.to_day is None or posting.to_day >= day


def post(write: Write, manager: int, branch: int, from_day: date) -> None:
    if write.session.get(Branch, branch) is None:
        raise Refused("There is no such branch.")
    write.session.add(Posting(manager_id=manager, branch_id=branch, from_day=from_day, to_day=None))
