"""The activity log: read as marked columns, recorded once a reference, corrected and withdrawn with a trail."""

from dataclasses import replace
from datetime import date

import polars as pl
from sqlalchemy import Connection, select, true
from sqlalchemy.orm import Session

from db import customers, meetings, mirror, needs, one_customer, people
from db.access import Viewer, check, covers, noting, scope, within, writing
from db.engine import Write
from db.entry import COLUMNS, Entry, digest, entry_of, sound, stated
from db.errors import Changed, Conflict, Refused
from db.models import Activity, Audit, Customer, ImportBatch, Manager
from db.months import ROW as MARKED
from db.privacy import masked_name

ROWS = {
    "id": pl.Int64,
    "version": pl.Int64,
    "day": pl.Date,
    "time": pl.Time,
    "manager": pl.Int32,
    "manager_name": pl.String,
    "kind": pl.String,
    "customer": pl.Int64,
    "customer_name": pl.String,
    "opportunity": pl.Int64,
    "product": pl.Int64,
    "amount_cents": pl.Int64,
    "channel": pl.String,
    "method": pl.String,
    "effective": pl.Boolean,
    "met_decider": pl.Boolean,
    "need_recorded": pl.Boolean,
    "has_need": pl.Boolean,
    "note": pl.String,
    "voided": pl.Boolean,
}
KEPT = ("day", "customer_id", "opportunity_id", "effective", *COLUMNS)
NO_SUCH_ENTRY = "There is no such entry."
CHANGED_BY = "{account} changed this entry meanwhile: look at it again before you change it."
SENT_BEFORE = "This entry was sent before with other content; the first one stands."


def read(viewer: Viewer, span: mirror.Span) -> pl.LazyFrame:
    """The marked log of the span within the viewer's scope (metrics.frames.ACTIVITY), everything committed included."""
    return mirror.of(viewer.store).read(span, scope(viewer, "read_activity"))


def read_stated(viewer: Viewer, span: mirror.Span) -> pl.LazyFrame:
    """The same with what was stated (metrics.frames.STATED), for who asks what other definitions would make of it."""
    return mirror.of(viewer.store).read(span, scope(viewer, "read_activity"), MARKED)


