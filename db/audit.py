"""The audit trail: appended inside the transaction it speaks of, each row sealed with the hash of the one before."""

import hashlib
import json
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import Audit

START = "0" * 64


def append(
    session: Session,
    at: datetime,
    account: str,
    action: str,
    entity: str,
    entity_id: int | None,
    before: dict | None,
    after: dict | None,
) -> None:
    """Adds one row. The caller holds the change counter, so no other row can come between this one and the last."""
    previous = session.execute(select(Audit.hash).order_by(Audit.id.desc()).limit(1)).scalar() or START
    entry = {
        "at": at,
        "account": account,
        "action": action,
        "entity": entity,
        "entity_id": entity_id,
        "before": plain(before),
        "after": plain(after),
    }
    session.add(Audit(**entry, previous_hash=previous, hash=seal(previous, entry)))
    session.flush()


def seal(previous: str, entry: dict) -> str:
    text = json.dumps(entry, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return hashlib.sha256((previous + text).encode()).hexdigest()


def plain(values: dict | None) -> dict | None:
    """The same values as JSON holds them: days and moments as ISO text."""
    return None if values is None else json.loads(json.dumps(values, ensure_ascii=False, default=str))
