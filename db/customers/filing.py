"""A customer put on file (建档): what kind they are and in which territory, by whoever looks after them."""

import polars as pl
from sqlalchemy import select

from db.access import Viewer, within, writing
from db.codes import CUSTOMER_KINDS
from db.customers import merging
from db.errors import Refused
from db.log.entry import unlisted
from db.models import Branch, Customer, Territory

FILED = {"customer": pl.Int64, "kind": pl.String, "territory": pl.Int32, "territory_name": pl.String}
NOT_OF_THE_BRANCH = "This territory belongs to another branch: choose one of the customer's branch."


def read(viewer: Viewer, customer: int) -> pl.DataFrame:
    """What is on file of a customer within the viewer's scope (FILED); empty where there is none."""
    place = {"branch": Customer.branch_id, "manager": Customer.manager_id}
    statement = (
        select(Customer.id, Customer.kind, Customer.territory_id, Territory.name)
        .join(Branch, Branch.id == Customer.branch_id)
        .outerjoin(Territory, Territory.id == Customer.territory_id)
        .where(Customer.id == customer, within(viewer, "read_customers", region=Branch.region_id, **place))
    )
    with viewer.reading() as connection:
        return pl.DataFrame([tuple(row) for row in connection.execute(statement)], FILED, orient="row")


def put(viewer: Viewer, customer: int, kind: str | None, territory: int | None) -> None:
    """Says of which kind a customer is and in which territory, old and new in the trail. Raises Refused for a territory of
    another branch, unless they are there already, and for a kind that is not on the list; NotAllowed for a customer who
    is not the viewer's to describe."""
    with writing(viewer) as write:
        held = merging.in_reach(viewer, "file_customers", write, customer)
        if kind is not None and kind not in CUSTOMER_KINDS:
            raise unlisted("customer_kind")
        before = {"kind": held.kind, "territory_id": held.territory_id}
        after = {"kind": kind, "territory_id": territory}
        if territory is not None and territory != held.territory_id:
            place = write.session.get(Territory, territory)
            if place is None or place.branch_id != held.branch_id:
                raise Refused(NOT_OF_THE_BRANCH)
        if before == after:
            return
        write.touch(branches=[held.branch_id, *merging.branches_of_territories(write, held)])
        held.kind, held.territory_id = kind, territory
        write.session.flush()
        write.audit("set", "customer", customer, before, after)