def rows(viewer: Viewer, day: date, manager: int, withdrawn: bool = False) -> pl.DataFrame:
    """A manager's entries of one day that still hold, latest first (ROWS); with `withdrawn` also those taken back by
    hand, which may be put back. Names of customers whom the viewer may not see whole are masked, and the notes on them
    left out."""
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
        Activity.day,
        Activity.time,
        Activity.manager_id,
        Manager.name,
        Activity.kind,
        Activity.customer_id,
        Customer.name,
        Activity.opportunity_id,
        Activity.product_id,
        Activity.amount_cents,
        Activity.channel,
        Activity.method,
        Activity.effective,
        Activity.met_decider,
        Activity.need_recorded,
        Activity.has_need,
        Activity.note,
        Activity.voided_at.is_not(None),
        customers.own(viewer) | Activity.customer_id.is_(None),
    )
    statement = (
        select(*columns)
        .join(Manager, Manager.id == Activity.manager_id)
        .outerjoin(Customer, Customer.id == Activity.customer_id)
        .outerjoin(ImportBatch, ImportBatch.id == Activity.batch_id)
        .where(Activity.day == day, Activity.manager_id == manager, seen)
        .where(Activity.voided_at.is_(None) | ImportBatch.undone_at.is_(None))
        .where(true() if withdrawn else Activity.voided_at.is_(None))
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


def last_way(viewer: Viewer, manager: int) -> tuple[str | None, str | None]:
    """Method and channel of the manager's latest entry, each None where it had none."""
    seen = within(
        viewer, "read_activity", region=Activity.region_id, branch=Activity.branch_id, manager=Activity.manager_id
    )
    latest = select(Activity.method, Activity.channel).where(Activity.manager_id == manager, seen)
    with viewer.store.reading() as connection:
        found = connection.execute(latest.order_by(Activity.day.desc(), Activity.id.desc()).limit(1)).first()
    return tuple(found) if found else (None, None)


def record(
    viewer: Viewer, manager: int, entry: Entry, reference: str, today: date, earliest: date | None = None
) -> int:
    """Stores one activity of a manager under its reference, made when the form was opened, and gives its id. The same
    reference with the same content stores nothing and gives the id again, also when the rules no longer allow it.

    Raises Conflict, noted in the trail, when the reference came before with other content; Refused when the entry breaks
    a rule, lies before `earliest` or on a day that is closed; NotAllowed outside the viewer's scope."""
    content = digest(entry)
    try:
        if covers(viewer, "record_activity", manager=manager):  # sent again, it need not wait for those who write
            with viewer.store.reading() as connection:
                held = sent_before(connection, reference, manager, content)
            if held is not None:
                return held
        sound(entry, today)
        region, branch = people.posted(viewer, "record_activity", manager, entry.day)
        with writing(viewer) as write:
            held = sent_before(write.session, reference, manager, content)
            if held is not None:
                return held
            in_time(entry.day, today, earliest)
            meetings.open_to(viewer, write.session, region, branch, entry.day)
            customer = one_customer.find_or_add(write, branch, manager, entry)
            activity = Activity(
                reference=reference,
                content=content,
                day=entry.day,
                region_id=region,
                branch_id=branch,
                manager_id=manager,
                customer_id=customer,
                opportunity_id=needs.find_or_begin(write, region, manager, customer, entry),
                effective=customer is not None,
                recorded_at=write.now,
                recorded_by=write.account,
                version=write.version,
                **stated(entry),
            )
            write.session.add(activity)
            write.session.flush()
            return activity.id
    except Conflict:
        with noting(viewer) as write:
            write.audit("conflict", "activity", None, None, {"reference": reference, "manager": manager})
        raise


def sent_before(connection: Connection | Session, reference: str, manager: int, content: str) -> int | None:
    """The id of what is stored under the reference, None when nothing is. Raises Conflict when it is something else."""
    known = select(Activity.id, Activity.content, Activity.manager_id).where(Activity.reference == reference)
    held = connection.execute(known).first()
    if held is None:
        return None
    if held.content != content or held.manager_id != manager:
        raise Conflict(SENT_BEFORE)
    return held.id


def in_time(day: date, today: date, earliest: date | None) -> None:
    """Raises Refused for a day longer ago than the definitions allow."""
    if earliest is not None and day < earliest:
        raise Refused(
            "{day} is too long ago: an entry may be at most {days} days late. Ask the branch head to import it.",
            day=day,
            days=(today - earliest).days,
        )


def correct(
    viewer: Viewer,
    identity: int,
    version: int,
    today: date,
    *,
    earliest: date | None = None,
    effective: bool | None = None,
    **changes,
) -> None:
    """Changes fields of Entry on a stored activity, old and new values in the audit trail. `version` is the one the
    person saw; `effective` overrules what a file once stated of the row.

    Raises Changed when somebody changed or withdrew it since, Refused when the new entry breaks a rule."""
    with writing(viewer) as write:
        held = held_row(viewer, write, identity, version)
        before = {name: getattr(held, name) for name in KEPT}
        entry = replace(entry_of(held), **changes)
        if "customer_name" in changes:
            entry = replace(entry, customer=None)
        sound(entry, today)
        branch = (held.region_id, held.branch_id)
        if entry.day != held.day:
            if people.branch_on(viewer.store, held.manager_id, entry.day) != branch:
                raise Refused("The manager worked elsewhere on that day: withdraw this entry and record it anew.")
            in_time(entry.day, today, earliest)
            meetings.open_to(viewer, write.session, *branch, entry.day)
        held.day = entry.day
        for name, value in stated(entry).items():
            setattr(held, name, value)
        held.customer_id = one_customer.find_or_add(write, held.branch_id, held.manager_id, entry)
        if (held.customer_id is None) != (before["customer_id"] is None):
            held.effective = held.customer_id is not None
        if effective is not None:
            held.effective = effective
        need = (held.customer_id, held.product_id)
        if held.opportunity_id is None or need != (before["customer_id"], before["product_id"]):
            held.opportunity_id = needs.find_or_begin(write, held.region_id, held.manager_id, held.customer_id, entry)
        after = {name: getattr(held, name) for name in KEPT}
        changed = [name for name in KEPT if before[name] != after[name]]
        leave_trail(write, held, "correct", *({name: one[name] for name in changed} for one in (before, after)))


def void(viewer: Viewer, identity: int, version: int) -> None:
    """Withdraws an activity; it stays in the store and leaves every number. Raises Changed as `correct` does."""
    with writing(viewer) as write:
        held = held_row(viewer, write, identity, version)
        held.voided_at = write.now
        leave_trail(write, held, "void", {"voided": False}, {"voided": True})


def restore(viewer: Viewer, identity: int, version: int) -> None:
    """Puts a withdrawn activity back. Raises Changed as `correct` does, Refused when its import was undone as a whole."""
    with writing(viewer) as write:
        held = held_row(viewer, write, identity, version, voided=True)
        if held.batch_id is not None and write.session.get(ImportBatch, held.batch_id).undone_at is not None:
            raise Refused("The import this entry came with was undone: import the file again.")
        held.voided_at = None
        leave_trail(write, held, "restore", {"voided": True}, {"voided": False})


def held_row(viewer: Viewer, write: Write, identity: int, version: int, voided: bool = False) -> Activity:
    """The row as the person saw it, if it still is that, and his to change."""
    held = write.session.get(Activity, identity)
    place = (None, None, None) if held is None else (held.region_id, held.branch_id, held.manager_id)
    region, branch, manager = place
    check(viewer, "correct_activity", region=region, branch=branch, manager=manager, missing=NO_SUCH_ENTRY)
    if held is None:
        raise Refused(NO_SUCH_ENTRY)
    meetings.open_to(viewer, write.session, region, branch, held.day)
    if held.version != version or (held.voided_at is not None) != voided:
        raise changed_since(write.session, identity, version)
    return held


def leave_trail(write: Write, held: Activity, action: str, before: dict, after: dict) -> None:
    """Stamps the row and notes what became of it; the versions tell a later reader what he has not seen."""
    seen, held.version = held.version, write.version
    write.audit(action, "activity", held.id, before | {"version": seen}, after | {"version": write.version})


def changed_since(session: Session, identity: int, version: int) -> Changed:
    """What happened to a row after somebody saw it in this version."""
    of_row = (Audit.entity == "activity", Audit.entity_id == identity)
    deeds = session.execute(select(Audit.account, Audit.before, Audit.after).where(*of_row).order_by(Audit.id)).all()
    changes: dict[str, tuple] = {}
    account = None
    for deed in deeds:
        if deed.after.get("version", 0) <= version:
            continue
        account = deed.account
        for name in deed.after.keys() - {"version"}:
            changes[name] = (changes.get(name, (deed.before[name],))[0], deed.after[name])
    if account is None:  # a whole import was undone, two customers became one
        return Changed("This entry was changed meanwhile: look at it again before you change it.", changes)
    return Changed(CHANGED_BY, changes, account=account)
