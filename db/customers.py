"""Customers: found again by phone, else by name, so that one customer is one record."""

import polars as pl
from sqlalchemy import func, select

from db import cells
from db.access import Viewer, within
from db.cells import PHONE
from db.engine import Write
from db.errors import Refused
from db.models import Activity, Customer, Product

CUSTOMER = {"customer": pl.Int64, "customer_name": pl.String, "phone": pl.String, "last_day": pl.Date}
PRODUCT = {
    "product": pl.Int32,
    "code": pl.String,
    "family": pl.String,
    "product_zh": pl.String,
    "product_en": pl.String,
}


def of_manager(viewer: Viewer, manager: int, limit: int = 200) -> pl.DataFrame:
    """A manager's customers, the one met last first: customer, customer_name, phone, last_day."""
    seen = within(viewer, "read_customers", branch=Customer.branch_id, manager=Customer.manager_id)
    last = func.max(Activity.day)
    statement = (
        select(Customer.id, Customer.name, Customer.phone, last)
        .outerjoin(Activity, (Activity.customer_id == Customer.id) & (Activity.manager_id == Customer.manager_id))
        .where(seen, Customer.manager_id == manager)
        .group_by(Customer.id, Customer.name, Customer.phone)
        .order_by(last.desc().nulls_last(), Customer.id.desc())
        .limit(limit)
    )
    with viewer.store.reading() as connection:
        return pl.DataFrame([tuple(row) for row in connection.execute(statement)], CUSTOMER, orient="row")


def products(viewer: Viewer) -> pl.DataFrame:
    """The bank's products, loans first: product, code, family, product_zh, product_en."""

    def read() -> pl.DataFrame:
        columns = (Product.id, Product.code, Product.family, Product.name_zh, Product.name_en)
        statement = select(*columns).order_by(Product.family.desc(), Product.id)
        with viewer.store.reading() as connection:
            return pl.DataFrame([tuple(row) for row in connection.execute(statement)], PRODUCT, orient="row")

    return viewer.store.remembered("products", read)


def find_or_add(write: Write, branch: int, manager: int, entry) -> int | None:
    """The id of the customer an entry names (activity.Entry): by id, by phone in the branch, by name in the branch
    where no other phone speaks against it, else a new one. None when it names nobody. Raises Refused for a wrong phone
    or an id of another branch."""
    if entry.customer is not None:
        held = write.session.get(Customer, entry.customer)
        if held is None or held.branch_id != branch:
            raise Refused("There is no such customer in this branch.")
        return held.id
    name = (entry.customer_name or "").strip()
    phone = pl.select(cells.phone(pl.lit(entry.phone or None, pl.String))).item()
    if not name:
        return None
    if phone and not PHONE.match(phone):
        raise Refused("Not a phone number: write 11 digits, or area code and number")
    here = select(Customer).where(Customer.branch_id == branch)
    held = write.session.scalars(here.where(Customer.phone == phone)).first() if phone else None
    if held is None:
        same_name = here.where(Customer.name == name).order_by(Customer.manager_id != manager, Customer.id)
        held = next((one for one in write.session.scalars(same_name) if not phone or one.phone is None), None)
    if held is None:
        held = Customer(branch_id=branch, manager_id=manager, name=name, phone=phone, kind=entry.customer_kind)
        write.session.add(held)
    elif phone and held.phone is None:
        held.phone = phone
    write.session.flush()
    return held.id
