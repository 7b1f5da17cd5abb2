"""The audit trail: appended inside the transaction it speaks of, each row sealed with the hash of the one before."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from types import NoneType
from typing import cast

from sqlalchemy import Connection, Table, insert, select, update
from sqlalchemy.orm import Session

from db.models import Audit, ChangeCounter
from db.store import sealing

START = "0" * 64
SEALED = ("at", "account", "action", "entity", "entity_id", "before", "after")
CHANGED = "Row {row} of the audit trail was changed after it was written."
MISSING = "Row {row} of the audit trail does not follow the one before it: rows were removed, added or moved."
MISSING_AT_THE_END = "Row {row} of the audit trail is missing, or rows were added past its end."
PLAIN = {str, int, float, bool, NoneType, date, datetime}
Change = tuple[int | None, Mapping[str, object] | None, Mapping[str, object] | None]  # of a row: its id, before, after


def append(
    session: Session,
    at: datetime,
    account: str,
    action: str,
    entity: str,
    entity_id: int | None,
    before: Mapping[str, object] | None,
    after: Mapping[str, object] | None,
) -> None:
    """Adds one row; see `append_all`."""
    append_all(session, at, account, action, entity, [(entity_id, before, after)])


def append_all(
    session: Session, at: datetime, account: str, action: str, entity: str, changes: Iterable[Change]
) -> None:
    """Adds a row a change. The caller holds the change counter, so no other row can come between these and the last; the
    counter knows how many there are and the seal of the last, so that a trail cut short is found out."""
    head = session.execute(select(ChangeCounter.audit_hash)).scalar_one() or START
    rows: list[dict[str, object]] = []
    for entity_id, before, after in changes:
        entry = {
            "at": at,
            "account": account,
            "action": action,
            "entity": entity,
            "entity_id": entity_id,
            "before": json_ready(sealing.sealed(session, entity, entity_id, before)),
            "after": json_ready(sealing.sealed(session, entity, entity_id, after)),
        }
        rows.append({**entry, "previous_hash": head, "hash": (head := seal(head, entry))})
    if rows:
        session.connection().execute(insert(cast(Table, Audit.__table__)), rows)
        many = ChangeCounter.audit_rows + len(rows)
        session.execute(update(ChangeCounter).values(audit_rows=many, audit_hash=head))


def find_breaks(connection: Connection) -> list[tuple[int, str]]:
    """Where the chain does not hold: (row id, message), empty when it is whole. A changed row breaks its own seal, a
    missing or moved one the link of the row after it; missing ones at the end show in the counter."""
    found, previous, rows = [], START, 0
    columns = (Audit.id, *(getattr(Audit, name) for name in SEALED), Audit.previous_hash, Audit.hash)
    for row in connection.execute(select(*columns).order_by(Audit.id).execution_options(yield_per=1000)):
        entry = {name: getattr(row, name) for name in SEALED}
        if row.hash != seal(row.previous_hash, entry):
            found.append((row.id, CHANGED))
        elif row.previous_hash != previous:
            found.append((row.id, MISSING))
        previous, rows = row.hash, rows + 1
    counted, last = connection.execute(select(ChangeCounter.audit_rows, ChangeCounter.audit_hash)).one()
    if not found and (rows, previous) != (counted, last or START):
        found.append((rows + 1, MISSING_AT_THE_END))
    return found


def reseal(connection: Connection) -> None:
    """Seals, once, the personal values that older versions wrote to the trail in clear text, and notes it there with the
    head that the trail had. The chain is made anew over the sealed form; a row that did not hold still does not."""
    head, number, old, new = connection.execute(select(ChangeCounter.audit_hash)).scalar(), 0, START, START
    columns = (Audit.id, *(getattr(Audit, name) for name in SEALED), Audit.previous_hash, Audit.hash)
    for row in connection.execute(select(*columns).order_by(Audit.id)).all():
        entry = {name: getattr(row, name) for name in SEALED}
        held = row.hash == seal(row.previous_hash, entry)
        kept = dict(entry)
        for side in ("before", "after"):
            kept[side] = json_ready(sealing.sealed(connection, row.entity, row.entity_id, entry[side]))
        number += kept != entry
        previous = new if row.previous_hash == old else row.previous_hash
        sealed = seal(previous, kept) if held else row.hash
        if (kept, previous, sealed) != (entry, row.previous_hash, row.hash):
            values = {"before": kept["before"], "after": kept["after"], "previous_hash": previous, "hash": sealed}
            connection.execute(update(Audit).where(Audit.id == row.id).values(values))
        old, new = row.hash, sealed
    if not number:
        return
    if head == old:
        connection.execute(update(ChangeCounter).values(audit_hash=new))
    with Session(bind=connection, join_transaction_mode="rollback_only") as session:
        moment = datetime.now(UTC).replace(tzinfo=None)
        append(session, moment, "operator", "seal", "audit_trail", None, {"digest": head}, {"rows": number})


def seal(previous: str, entry: Mapping[str, object]) -> str:
    text = json.dumps(entry, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return hashlib.sha256((previous + text).encode()).hexdigest()


def json_ready(values: Mapping[str, object] | None) -> dict[str, object] | None:
    """The same values as JSON holds them: days and moments as ISO text."""
    if values is None:
        return None
    if all(type(one) in PLAIN for one in values.values()):
        return {name: str(one) if isinstance(one, date) else one for name, one in values.items()}
    return json.loads(json.dumps(values, default=str))
