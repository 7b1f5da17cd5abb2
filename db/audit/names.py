"""Names for the numbers in the trail, as far as the reader may see them: a customer's is masked by their right."""

from collections.abc import Collection
from typing import Any

import polars as pl
from sqlalchemy import Select, false, select
from sqlalchemy.orm import InstrumentedAttribute

from db import privacy
from db.access import Viewer, may, scope
from db.models import (
    Account,
    Activity,
    Base,
    Branch,
    Customer,
    ImportBatch,
    Manager,
    Opportunity,
    Product,
    Region,
    SignIn,
    Territory,
)

AT_ONCE = 5_000


def facts(*columns: InstrumentedAttribute[Any]) -> Select[*tuple[Any, ...]]:
    """A number and what it is called by."""
    return select(*columns)


PLAIN: dict[type[Base], Select[*tuple[Any, ...]]] = {
    Account: facts(Account.id, Account.name, Account.login),
    SignIn: facts(SignIn.id, Account.name, Account.login).join(Account, Account.id == SignIn.account_id),
    Manager: facts(Manager.id, Manager.name, Manager.staff_no),
    Branch: facts(Branch.id, Branch.name),
    Region: facts(Region.id, Region.name),
    Territory: facts(Territory.id, Territory.name),
    ImportBatch: facts(ImportBatch.id, ImportBatch.file_name),
}


def read(viewer: Viewer, model: type[Base], wanted: Collection[int], language: str) -> dict[int, str]:
    """The names of these rows of a table; one that is not there has none. An opportunity and an entry are called by
    customer and product, an entry by its day too. Raises NotAllowed without the right to read the trail."""
    scope(viewer, "read_audit")
    product = Product.name_zh if language == "zh" else Product.name_en
    statements = {
        **PLAIN,
        Product: facts(Product.id, product),
        Customer: facts(Customer.id),
        Opportunity: facts(Opportunity.id, product, Opportunity.customer_id).outerjoin(
            Product, Product.id == Opportunity.product_id
        ),
        Activity: facts(Activity.id, Activity.day, product, Activity.customer_id).outerjoin(
            Product, Product.id == Activity.product_id
        ),
    }
    statement, ids = statements[model], sorted(wanted)
    rows: list[tuple[Any, ...]] = []
    with viewer.store.reading() as connection:
        for start in range(0, len(ids), AT_ONCE):
            some = statement.selected_columns[0].in_(ids[start : start + AT_ONCE])
            rows += map(tuple, connection.execute(statement.where(some)))
    if model is Customer:
        return customers(viewer, {row[0] for row in rows})
    if model in (Opportunity, Activity):
        met = customers(viewer, {row[-1] for row in rows} - {None})
        rows = [(*row[:-1], met.get(row[-1])) for row in rows]
    return {row[0]: " · ".join(str(one) for one in row[1:] if one is not None) for row in rows}


def customers(viewer: Viewer, wanted: Collection[int]) -> dict[int, str]:
    """Their names, masked for whoever may not see them whole; none for who may not know of them."""
    scope(viewer, "read_audit")
    if not may(viewer, "read_customers"):
        return {}
    whole = privacy.seen_whole(viewer) if may(viewer, "read_personal_data") else false()
    ids, rows = sorted(wanted), []
    with viewer.store.reading() as connection:
        for start in range(0, len(ids), AT_ONCE):
            some = Customer.id.in_(ids[start : start + AT_ONCE])
            rows += connection.execute(select(Customer.id, Customer.name, whole).where(some)).all()
    found = pl.DataFrame(
        [tuple(row) for row in rows], {"id": pl.Int64, "name": pl.String, "whole": pl.Boolean}, orient="row"
    )
    name = pl.when("whole").then("name").otherwise(privacy.masked_name(pl.col("name")))
    return dict(found.select("id", name).iter_rows())
