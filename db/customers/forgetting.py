"""A customer is forgotten: name, phone and whatever was noted of them go, the counts stay. What the trail holds of them is
under keys that are destroyed here; the record keeps its number."""

import hashlib
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from db import identity
from db.access import Viewer, check, within, writing
from db.codes import LOST_REASONS
from db.customers.customers import NO_SUCH_CUSTOMER, SHORTEST_REASON
from db.engine import Store, Write, now
from db.errors import Refused
from db.jobs import job
from db.models import (
    Account,
    Activity,
    Base,
    Branch,
    ChangeCounter,
    Customer,
    Draft,
    Manager,
    Opportunity,
)
from db.pipeline import open_needs
from db.privacy import validate_text
from db.store import sealing, sweeping
from db.store.parts import NOTHING

FREE_TEXTS = {  # table → where somebody may have named them
    "activity": ("note",),
    "opportunity": ("next_step", "lost_reason"),
    "meeting_note": ("text",),
    "own_reason": ("text",),
    "commitment": ("text", "reason"),
    "shelf_entry": ("title", "text", "done", "outcome", "lesson", "trade"),
    "interview": ("activity", "products", "skill", "mind", "drive", "real_reason", "view"),
    "agreed_action": ("action",),
    "message": ("text",),
    "visiting_day": ("cancelled",),
    "import_batch": ("file_name",),
}
WITHOUT = "…"
SHORTEST_NAME = 2
LATELY = timedelta(days=2)
WHY = "Say in a few words why, without the customer's name or phone."
FORGOTTEN_BEFORE = "This customer is forgotten already."
CASE_OPEN = "This customer has open opportunities: {number}. Close them first, then forget the customer."
STILL_KEPT = "Records of this customer are to be kept until {day} (retention after the last contact): not before then."


@dataclass(frozen=True)
class Record:
    """One record of a customer, as it is told from others of its number: the token is the same in every backup."""

    customer: int
    token: str


def forget(
    viewer: Viewer, customer: int, reason: str, today: date, keep_days: int, note: Callable[[str, list[Record]], None]
) -> int:
    """Strips a customer, and whatever was merged into them, and gives how many records that were. `keep_days` have to
    have passed since their last contact; `note` is told the store's identity and the records before anything is stored.

    Raises Refused without a reason, while one of their opportunities is open or the retention runs, and for a customer
    who is not there or forgotten already; NotAllowed where it is not the viewer's to do."""
    with writing(viewer) as write:
        held = of_number(viewer, write, customer)
        family = records(write.session, held.id)
        validate(write.session, reason, family)
        refuse_too_early(write.session, [one.id for one in family], today, keep_days)
        known = [Record(one.id, one.token) for one in family]
        strip(write, [one.id for one in family])
        write.audit("forget", "customer", held.id, None, {"grounds": reason.strip(), "rows": len(family)})
        write.session.flush()
        note(store_id(write.session), known)
        return len(family)


def of_number(viewer: Viewer, write: Write, customer: int) -> Customer:
    """The record that goes on for the customer of this number."""
    held = write.session.get(Customer, customer)
    if held is not None and held.merged_into_id is not None:
        held = write.session.get_one(Customer, held.merged_into_id)
    place = dict.fromkeys(("region", "branch", "manager"))
    if held is not None:
        region = write.session.scalar(select(Branch.region_id).where(Branch.id == held.branch_id))
        place = {"region": region, "branch": held.branch_id, "manager": held.manager_id}
    check(viewer, "forget_customers", **place, missing=NO_SUCH_CUSTOMER)
    if held is None:
        raise Refused(NO_SUCH_CUSTOMER)
    if held.forgotten_at is not None:
        raise Refused(FORGOTTEN_BEFORE)
    return held


def records(session: Session, customer: int) -> Sequence[Customer]:
    whole = select(Customer).where((Customer.id == customer) | (Customer.merged_into_id == customer))
    return session.scalars(whole.order_by(Customer.id)).all()


def validate(session: Session, reason: str, family: Sequence[Customer]) -> None:
    text = reason.strip()
    validate_text(text)
    if len(text) < SHORTEST_REASON or redacted(text, *spellings(family)) != text:
        raise Refused(WHY)


def refuse_too_early(session: Session, family: Collection[int], today: date, keep_days: int) -> None:
    """Raises Refused while a case is open, or the retention runs."""
    still = select(func.count()).select_from(Opportunity)
    number = session.scalar(still.where(Opportunity.customer_id.in_(family), open_needs.still_open()))
    if number:
        raise Refused(CASE_OPEN, number=number)
    last = session.scalar(select(func.max(Activity.day)).where(Activity.customer_id.in_(family)))
    if last is not None and last + timedelta(keep_days) > today:
        raise Refused(STILL_KEPT, day=last + timedelta(keep_days))


