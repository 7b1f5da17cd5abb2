"""The audit trail as people read it, and what is noted there besides changes: refusals, unmaskings, exports."""

import json
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

import polars as pl
from sqlalchemy import ColumnElement, Connection, func, select, true

from db.access import Viewer, scope, writing_note
from db.audit import concerning
from db.engine import BANK_TIME
from db.models import Account, Audit
from db.store import sealing

PERSONAL = ("note", "next_step", "lost_reason")
ENTRY = {
    "id": pl.Int64,
    "at": pl.Datetime,
    "account": pl.String,
    "action": pl.String,
    "entity": pl.String,
    "entity_id": pl.Int64,
    "before": pl.String,
    "after": pl.String,
}


def entries(
    viewer: Viewer,
    first: date,
    last: date,
    account: str | None = None,
    action: str | None = None,
    customer: int | None = None,
    limit: int = 1000,
    below: int | None = None,
) -> pl.DataFrame:
    """The trail between two days of the bank's clock, the latest first: one row an entry (ENTRY), old and new values
    as JSON text. `account` is a sign-in name, or the name of whoever has one; `customer` leaves what concerns that one
    (concerning.customer); `below` goes on before the entry of this number. Raises NotAllowed without the right to read
    it."""
    scope(viewer, "read_audit")
    columns = (
        Audit.id,
        Audit.at,
        Audit.account,
        Audit.action,
        Audit.entity,
        Audit.entity_id,
        Audit.before,
        Audit.after,
    )
    further = true() if below is None else Audit.id < below
    with viewer.store.reading() as connection:
        asked = conditions(connection, first, last, account, action, customer)
        found = connection.execute(select(*columns).where(*asked, further).order_by(Audit.id.desc()).limit(limit))
        rows = [tuple(row) for row in found]
        sides = iter(map(as_json_text, sealing.opened(connection, [side for row in rows for side in row[6:]])))
        rows = [(*row[:6], next(sides), next(sides)) for row in rows]
    return pl.DataFrame(rows, ENTRY, orient="row").with_columns(pl.col("at") + BANK_TIME)


def count(
    viewer: Viewer,
    first: date,
    last: date,
    account: str | None = None,
    action: str | None = None,
    customer: int | None = None,
) -> int:
    """How many entries that are, without a limit."""
    scope(viewer, "read_audit")
    with viewer.store.reading() as connection:
        asked = conditions(connection, first, last, account, action, customer)
        return connection.execute(select(func.count()).select_from(Audit).where(*asked)).scalar_one()


def conditions(
    connection: Connection, first: date, last: date, account: str | None, action: str | None, customer: int | None
) -> list[ColumnElement[bool]]:
    named = select(Account.login).where(Account.name == account)
    return [
        Audit.at >= datetime.combine(first, time()) - BANK_TIME,
        Audit.at < datetime.combine(last, time()) - BANK_TIME + timedelta(1),
        true() if account is None else (Audit.account == account) | Audit.account.in_(named),
        true() if action is None else Audit.action == action,
        true() if customer is None else concerning.customer(connection, customer),
    ]


def latest_day(viewer: Viewer) -> date | None:
    """The day of the last entry, None before the first."""
    scope(viewer, "read_audit")
    with viewer.store.reading() as connection:
        last = connection.execute(select(func.max(Audit.at))).scalar()
    return None if last is None else (last + BANK_TIME).date()


def as_json_text(values: dict[str, object] | None) -> str | None:
    """As JSON; of a free text only that there was one, for it may name a customer whom the reader may not see."""
    if values is None:
        return None
    return json.dumps(
        {name: "…" if name in PERSONAL and one else one for name, one in values.items()}, ensure_ascii=False
    )


def exported(viewer: Viewer, what: str, asked: Mapping[str, object], rows: int) -> None:
    """Notes who takes which table away: what, by which filter, how many rows. To be called before it leaves. Raises
    NotAllowed when the viewer may not."""
    scope(viewer, "export_data")
    with writing_note(viewer) as write:
        write.audit("export", what, None, None, {**asked, "rows": rows})
