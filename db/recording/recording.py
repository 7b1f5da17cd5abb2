"""Entries of the activity log: recorded once a reference, corrected and withdrawn with a trail."""

from dataclasses import replace
from datetime import date

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from db import identity
from db.access import Viewer, check, covers, writing, writing_note
from db.customers import matching
from db.engine import Write, bank_day
from db.errors import Changed, Conflict, Refused
from db.log.arriving import make_way
from db.log.entry import Entry, answered, digests, entry_of, stated, validate
from db.log.fields import LOGGED
from db.log.touching import touch_entry
from db.meetings import closing
from db.models import Activity, Audit, ImportBatch
from db.people import people
from db.pipeline import open_needs
from db.store import sealing
from db.store.parts import NOTHING

KEPT = tuple(one.column for one in LOGGED)

NO_SUCH_ENTRY = "There is no such entry."

CHANGED_BY = "{account} changed this entry meanwhile: look at it again before you change it."

SENT_BEFORE = "This entry was sent before with other content; the first one stands."


def record(
    viewer: Viewer, manager: int, entry: Entry, reference: str, today: date, earliest: date | None = None
) -> int:
    """Stores one activity of a manager under its reference, made when the form was opened, and gives its id. The same
    reference with the same content stores nothing and gives the id again, also when the rules no longer allow it.

    Raises Conflict, noted in the trail, when the reference came before with other content; Refused when the entry
    breaks a rule, lies before `earliest` or on a day that is closed; NotAllowed outside the viewer's scope."""
    contents, reference = digests(entry), identity.key(reference)

    def store(**said: object) -> int:
        wanted = replace(answered(entry), **said)
        if covers(viewer, "record_activity", manager=manager):  # sent again, it need not wait for those who write
            with viewer.reading() as connection:
                held = sent_before(connection, reference, manager, contents)
            if held is not None:
                return held
        validate(wanted, today)
        region, branch = people.posted(viewer, "record_activity", manager, wanted.day)
        with writing(viewer) as write:
            held = sent_before(write.session, reference, manager, contents)
            if held is not None:
                write.touch(*NOTHING)
                return held
            in_time(wanted.day, earliest)
            closing.open_to(viewer, write.session, region, branch, wanted.day)
            make_way(write, [reference])
            customer = matching.find_or_add(write, branch, manager, wanted)
            activity = Activity(
                reference=reference,
                content=contents[0],
                day=wanted.day,
                region_id=region,
                branch_id=branch,
                manager_id=manager,
                customer_id=customer,
                opportunity_id=open_needs.find_or_add(write, region, manager, customer, wanted),
                effective=customer is not None,
                recorded_at=write.now,
                recorded_by=write.account,
                version=write.version,
                **stated(wanted),
            )
            write.session.add(activity)
            write.session.flush()
            touch_entry(write, activity.id, today)
            return activity.id

    try:
        return matching.telling(viewer, store)
    except Conflict:
        with writing_note(viewer) as write:
            write.audit("conflict", "activity", None, None, {"reference": reference, "manager": manager})
        raise


def sent_before(
    connection: Connection | Session, reference: str, manager: int, contents: tuple[str, ...]
) -> int | None:
    """The id of what is stored under the reference, None when nothing is. Raises Conflict when it is something else
    than what has one of these digests."""
    known = select(Activity.id, Activity.content, Activity.manager_id).where(Activity.reference == reference)
    held = connection.execute(known).first()
    if held is None:
        return None
    if held.content not in contents or held.manager_id != manager:
        raise Conflict(SENT_BEFORE)
    return held.id


def in_time(day: date, earliest: date | None) -> None:
    """Raises Refused for a day longer ago than the definitions allow."""
    if earliest is not None and day < earliest:
        raise Refused(
            "{day} is too long ago: entries are taken from {earliest} on. Ask the branch head to import it.",
            day=day,
            earliest=earliest,
        )


