"""One customer once: found again by phone or name before a second record is made, two records made one, and passed from
one manager to another on a day."""

from collections.abc import Callable

import polars as pl
from rapidfuzz import fuzz, process
from sqlalchemy import select
from sqlalchemy.orm import Session

from db import identity, privacy
from db.access import Viewer, scope, writing_note
from db.customers.customers import today
from db.engine import Store, T, Write, bank_day
from db.errors import Refused, Unavailable
from db.identity import phones
from db.log.entry import Entry
from db.models import Audit, Branch, Customer, Manager
from db.people import people
from db.privacy import masked_name, masked_phone
from db.store import parts

LIKE = {
    "customer": pl.Int64,
    "customer_name": pl.String,
    "phone": pl.String,
    "manager_name": pl.String,
    "branch_name": pl.String,
    "own": pl.Boolean,
    "here": pl.Boolean,
}
Described = tuple[int, str, str | None, str, str, bool, bool]  # a row of LIKE, not masked yet
HINTS_A_DAY = 30  # customers of others an account may hear of by typing their phone, or a name like theirs
ALIKE = 72  # of 100, from where on two names are worth a second look
CLASH = "This phone belongs to a customer of {manager} in {branch}: ask for a hand-over, or confirm a second record."
NOT_HERE = "There is no such customer in this branch."


class Clash(Refused):
    """The phone of an entry is that of a customer in another branch."""

    def __init__(self, customer: int, manager: str, branch: str) -> None:
        super().__init__(CLASH, manager=manager, branch=branch)
        self.customer = customer


def find_or_add(write: Write, branch: int, manager: int, entry: Entry) -> int | None:
    """The id of the customer an entry names: by id, by phone anywhere in the bank, by name in the branch where no other
    phone speaks against it, else a new one. None when it names nobody. Raises Refused for a wrong phone and an id of
    another branch, Clash for a phone known in another branch unless the entry says that it knows."""
    if entry.customer is not None:
        held = write.session.get(Customer, entry.customer)
        held = held and surviving(write.session, held)
        if held is None or held.branch_id != branch or held.forgotten_at is not None:
            raise Refused(NOT_HERE)
        return held.id
    name, phone = identity.clean(entry.customer_name or ""), phones.as_phone(entry.phone)
    if not name:
        return None
    known = known_by_phone(write.session, phone, branch) if phone else None
    if known is not None and known.branch_id == branch:
        return known.id
    if known is not None and not entry.second_record:
        owner, place = write.session.get_one(Manager, known.manager_id), write.session.get_one(Branch, known.branch_id)
        raise Clash(known.id, owner.name, place.name)
    same_name = select(Customer).where(Customer.branch_id == branch, Customer.name_key == identity.key(name))
    same_name = same_name.where(Customer.merged_into_id.is_(None), Customer.forgotten_at.is_(None))
    same_name = same_name.order_by(Customer.manager_id != manager, Customer.id)
    held = next((one for one in write.session.scalars(same_name) if not phone or one.phone is None), None)
    if held is None:
        held = Customer(branch_id=branch, manager_id=manager, name=name, phone=phone, kind=entry.customer_kind)
        write.session.add(held)
    elif phone and held.phone is None:
        held.phone = phone
    write.session.flush()
    return held.id


def telling(viewer: Viewer, store: Callable[..., T]) -> T:
    """What `store` gives, which stores an entry, or that entry with what is said of it by name. Of a phone that is known
    in another branch they are told whose it is, of no more customers a day than `may_be_told`; beyond that the entry is
    stored as a second record: nobody is kept from saving, and nobody finds out more by trying."""
    try:
        return store()
    except Clash as clash:
        if sees_whole(viewer, clash.customer) or may_be_told(viewer, clash.customer):
            raise
    return store(second_record=True)


def sees_whole(viewer: Viewer, customer: int) -> bool:
    with viewer.reading() as connection:
        return bool(connection.scalar(select(privacy.seen_whole(viewer)).where(Customer.id == customer)))


def surviving(session: Session, customer: Customer) -> Customer:
    """The record that goes on for this one."""
    return customer if customer.merged_into_id is None else session.get_one(Customer, customer.merged_into_id)


