"""The audit trail as people read it, and what is noted there besides changes: refusals, unmaskings, exports."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Wanted:
    """Which entries: of two days of the bank's clock and all between, of a person (a sign-in name, or the name of whoever
    has one), an action, a customer (whatever concerns that one: concerning.customer); None for all of these."""

    first: date
    last: date
    account: str | None = None
    action: str | None = None
    customer: int | None = None

    def conditions(self, connection: Connection) -> list[ColumnElement[bool]]:
        named = select(Account.login).where(Account.name == self.account)
        return [
            Audit.at >= datetime.combine(self.first, time()) - BANK_TIME,
            Audit.at < datetime.combine(self.last, time()) - BANK_TIME + timedelta(1),
            true() if self.account is None else (Audit.account == self.account) | Audit.account.in_(named),
            true() if self.action is None else Audit.action == self.action,
            true() if self.customer is None else concerning.customer(connection, self.customer),
        ]


def entries(viewer: Viewer, wanted: Wanted, limit: int = 1000, below: int | None = None) -> pl.DataFrame:
    """The trail, the latest first: one row an entry (ENTRY), old and new values as JSON text; `below` goes on before the
    entry of this number. Raises NotAllowed without the right to read it."""
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
        asked = wanted.conditions(connection)
        found = connection.execute(select(*columns).where(*asked, further).order_by(Audit.id.desc()).limit(limit))
        rows = [tuple(row) for row in found]
        sides = iter(map(as_json_text, sealing.opened(connection, [side for row in rows for side in row[6:]])))
        rows = [(*row[:6], next(sides), next(sides)) for row in rows]
    return pl.DataFrame(rows, ENTRY, orient="row").with_columns(pl.col("at") + BANK_TIME)


def count(viewer: Viewer, wanted: Wanted) -> int:
    """How many entries that are, without a limit."""
    scope(viewer, "read_audit")
    with viewer.store.reading() as connection:
        asked = wanted.conditions(connection)
        return connection.execute(select(func.count()).select_from(Audit).where(*asked)).scalar_one()


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