def strip(write: Write, family: Collection[int]) -> None:
    """Takes away everything but the counts: of records that are there, whatever state they are in."""
    session = write.session
    held = session.scalars(select(Customer).where(Customer.id.in_(family))).all()
    names, phones = spellings(held)
    entries = list(session.scalars(select(Activity.id).where(Activity.customer_id.in_(family))))
    needs = list(session.scalars(select(Opportunity.id).where(Opportunity.customer_id.in_(family))))
    own = update(Activity).where(Activity.customer_id.in_(family))
    session.execute(own.values(note=None, content=None, version=write.version))
    theirs = update(Opportunity).where(Opportunity.customer_id.in_(family))
    session.execute(theirs.values(next_step=None))
    said = Opportunity.lost_reason.not_in(list(LOST_REASONS))
    session.execute(theirs.where(said).values(lost_reason="other_reason"))
    for one in held:
        one.name, one.name_key = f"#{one.id}", identity.key(f"#{one.id}")
        one.phone, one.forgotten_at = None if one.phone is None else "", write.now
    session.flush()
    for entity, identities in (("customer", family), ("activity", entries), ("opportunity", needs)):
        sealing.destroy(session, entity, identities)
    mentions(session, [one for one in names if not is_shared(session, one)], phones)


def spellings(family: Sequence[Customer]) -> tuple[list[str], list[str]]:
    """What they are called, and by which numbers they are reached."""
    known = [one for one in family if one.forgotten_at is None]
    names = {one.name for one in known if len(one.name) >= SHORTEST_NAME}
    return sorted(names, key=len, reverse=True), sorted({one.phone for one in known if one.phone})


def is_shared(session: Session, name: str) -> bool:
    """Whether somebody who is not forgotten is called the same, or longer: texts may mean them, and stay."""
    others = select(Customer.id).where(Customer.forgotten_at.is_(None))
    for whom, column in (
        (others, Customer.name),
        (select(Manager.id), Manager.name),
        (select(Account.id), Account.name),
    ):
        if session.scalar(whom.where(column.contains(name, autoescape=True)).limit(1)) is not None:
            return True
    return False


def mentions(session: Session, names: Sequence[str], phones: Sequence[str]) -> None:
    """Cuts names and phones out of whatever else was written, typed and not sent, or imported under their name."""
    for name, columns in FREE_TEXTS.items():
        for column in columns:
            for key, text in found(session, name, column, names, phones):
                put(session, name, key, column, redacted(text, names, phones))
                if name == "import_batch":
                    sealing.destroy(session, name, [key])
    for draft in session.scalars(select(Draft)):
        clean = {key: redacted_in(one, names, phones) for key, one in draft.body.items()}
        if clean != draft.body:
            draft.body = clean
    for key, reference in found(session, "activity", "reference", names, phones):
        put(session, "activity", key, "reference", unnamed(reference))


def found(
    session: Session, name: str, column: str, names: Sequence[str], phones: Sequence[str]
) -> Iterator[tuple[int, str]]:
    """The rows of a table whose text names them, by their numbers."""
    there = Base.metadata.tables[name].c
    for sign in (*names, *(phone[-4:] for phone in phones)):
        rows = session.execute(select(there.id, there[column]).where(there[column].contains(sign, autoescape=True)))
        yield from ((key, text) for key, text in rows.all() if redacted(text, names, phones) != text)


def put(session: Session, name: str, key: int, column: str, text: str) -> None:
    table = Base.metadata.tables[name]
    session.execute(update(table).where(table.c.id == key).values({column: text}))


def redacted(text: str, names: Sequence[str], phones: Sequence[str]) -> str:
    for name in names:
        text = text.replace(name, WITHOUT)
    for phone in phones:
        text = re.sub("[ -]?".join(map(re.escape, phone)), WITHOUT, text)
    return text


def redacted_in(value: object, names: Sequence[str], phones: Sequence[str]) -> object:
    match value:
        case str():
            return redacted(value, names, phones)
        case list():
            return [redacted_in(one, names, phones) for one in value]
        case dict():
            return {key: redacted_in(one, names, phones) for key, one in value.items()}
    return value


def unnamed(reference: str) -> str:
    """A key of a row that says nothing of whom it is of."""
    return f"forgotten {hashlib.sha256(reference.encode()).hexdigest()[:32]}"


def store_id(session: Session) -> str:
    return session.scalars(select(ChangeCounter.store_id)).one()


def forget_again(write: Write, known: Collection[Record]) -> list[int]:
    """Strips what is there of these records, in a store that was put back from before they were forgotten; gives their
    numbers. A record of an old store, which had no tokens, is told by its number alone."""
    tokens = {one.customer: one.token for one in known}
    there = write.session.scalars(
        select(Customer).where(Customer.id.in_(tokens), Customer.forgotten_at.is_(None))
    ).all()
    wanted = [one.id for one in there if one.token in ("", tokens[one.id])]
    if wanted:
        strip(write, wanted)
        for one in wanted:
            write.audit("forget", "customer", one, None, {"grounds": "restore"})
    return wanted


@job("overwriting", every=timedelta(days=1))
def overwrite(store: Store, _today: date) -> None:
    """Whoever was forgotten lately is taken off the disk too, should the database have been in use at the time."""
    lately = select(Customer.id).where(Customer.forgotten_at > now() - LATELY).limit(1)
    with store.reading(*NOTHING) as connection:
        wanted = connection.execute(lately).first() is not None
    if wanted:
        sweeping.sweep(store.engine)


def forgotten_on(viewer: Viewer, customer: int) -> datetime | None:
    """When a customer within the viewer's scope was forgotten; None where they were not."""
    place = {"branch": Customer.branch_id, "manager": Customer.manager_id}
    statement = select(Customer.forgotten_at).join(Branch, Branch.id == Customer.branch_id)
    seen = within(viewer, "read_customers", region=Branch.region_id, **place)
    with viewer.reading() as connection:
        return connection.execute(statement.where(Customer.id == customer, seen)).scalar()