def correct(
    viewer: Viewer,
    identity: int,
    version: int,
    today: date,
    *,
    earliest: date | None = None,
    effective: bool | None = None,
    **changes: object,
) -> None:
    """Changes fields of Entry on a stored activity, old and new values in the audit trail. `version` is the one the
    person saw; `effective` overrules what a file once stated of the row. Whether a need was recorded follows from
    `has_need`, where that is changed.

    Raises Changed when somebody changed or withdrew it since, Refused when the new entry breaks a rule."""

    def store(**said: object) -> None:
        with writing(viewer) as write:
            held = current_row(viewer, write, identity, version)
            before = {name: getattr(held, name) for name in KEPT}
            entry = replace(entry_of(held), **{**changes, **said})
            if "customer_name" in changes:
                entry = replace(entry, customer=None)
            if "has_need" in changes:
                entry = answered(replace(entry, need_recorded=None))
            validate(entry, today)
            branch = (held.region_id, held.branch_id)
            if entry.day != held.day:
                if people.branch_on(viewer.store, held.manager_id, entry.day) != branch:
                    raise Refused("The manager worked elsewhere on that day: withdraw this entry and record it anew.")
                in_time(entry.day, earliest)
                closing.open_to(viewer, write.session, *branch, entry.day)
            held.day = entry.day
            for name, value in stated(entry).items():
                setattr(held, name, value)
            held.customer_id = matching.find_or_add(write, held.branch_id, held.manager_id, entry)
            if (held.customer_id is None) != (before["customer_id"] is None):
                held.effective = held.customer_id is not None
            if effective is not None:
                held.effective = effective
            need = (held.customer_id, held.product_id)
            if held.opportunity_id is None or need != (before["customer_id"], before["product_id"]):
                held.opportunity_id = open_needs.find_or_add(
                    write, held.region_id, held.manager_id, held.customer_id, entry
                )
            after = {name: getattr(held, name) for name in KEPT}
            changed = [name for name in KEPT if before[name] != after[name]]
            leave_trail(write, held, "correct", *({name: one[name] for name in changed} for one in (before, after)))

    matching.telling(viewer, store)


def void(viewer: Viewer, identity: int, version: int) -> None:
    """Withdraws an activity; it stays in the store and leaves every number. Raises Changed as `correct` does."""
    with writing(viewer) as write:
        held = current_row(viewer, write, identity, version)
        held.voided_at = write.now
        leave_trail(write, held, "void", {"voided": False}, {"voided": True})


def restore(viewer: Viewer, identity: int, version: int) -> None:
    """Puts a withdrawn activity back. Raises Changed as `correct` does, Refused when its import was undone as a
    whole."""
    with writing(viewer) as write:
        held = current_row(viewer, write, identity, version, voided=True)
        if held.batch_id is not None and write.session.get_one(ImportBatch, held.batch_id).undone_at is not None:
            raise Refused("The import this entry came with was undone: import the file again.")
        held.voided_at = None
        leave_trail(write, held, "restore", {"voided": True}, {"voided": False})


def current_row(viewer: Viewer, write: Write, identity: int, version: int, voided: bool = False) -> Activity:
    """The row as the person saw it, if it still is that, and theirs to change."""
    held = write.session.get(Activity, identity)
    place = (None, None, None) if held is None else (held.region_id, held.branch_id, held.manager_id)
    region, branch, manager = place
    check(viewer, "correct_activity", region=region, branch=branch, manager=manager, missing=NO_SUCH_ENTRY)
    if held is None:
        raise Refused(NO_SUCH_ENTRY)
    touch_entry(write, identity, bank_day())
    closing.open_to(viewer, write.session, held.region_id, held.branch_id, held.day)
    if held.version != version or (held.voided_at is not None) != voided:
        raise changes_since(write.session, identity, version)
    return held


def leave_trail(write: Write, held: Activity, action: str, before: dict[str, object], after: dict[str, object]) -> None:
    """Stamps the row and notes what became of it; the versions tell a later reader what they have not seen."""
    seen, held.version = held.version, write.version
    write.session.flush()
    touch_entry(write, held.id, bank_day())
    write.audit(action, "activity", held.id, before | {"version": seen}, after | {"version": write.version})


def changes_since(session: Session, identity: int, version: int) -> Changed:
    """What happened to a row after somebody saw it in this version."""
    of_row = (Audit.entity == "activity", Audit.entity_id == identity)
    deeds = session.execute(select(Audit.account, Audit.before, Audit.after).where(*of_row).order_by(Audit.id)).all()
    changes: dict[str, tuple[object, object]] = {}
    account = None
    for deed in deeds:
        before, after = sealing.opened(session, (deed.before, deed.after))
        if before is None or after is None or after.get("version", 0) <= version:
            continue
        account = deed.account
        for name in after.keys() - {"version"}:
            changes[name] = (changes.get(name, (before[name],))[0], after[name])
    if account is None:  # a whole import was undone, two customers became one
        return Changed("This entry was changed meanwhile: look at it again before you change it.", changes)
    return Changed(CHANGED_BY, changes, account=account)
