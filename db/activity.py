"""The activity log: read as marked columns, recorded once a reference, corrected and withdrawn with a trail."""

import datetime
import hashlib
import json
from dataclasses import asdict, dataclass, replace
from datetime import date

import polars as pl
from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from db import customers, mirror, people
from db.access import Viewer, check, scope, within, writing
from db.codes import CHANNELS, CUSTOMER_KINDS, ENDS, KINDS, METHODS
from db.engine import Write
from db.errors import Conflict, Refused
from db.formats import LARGEST_AMOUNT
from db.models import Activity, Customer, Manager, Opportunity, Product
from db.privacy import NOT_STORABLE, REASON, holds_secret, masked_name, unstorable

ROWS = {
    "id": pl.Int64,
    "version": pl.Int64,
    "time": pl.Time,
    "manager": pl.Int32,
    "manager_name": pl.String,
    "kind": pl.String,
    "customer": pl.Int64,
    "customer_name": pl.String,
    "product": pl.Int64,
    "amount_cents": pl.Int64,
    "channel": pl.String,
    "method": pl.String,
    "effective": pl.Boolean,
    "met_decider": pl.Boolean,
    "need_recorded": pl.Boolean,
    "note": pl.String,
}


NO_SUCH_ENTRY = "There is no such entry."


@dataclass(frozen=True)
class Entry:
    """What a manager states of one activity. The customer is an id, or a name with perhaps a phone; money is cents."""

    kind: str
    day: date
    time: datetime.time | None = None
    customer: int | None = None
    customer_name: str | None = None
    phone: str | None = None
    customer_kind: str | None = None
    product: int | None = None
    amount_cents: int | None = None
    channel: str | None = None
    method: str | None = None
    met_decider: bool | None = None
    need_recorded: bool | None = None
    note: str | None = None


def read(viewer: Viewer, span: mirror.Span) -> pl.LazyFrame:
    """The marked log of the span within the viewer's scope (metrics.frames.ACTIVITY), everything committed included."""
    return mirror.of(viewer.store).read(span, scope(viewer, "read_activity"))


def rows(viewer: Viewer, day: date, manager: int) -> pl.DataFrame:
    """A manager's entries of one day that still hold, latest first (ROWS). Names of customers whom the viewer may not see
    whole are masked, and the notes on them left out."""
    seen = within(
        viewer,
        "read_activity",
        region=Activity.region_id,
        branch=Activity.branch_id,
        manager=Activity.manager_id,
    )
    columns = (
        Activity.id,
        Activity.version,
        Activity.time,
        Activity.manager_id,
        Manager.name,
        Activity.kind,
        Activity.customer_id,
        Customer.name,
        Activity.product_id,
        Activity.amount_cents,
        Activity.channel,
        Activity.method,
        Activity.effective,
        Activity.met_decider,
        Activity.need_recorded,
        Activity.note,
        customers.own(viewer) | Activity.customer_id.is_(None),
    )
    statement = (
        select(*columns)
        .join(Manager, Manager.id == Activity.manager_id)
        .outerjoin(Customer, Customer.id == Activity.customer_id)
        .where(Activity.day == day, Activity.manager_id == manager, Activity.voided_at.is_(None), seen)
        .order_by(Activity.id.desc())
    )
    with viewer.store.reading() as connection:
        found = pl.DataFrame(
            [tuple(row) for row in connection.execute(statement)], ROWS | {"whole": pl.Boolean}, orient="row"
        )
    return found.select(
        pl.exclude("customer_name", "note", "whole"),
        customer_name=pl.when("whole").then("customer_name").otherwise(masked_name(pl.col("customer_name"))),
        note=pl.when("whole").then("note"),
    ).select(list(ROWS))


def record(viewer: Viewer, manager: int, entry: Entry, reference: str, today: date) -> int:
    """Stores one activity of a manager under its reference, made when the form was opened, and gives its id. The same
    reference with the same content stores nothing and gives the id again.

    Raises Conflict when the reference came before with other content, Refused when the entry breaks a rule, NotAllowed
    outside the viewer's scope."""
    sound(entry, today)
    region, branch = people.posted(viewer, "record_activity", manager, entry.day)
    content = digest(entry)
    with viewer.store.reading() as connection:  # what was sent again need not wait for those who write
        held = sent_before(connection, reference, manager, content)
    if held is not None:
        return held
    with writing(viewer) as write:
        held = sent_before(write.session, reference, manager, content)
        if held is not None:
            return held
        customer = customers.find_or_add(write, branch, manager, entry)
        activity = Activity(
            reference=reference,
            content=content,
            day=entry.day,
            region_id=region,
            branch_id=branch,
            manager_id=manager,
            customer_id=customer,
            opportunity_id=opportunity(write, region, manager, customer, entry),
            effective=customer is not None,
            recorded_at=write.now,
            recorded_by=write.account,
            version=write.version,
            **stated(entry),
        )
        write.session.add(activity)
        write.session.flush()
        return activity.id


def sent_before(connection: Connection | Session, reference: str, manager: int, content: str) -> int | None:
    """The id of what is stored under the reference, None when nothing is. Raises Conflict when it is something else."""
    known = select(Activity.id, Activity.content, Activity.manager_id).where(Activity.reference == reference)
    held = connection.execute(known).first()
    if held is None:
        return None
    if held.content != content or held.manager_id != manager:
        raise Conflict("This entry was sent before with other content; the first one stands.")
    return held.id


