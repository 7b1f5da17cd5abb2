"""What was done for one customer."""

import polars as pl
from sqlalchemy import select

from db import privacy
from db.access import Viewer, within
from db.models import Activity, Branch, Customer, Manager

DONE = {
    "id": pl.Int64,
    "day": pl.Date,
    "time": pl.Time,
    "kind": pl.String,
    "manager": pl.Int32,
    "manager_name": pl.String,
    "branch": pl.Int32,
    "product": pl.Int64,
    "amount_cents": pl.Int64,
    "note": pl.String,
}


def read(viewer: Viewer, customer: int, limit: int = 200) -> pl.DataFrame:
    """Everything that was done for a customer within the viewer's scope and still holds, whoever did it and where: the
    history goes with the customer. The latest first (DONE); notes are left out for who may not see the customer
    whole."""
    columns = {"branch": Customer.branch_id, "manager": Customer.manager_id}
    region = select(Branch.region_id).where(Branch.id == Customer.branch_id).correlate(Customer).scalar_subquery()
    seen = within(viewer, "read_customers", region=region, **columns)
    statement = (
        select(
            Activity.id,
            Activity.day,
            Activity.time,
            Activity.kind,
            Manager.id,
            Manager.name,
            Activity.branch_id,
            Activity.product_id,
            Activity.amount_cents,
            Activity.note,
            privacy.seen_whole(viewer),
        )
        .join(Manager, Manager.id == Activity.manager_id)
        .join(Customer, Customer.id == Activity.customer_id)
        .where(seen, Customer.id == customer, Activity.voided_at.is_(None))
        .order_by(Activity.day.desc(), Activity.time.desc().nulls_last(), Activity.id.desc())
        .limit(limit)
    )
    with viewer.reading() as connection:
        rows = [tuple(row) for row in connection.execute(statement)]
    found = pl.DataFrame(rows, DONE | {"whole": pl.Boolean}, orient="row")
    return found.with_columns(note=pl.when("whole").then("note")).drop("whole")
