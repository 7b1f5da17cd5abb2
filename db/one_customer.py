"""One customer once: found again by phone or name before a second record is made, two records made one, and passed from
one manager to another on a day."""

import unicodedata
from datetime import date

import polars as pl
from rapidfuzz import fuzz, process
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from db import cells, customers, needs, people
from db.access import Viewer, check, scope, writing
from db.cells import PHONE
from db.engine import Store, Write
from db.entry import Entry
from db.errors import Refused
from db.models import Activity, Branch, Customer, Handover, Manager, Opportunity
from db.privacy import masked_name, masked_phone

LIKE = {
    "customer": pl.Int64,
    "customer_name": pl.String,
    "phone": pl.String,
    "manager_name": pl.String,
    "branch_name": pl.String,
    "own": pl.Boolean,
    "here": pl.Boolean,
}
ALIKE = 72  # of 100, from where on two names are worth a second look
CLASH = "This phone belongs to a customer of {manager} in {branch}: ask for a hand-over, or confirm a second record."
NOT_A_PHONE = "Not a phone number: write 11 digits, or area code and number"
NOT_HERE = "There is no such customer in this branch."


def as_phone(text: str | None) -> str | None:
    """A phone as it is stored. Raises Refused for what is none."""
    phone = pl.select(cells.phone(pl.lit(text or None, pl.String))).item()
    if phone and not PHONE.match(phone):
        raise Refused(NOT_A_PHONE)
    return phone or None


def find_or_add(write: Write, branch: int, manager: int, entry: Entry) -> int | None:
    """The id of the customer an entry names: by id, by phone anywhere in the bank, by name in the branch where no other
    phone speaks against it, else a new one. None when it names nobody. Raises Refused for a wrong phone, an id of
    another branch, and a phone known in another branch unless the entry says that it knows."""
    if entry.customer is not None:
        held = write.session.get(Customer, entry.customer)
        held = held and surviving(write.session, held)
        if held is None or held.branch_id != branch:
            raise Refused(NOT_HERE)
        return held.id
    name, phone = (entry.customer_name or "").strip(), as_phone(entry.phone)
    if not name:
        return None
    known = known_by_phone(write.session, phone, branch) if phone else None
    if known is not None and known.branch_id == branch:
        return known.id
    if known is not None and not entry.second_record:
        owner, place = write.session.get(Manager, known.manager_id), write.session.get(Branch, known.branch_id)
        raise Refused(CLASH, manager=owner.name, branch=place.name)
    same_name = select(Customer).where(Customer.branch_id == branch, Customer.name == name)
    same_name = same_name.where(Customer.merged_into_id.is_(None))
    same_name = same_name.order_by(Customer.manager_id != manager, Customer.id)
    held = next((one for one in write.session.scalars(same_name) if not phone or one.phone is None), None)
    if held is None:
        held = Customer(branch_id=branch, manager_id=manager, name=name, phone=phone, kind=entry.customer_kind)
        write.session.add(held)
    elif phone and held.phone is None:
        held.phone = phone
    write.session.flush()
    return held.id


def surviving(session: Session, customer: Customer) -> Customer:
    """The record that goes on for this one."""
    return customer if customer.merged_into_id is None else session.get(Customer, customer.merged_into_id)


def known_by_phone(session: Session, phone: str, branch: int) -> Customer | None:
    """Whose phone it is: of this branch first."""
    found = select(Customer).where(Customer.phone == phone)
    found = found.order_by(Customer.branch_id != branch, Customer.merged_into_id.is_not(None), Customer.id)
    held = session.scalars(found).first()
    return held and surviving(session, held)


def whose(viewer: Viewer, phone: str | None, branch: int) -> dict | None:
    """Whose customer a phone is, for whoever is about to enter it in his branch (LIKE, a row); None when nobody's, or
    when the number is not whole yet. Nobody learns more of another's customer than whom to ask."""
    scope(viewer, "record_activity")
    try:
        wanted = as_phone(phone)
    except Refused:
        return None
    if wanted is None:
        return None
    with viewer.store.reading() as connection, Session(connection) as session:
        held = known_by_phone(session, wanted, branch)
        found = [] if held is None else [described(session, viewer, held, branch)]
    return masked(found).row(0, named=True) if found else None


def similar(viewer: Viewer, name: str | None, branch: int, limit: int = 3) -> pl.DataFrame:
    """Customers of the branch whose names are much like this one, the likest first (LIKE); whole where the
    viewer may see them so, masked else."""
    scope(viewer, "record_activity")
    name = plainly(name or "")
    if len(name) < 2:
        return pl.DataFrame(schema=LIKE)
    names = viewer.store.remembered(("names of", branch), lambda: names_of(viewer.store, branch))
    alike = process.extract(name, names, scorer=fuzz.ratio, score_cutoff=ALIKE, limit=limit)
    holding = [(one, 100, key) for key, one in names.items() if name in one or (len(one) > 1 and one in name)]
    ids = list(dict.fromkeys(key for _name, _score, key in (*alike, *holding[:limit])))[:limit]
    with viewer.store.reading() as connection, Session(connection) as session:
        return masked([described(session, viewer, session.get(Customer, one), branch) for one in ids])


def plainly(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).split()).lower()


def names_of(store: Store, branch: int) -> dict[int, str]:
    statement = select(Customer.id, Customer.name).where(
        Customer.branch_id == branch, Customer.merged_into_id.is_(None)
    )
    with store.reading() as connection:
        return {identity: plainly(name) for identity, name in connection.execute(statement)}