def correct(
    viewer: Viewer, identity: int, version: int, today: date, *, effective: bool | None = None, **changes
) -> None:
    """Changes fields of Entry on a stored activity, old and new values in the audit trail. `version` is the one the
    person saw; `effective` overrules what a file once stated of the row.

    Raises Conflict when somebody changed or withdrew it since, Refused when the new entry breaks a rule."""
    with writing(viewer) as write:
        held = held_row(viewer, write, identity, version)
        before = {name: getattr(held, name) for name in KEPT}
        entry = replace(entry_of(held), **changes)
        if "customer_name" in changes:
            entry = replace(entry, customer=None)
        sound(entry, today)
        branch = (held.region_id, held.branch_id)
        if entry.day != held.day and people.branch_on(viewer.store, held.manager_id, entry.day) != branch:
            raise Refused("The manager worked elsewhere on that day: withdraw this entry and record it anew.")
        held.day = entry.day
        for name, value in stated(entry).items():
            setattr(held, name, value)
        held.customer_id = customers.find_or_add(write, held.branch_id, held.manager_id, entry)
        if (held.customer_id is None) != (before["customer_id"] is None):
            held.effective = held.customer_id is not None
        if effective is not None:
            held.effective = effective
        need = (held.customer_id, held.product_id)
        if held.opportunity_id is None or need != (before["customer_id"], before["product_id"]):
            held.opportunity_id = opportunity(write, held.region_id, held.manager_id, held.customer_id, entry)
        held.version = write.version
        after = {name: getattr(held, name) for name in KEPT}
        changed = [name for name in KEPT if before[name] != after[name]]
        write.audit(
            "correct", "activity", identity, *({name: one[name] for name in changed} for one in (before, after))
        )


def void(viewer: Viewer, identity: int, version: int) -> None:
    """Withdraws an activity; it stays in the store and leaves every number. Raises Conflict as `correct` does."""
    with writing(viewer) as write:
        held = held_row(viewer, write, identity, version)
        held.voided_at, held.version = write.now, write.version
        write.audit("void", "activity", identity, {"voided": False}, {"voided": True})


def held_row(viewer: Viewer, write: Write, identity: int, version: int) -> Activity:
    held = write.session.get(Activity, identity)
    place = (None, None, None) if held is None else (held.region_id, held.branch_id, held.manager_id)
    region, branch, manager = place
    check(viewer, "correct_activity", region=region, branch=branch, manager=manager, missing=NO_SUCH_ENTRY)
    if held is None:
        raise Refused(NO_SUCH_ENTRY)
    if held.version != version or held.voided_at is not None:
        raise Conflict("Somebody changed this entry meanwhile: look at it again before you change it.")
    return held


STATED = ("time", "kind", "product", "amount_cents", "channel", "method", "met_decider", "need_recorded", "note")

COLUMNS = tuple("product_id" if name == "product" else name for name in STATED)
KEPT = ("day", "customer_id", "opportunity_id", "effective", *COLUMNS)


def stated(entry: Entry) -> dict:
    """The entry's own columns in the log."""
    return {column: getattr(entry, name) for column, name in zip(COLUMNS, STATED, strict=True)}


def entry_of(held: Activity) -> Entry:
    values = {name: getattr(held, column) for column, name in zip(COLUMNS, STATED, strict=True)}
    return Entry(day=held.day, customer=held.customer_id, **values)


def sound(entry: Entry, today: date) -> None:
    """Raises Refused with the rule an entry breaks."""
    if entry.kind not in KINDS:
        raise Refused("Choose what happened.")
    if entry.day > today:
        raise Refused("{day} lies in the future: an activity is recorded when it has happened.", day=entry.day)
    if entry.amount_cents is not None and not 0 <= entry.amount_cents <= LARGEST_AMOUNT * 100:
        raise Refused("The amount is out of range: check the number of digits.")
    if entry.channel not in (None, *CHANNELS) or entry.method not in (None, *METHODS):
        raise Refused("Choose the channel and the method from the list.")
    if entry.customer_kind not in (None, *CUSTOMER_KINDS):
        raise Refused("Choose the kind of customer from the list.")
    if entry.kind != "consultation" and entry.customer is None and not (entry.customer_name or "").strip():
        raise Refused("Name the customer: only a contact can be recorded without one.")
    for text in (entry.note, entry.customer_name):
        if holds_secret(text):
            raise Refused(REASON)
        if unstorable(text):
            raise Refused(NOT_STORABLE)
        if text and len(text) > 500:
            raise Refused("Too long: shorten the text")


def digest(entry: Entry) -> str:
    """Of what was stated; the time is when it was first sent, and no part of it."""
    text = json.dumps(asdict(replace(entry, time=None)), sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


def opportunity(write: Write, region: int, manager: int, customer: int | None, entry: Entry) -> int | None:
    """The customer's open need for the product, begun if there is none; None without customer or product."""
    if customer is None or entry.product is None:
        return None
    if write.session.get(Product, entry.product) is None:
        raise Refused("Choose the product from the list.")
    ended = select(Activity.opportunity_id).where(
        Activity.kind.in_(ENDS), Activity.voided_at.is_(None), Activity.opportunity_id == Opportunity.id
    )
    need = (Opportunity.customer_id == customer, Opportunity.product_id == entry.product, ~ended.exists())
    held = write.session.scalar(select(Opportunity.id).where(*need).order_by(Opportunity.id.desc()).limit(1))
    if held is not None:
        return held
    begun = Opportunity(
        region_id=region,
        customer_id=customer,
        product_id=entry.product,
        manager_id=manager,
        expected_amount_cents=entry.amount_cents,
    )
    write.session.add(begun)
    write.session.flush()
    return begun.id