def known_by_phone(session: Session, phone: str, branch: int) -> Customer | None:
    """Whose phone it is: of this branch first."""
    found = select(Customer).where(Customer.phone == phone)
    found = found.order_by(Customer.branch_id != branch, Customer.merged_into_id.is_not(None), Customer.id)
    held = session.scalars(found).first()
    return held and surviving(session, held)


def owner_of_phone(viewer: Viewer, phone: str | None, branch: int) -> dict[str, object] | None:
    """Whose customer a phone is, for whoever is about to enter it in their branch (LIKE, a row); None when nobody's, or
    when the number is not whole yet. Nobody learns more of another's customer than whom to ask, and of no more than
    HINTS_A_DAY; each stands in the trail."""
    scope(viewer, "record_activity")
    try:
        wanted = phones.as_phone(phone)
    except Refused:
        return None
    if wanted is None:
        return None
    with viewer.reading() as connection, Session(connection) as session:
        held = known_by_phone(session, wanted, branch)
        found = [] if held is None else [described_row(session, viewer, held, branch)]
    if not found:
        return None
    row = masked(found).row(0, named=True)
    return row if row["own"] or may_be_told(viewer, row["customer"]) else None


def may_be_told(viewer: Viewer, customer: int) -> bool:
    """Whether the viewer may learn today that there is this customer of somebody else's; noted once a day."""
    told = viewer.store.cache.setdefault("told of", {}).setdefault((viewer.account, bank_day()), set())
    if customer in told:
        return True
    try:
        with writing_note(viewer) as write:
            known = set(write.session.scalars(select(Audit.entity_id).where(*today(write, "hint"))))
            if customer not in known:
                if len(known) >= HINTS_A_DAY:
                    return False
                write.audit("hint", "customer", customer, None, None)
    except Unavailable:  # what cannot be noted is not told
        return False
    told.add(customer)
    return True


def similar(viewer: Viewer, name: str | None, branch: int, limit: int = 3) -> pl.DataFrame:
    """Customers of the branch whose names are much like this one, the likest first (LIKE); whole where the
    viewer may see them so, else masked, and of no more of these than HINTS_A_DAY, each of which stands in the trail.
    None of a branch that is not within the viewer's scope."""
    scope(viewer, "record_activity")
    name = identity.key(name or "")
    if len(name) < 2 or branch not in people.branches(viewer)["branch"]:
        return pl.DataFrame(schema=LIKE)
    names = viewer.cached("names of", branch, read=lambda: names_of(viewer.store, branch), same_for_all=True)
    alike = process.extract(name, names, scorer=fuzz.ratio, score_cutoff=ALIKE, limit=limit)
    holding = [(one, 100, key) for key, one in names.items() if name in one or (len(one) > 1 and one in name)]
    ids = list(dict.fromkeys(key for _name, _score, key in (*alike, *holding[:limit])))[:limit]
    with viewer.reading() as connection, Session(connection) as session:
        found = [described_row(session, viewer, session.get_one(Customer, one), branch) for one in ids]
    table = masked(found)
    told = [own or may_be_told(viewer, one) for one, own in table.select("customer", "own").iter_rows()]
    return table.filter(pl.Series(told, dtype=pl.Boolean))


def names_of(store: Store, branch: int) -> dict[int, str]:
    statement = select(Customer.id, Customer.name_key).where(
        Customer.branch_id == branch, Customer.merged_into_id.is_(None), Customer.forgotten_at.is_(None)
    )
    with store.reading(parts.branch(branch)) as connection:
        return {row.id: row.name_key for row in connection.execute(statement)}


def described_row(session: Session, viewer: Viewer, customer: Customer, branch: int) -> Described:
    own = session.scalar(select(privacy.seen_whole(viewer)).select_from(Customer).where(Customer.id == customer.id))
    manager, place = session.get_one(Manager, customer.manager_id), session.get_one(Branch, customer.branch_id)
    here = customer.branch_id == branch
    return (customer.id, customer.name, customer.phone, manager.name, place.name, bool(own), here)


def masked(found: list[Described]) -> pl.DataFrame:
    table = pl.DataFrame(found, LIKE, orient="row")
    return table.with_columns(
        customer_name=pl.when("own").then("customer_name").otherwise(masked_name(pl.col("customer_name"))),
        phone=pl.when("own").then("phone").otherwise(masked_phone(pl.col("phone"))),
    )
