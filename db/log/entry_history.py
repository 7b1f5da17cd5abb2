"""The log's own history: who recorded what when, and every correction."""

from collections import Counter
from datetime import date, datetime

import polars as pl
from sqlalchemy import or_, select

from db import privacy
from db.access import Viewer, within
from db.engine import BANK_TIME
from db.log import fields
from db.models import Activity, Audit, Branch, Customer, Manager
from db.privacy import masked_name
from db.store import sealing

LOGGED = {
    "id": pl.Int64,
    "day": pl.Date,
    "recorded_at": pl.Datetime,
    "recorded_by": pl.String,
    "manager": pl.Int32,
    "manager_name": pl.String,
    "branch": pl.Int32,
    "branch_name": pl.String,
    "kind": pl.String,
    "customer": pl.Int64,
    "customer_name": pl.String,
    "product": pl.Int64,
    "amount_cents": pl.Int64,
    "has_need": pl.Boolean,
    "batch": pl.Int64,
    "voided": pl.Boolean,
    "whole": pl.Boolean,
    "changes": pl.Int64,
}


def read(
    viewer: Viewer,
    first: date,
    last: date,
    branch: int | None = None,
    manager: int | None = None,
    limit: int = 200,
    kind: str | None = None,
    way: str | None = None,
    product: int | None = None,
) -> pl.DataFrame:
    """Entries of the days first … last (of one kind, channel or method, product) within the viewer's scope, withdrawn ones included, the one recorded
    last first (LOGGED): `customer` is null where the viewer may not open them, `batch` is the import it came with, `changes` how
    often it was changed since. Times are the bank's."""
    asked = (first, last, branch, manager, limit, kind, way, product)
    return viewer.cached("entries", *asked, read=lambda: stored(viewer, *asked))


def stored(
    viewer: Viewer,
    first: date,
    last: date,
    branch: int | None,
    manager: int | None,
    limit: int,
    kind: str | None,
    way: str | None,
    product: int | None,
) -> pl.DataFrame:
    seen = within(
        viewer, "read_activity", region=Activity.region_id, branch=Activity.branch_id, manager=Activity.manager_id
    )
    conditions = [seen, Activity.day.between(first, last)]
    columns = (Activity.branch_id, Activity.manager_id, Activity.kind, Activity.product_id)
    asked = zip(columns, (branch, manager, kind, product), strict=True)
    conditions += [column == one for column, one in asked if one is not None]
    if way is not None:
        conditions.append(or_(Activity.channel == way, Activity.method == way))
    latest = (Activity.recorded_at.desc(), Activity.id.desc())
    wanted = select(Activity.id).where(*conditions).order_by(*latest).limit(limit)  # what is sorted is kept small
    statement = (
        select(
            Activity.id,
            Activity.day,
            Activity.recorded_at,
            Activity.recorded_by,
            Manager.id,
            Manager.name,
            Branch.id,
            Branch.name,
            Activity.kind,
            privacy.open_to(viewer),
            Customer.name,
            Activity.product_id,
            Activity.amount_cents,
            Activity.has_need,
            Activity.batch_id,
            Activity.voided_at.is_not(None),
            privacy.seen_whole(viewer) | Activity.customer_id.is_(None),
        )
        .join(Manager, Manager.id == Activity.manager_id)
        .join(Branch, Branch.id == Activity.branch_id)
        .outerjoin(Customer, Customer.id == Activity.customer_id)
        .order_by(*latest)
    )
    with viewer.reading() as connection:
        there = list(connection.scalars(wanted))
        rows = [tuple(row) for row in connection.execute(statement.where(Activity.id.in_(there)))]
        deeds = select(Audit.entity_id).where(Audit.entity == "activity", Audit.entity_id.in_(there))
        changed = Counter(connection.scalars(deeds))
    found = pl.DataFrame([(*row, changed[row[0]]) for row in rows], LOGGED, orient="row")
    return found.with_columns(
        pl.col("recorded_at") + BANK_TIME,
        customer_name=pl.when("whole").then("customer_name").otherwise(masked_name(pl.col("customer_name"))),
    )


def of_entry(viewer: Viewer, identity: int) -> list[tuple[datetime, str, str, dict[str, tuple[object, object]]]]:
    """What became of one entry, oldest first: when (the bank's time), by whom, the deed, and {field: (before, after)}.
    Empty for an entry that is not within the viewer's scope; what was noted of a customer they may not see whole is
    left out."""
    seen = within(
        viewer, "read_activity", region=Activity.region_id, branch=Activity.branch_id, manager=Activity.manager_id
    )
    whole = privacy.seen_whole(viewer) | Activity.customer_id.is_(None)
    there = select(whole).select_from(Activity).outerjoin(Customer, Customer.id == Activity.customer_id)
    deeds = select(Audit.at, Audit.account, Audit.action, Audit.before, Audit.after)
    deeds = deeds.where(Audit.entity == "activity", Audit.entity_id == identity).order_by(Audit.id)
    with viewer.reading() as connection:
        found = connection.execute(there.where(Activity.id == identity, seen)).first()
        rows = connection.execute(deeds).all() if found else []
        sides = sealing.opened(connection, [side for row in rows for side in (row.before, row.after)])
    hidden = {"version"} if found and found[0] else {"version", *(one.column for one in fields.LOGGED if one.personal)}
    return [
        (at + BANK_TIME, account, action, {name: (before[name], after[name]) for name in after.keys() - hidden})
        for (at, account, action, *_sealed), before, after in zip(rows, sides[::2], sides[1::2], strict=True)
        if before is not None and after is not None
    ]
