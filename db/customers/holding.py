"""Products that customers have held since before the log."""

import polars as pl
from sqlalchemy import select

from db.access import Viewer, within
from db.engine import Write
from db.models import Branch, Customer, Holding

HELD = {"product": pl.Int64, "since": pl.Date, "until": pl.Date}


def pass_on(write: Write, gone: int, keep: int) -> None:
    """What one record of a customer held, the other holds; of one product from one day the longer."""
    of_customer = select(Holding).where(Holding.customer_id.in_((gone, keep)))
    held = {(one.product_id, one.since): one for one in write.session.scalars(of_customer) if one.customer_id == keep}
    for one in write.session.scalars(of_customer.where(Holding.customer_id == gone)).all():
        same = held.get((one.product_id, one.since))
        if same is None:
            one.customer_id = keep
            continue
        if same.until is not None:
            same.until = None if one.until is None else max(same.until, one.until)
        write.session.delete(one)
    write.session.flush()


def of_customer(viewer: Viewer, customer: int) -> pl.DataFrame:
    """What a customer within the viewer's scope has held since before the log, the earliest first (HELD)."""
    place = {"branch": Customer.branch_id, "manager": Customer.manager_id}
    statement = (
        select(Holding.product_id, Holding.since, Holding.until)
        .join(Customer, Customer.id == Holding.customer_id)
        .join(Branch, Branch.id == Customer.branch_id)
        .where(Customer.id == customer, within(viewer, "read_customers", region=Branch.region_id, **place))
        .order_by(Holding.since, Holding.id)
    )
    with viewer.reading() as connection:
        return pl.DataFrame([tuple(row) for row in connection.execute(statement)], HELD, orient="row")