def described(session: Session, viewer: Viewer, customer: Customer, branch: int) -> tuple:
    own = session.scalar(select(customers.own(viewer)).select_from(Customer).where(Customer.id == customer.id))
    manager, place = session.get(Manager, customer.manager_id), session.get(Branch, customer.branch_id)
    here = customer.branch_id == branch
    return (customer.id, customer.name, customer.phone, manager.name, place.name, bool(own), here)


def masked(found: list[tuple]) -> pl.DataFrame:
    table = pl.DataFrame(found, LIKE, orient="row")
    return table.with_columns(
        customer_name=pl.when("own").then("customer_name").otherwise(masked_name(pl.col("customer_name"))),
        phone=pl.when("own").then("phone").otherwise(masked_phone(pl.col("phone"))),
    )


def merge(viewer: Viewer, keep: int, gone: int) -> int:
    """Two records of one customer become one: every entry and opportunity of `gone` passes to `keep`, whose empty fields
    take what `gone` knew. Gives how many entries passed; the trail names them. Raises Refused for a record that is not
    there or not the viewer's to merge."""
    if keep == gone:
        raise Refused("Choose two different records.")
    with writing(viewer) as write:
        kept, other = (in_reach(viewer, "merge_customers", write, one) for one in (keep, gone))
        moved = list(write.session.scalars(select(Activity.id).where(Activity.customer_id == gone)))
        theirs = update(Activity).where(Activity.customer_id == gone)
        write.session.execute(theirs.values(customer_id=keep, version=write.version))
        write.session.execute(update(Opportunity).where(Opportunity.customer_id == gone).values(customer_id=keep))
        write.session.execute(update(Customer).where(Customer.merged_into_id == gone).values(merged_into_id=keep))
        for name in ("phone", "kind", "territory_id"):
            if getattr(kept, name) is None:
                setattr(kept, name, getattr(other, name))
        other.merged_into_id = keep
        write.audit("merge", "customer", keep, {"customer": gone, "activities": moved}, {"customer": keep})
        return len(moved)


def in_reach(viewer: Viewer, action: str, write: Write, customer: int) -> Customer:
    """A record that stands for itself, and is the viewer's to do this to."""
    held = write.session.get(Customer, customer)
    place = dict.fromkeys(("region", "branch", "manager"))
    if held is not None:
        region = write.session.scalar(select(Branch.region_id).where(Branch.id == held.branch_id))
        place = {"region": region, "branch": held.branch_id, "manager": held.manager_id}
    check(viewer, action, **place, missing=customers.NO_SUCH_CUSTOMER)
    if held is None or held.merged_into_id is not None:
        raise Refused(customers.NO_SUCH_CUSTOMER)
    return held


def hand_over(viewer: Viewer, wanted: list[int], manager: int, day: date, today: date) -> None:
    """Passes customers and their open opportunities to another manager from a day on; what was done stays with whoever
    did it. A day to come waits until then. Raises Refused for a manager who does not work on that day, or a day that is
    past; NotAllowed where a customer or the manager is out of the viewer's scope."""
    if not wanted:
        raise Refused("Choose the customers first.")
    if day < today:
        raise Refused("{day} is past: a hand-over is for today or a later day.", day=day)
    people.posted(viewer, "hand_over_customers", manager, day)
    with writing(viewer) as write:
        for customer in wanted:
            held = in_reach(viewer, "hand_over_customers", write, customer)
            if held.manager_id == manager:
                raise Refused("He looks after this customer already.")
            waiting = (Handover.customer_id == customer, Handover.done_at.is_(None))
            for earlier in write.session.scalars(select(Handover).where(*waiting)):
                write.session.delete(earlier)  # the latest word counts
            passing = Handover(
                customer_id=customer,
                from_manager_id=held.manager_id,
                to_manager_id=manager,
                day=day,
                account=write.account,
            )
            write.session.add(passing)
            after = {"manager": manager, "day": day}
            write.audit("hand_over", "customer", customer, {"manager": held.manager_id}, after)
            if day <= today:
                carry_out(viewer.store, write, passing, today)


def carry_out(store: Store, write: Write, passing: Handover, today: date) -> None:
    held = write.session.get(Customer, passing.customer_id)
    place = people.branch_on(store, passing.to_manager_id, today)
    passing.done_at = write.now
    if place is None or held.merged_into_id is not None:  # he has left meanwhile: the customer stays where he is
        return
    held.manager_id, held.branch_id = passing.to_manager_id, place[1]
    still = (Opportunity.customer_id == held.id, needs.still_open())
    write.session.execute(update(Opportunity).where(*still).values(manager_id=passing.to_manager_id))


def carry_out_due(store: Store, today: date) -> None:
    """Carries out the hand-overs whose day has come. To be called when somebody arrives: once a day and process is
    enough, for a new one for today is carried out at once."""
    if store.cache.get("handed over through") == today:
        return
    due = (Handover.done_at.is_(None), Handover.day <= today)
    with store.reading() as connection:
        waiting = connection.execute(select(func.count()).select_from(Handover).where(*due)).scalar()
    if waiting:
        with store.writing("hand-over") as write:
            for passing in write.session.scalars(select(Handover).where(*due).order_by(Handover.day, Handover.id)):
                carry_out(store, write, passing, today)
    store.cache["handed over through"] = today


def waiting(viewer: Viewer, customer: int) -> tuple[str, date] | None:
    """To whom, and from which day on, a customer of the viewer's scope will pass; None when to nobody."""
    with viewer.store.reading() as connection:
        statement = (
            select(Manager.name, Handover.day)
            .join(Manager, Manager.id == Handover.to_manager_id)
            .join(Customer, Customer.id == Handover.customer_id)
            .where(Handover.customer_id == customer, Handover.done_at.is_(None), customers.own(viewer))
        )
        found = connection.execute(statement).first()
    return tuple(found) if found else None
