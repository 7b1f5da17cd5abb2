"""Customers: found and listed; whole for those who look after them, masked for everyone else."""

from datetime import datetime, time

import polars as pl
from sqlalchemy import ColumnElement, and_, false, func, select, true

from db import cells
from db.access import Viewer, note_refusal, noting, reach, within
from db.cells import PHONE
from db.engine import BANK_TIME
from db.errors import Refused
from db.models import Activity, Audit, Branch, Customer, Manager, Product, last_four
from db.privacy import holds_secret, masked_name, masked_phone, without_numbers

CUSTOMER = {"customer": pl.Int64, "customer_name": pl.String, "phone": pl.String, "last_day": pl.Date}
FOUND = {
    "customer": pl.Int64,
    "customer_name": pl.String,
    "phone": pl.String,
    "kind": pl.String,
    "manager_name": pl.String,
    "branch_name": pl.String,
    "last_day": pl.Date,
    "whole": pl.Boolean,
}
SHORTEST_REASON = 4
NO_SUCH_CUSTOMER = "There is no such customer within your scope."
PRODUCT = {
    "product": pl.Int32,
    "code": pl.String,
    "family": pl.String,
    "product_zh": pl.String,
    "product_en": pl.String,
}


def search(viewer: Viewer, text: str, limit: int = 50) -> pl.DataFrame:
    """Customers within the viewer's scope whom the text names, the one met last first (FOUND): by phone, whole or its
    last four digits, else by name; with no text the latest. Names and phones are whole (`whole`) for the owner and his
    branch head, masked for everyone else, who must know a name to find it."""
    columns = {"branch": Customer.branch_id, "manager": Customer.manager_id}
    seen = within(viewer, "read_customers", region=Branch.region_id, **columns)
    text = "".join(character for character in text if character.isprintable()).strip()
    digits = pl.select(cells.phone(pl.lit(text, pl.String))).item() if text else ""
    last = func.max(Activity.day)
    statement = (
        select(Customer.id, Customer.name, Customer.phone, Customer.kind, Manager.name, Branch.name, last, own(viewer))
        .join(Branch, Branch.id == Customer.branch_id)
        .join(Manager, Manager.id == Customer.manager_id)
        .outerjoin(Activity, (Activity.customer_id == Customer.id) & Activity.voided_at.is_(None))
        .where(seen, Customer.merged_into_id.is_(None))
        .group_by(Customer.id, Customer.name, Customer.phone, Customer.kind, Manager.name, Branch.name)
        .order_by(last.desc().nulls_last(), Customer.id.desc())
        .limit(limit)
    )
    if digits and digits.isdigit() and len(digits) == 4:
        statement = statement.where(last_four == digits)
    elif digits and PHONE.match(digits):
        statement = statement.where(Customer.phone == digits)
    elif text:
        in_part = own(viewer) & Customer.name.contains(text, autoescape=True)
        statement = statement.where((Customer.name == text) | in_part)
    with viewer.store.reading() as connection:
        found = pl.DataFrame([tuple(row) for row in connection.execute(statement)], FOUND, orient="row")
    return found.with_columns(
        customer_name=pl.when("whole").then("customer_name").otherwise(masked_name(pl.col("customer_name"))),
        phone=pl.when("whole").then("phone").otherwise(masked_phone(pl.col("phone"))),
    )


def own(viewer: Viewer) -> ColumnElement[bool]:
    """Whether the viewer may see a customer whole: as his owner, or as the head of the owner's branch."""
    there = reach(viewer, "read_personal_data")
    if there is None:
        return false()
    columns = {"branch": Customer.branch_id, "manager": Customer.manager_id}
    return and_(true(), *(columns[level] == identity for level, identity in there.items()))


def unmask(viewer: Viewer, customer: int, reason: str, a_day: int) -> tuple[str, str | None]:
    """The whole name and phone of one customer, for a stated reason that goes into the audit trail first. Raises Refused
    without a reason, for a customer out of scope (whether he exists or not), or after `a_day` of them in one day."""
    if len(reason.strip()) < SHORTEST_REASON or holds_secret(reason):
        raise Refused("Say in a few words why you need to see this customer.")
    seen = within(viewer, "unmask_customer", region=Branch.region_id)
    wanted = select(Customer.name, Customer.phone).join(Branch, Branch.id == Customer.branch_id)
    with viewer.store.reading() as connection:
        found = connection.execute(wanted.where(Customer.id == customer, seen)).first()
    if found is None:
        note_refusal(viewer, "unmask_customer")
        raise Refused(NO_SUCH_CUSTOMER)
    with noting(viewer) as write:
        midnight = datetime.combine((write.now + BANK_TIME).date(), time()) - BANK_TIME
        today = (Audit.account == viewer.account, Audit.action == "unmask", Audit.at >= midnight)
        if write.session.scalar(select(func.count()).select_from(Audit).where(*today)) >= a_day:
            raise Refused("You have looked at {number} customers today, which is the limit.", number=a_day)
        write.audit("unmask", "customer", customer, None, {"reason": without_numbers(reason.strip()[:200])})
    return tuple(found)


def of_manager(viewer: Viewer, manager: int, limit: int = 200) -> pl.DataFrame:
    """A manager's customers, the one met last first: customer, customer_name, phone, last_day."""
    seen = within(viewer, "read_personal_data", branch=Customer.branch_id, manager=Customer.manager_id)

    def read() -> pl.DataFrame:
        last = func.max(Activity.day)
        latest = (Activity.customer_id == Customer.id, Activity.manager_id == Customer.manager_id)
        statement = (
            select(Customer.id, Customer.name, Customer.phone, last)
            .outerjoin(Activity, and_(*latest, Activity.voided_at.is_(None)))
            .where(seen, Customer.manager_id == manager, Customer.merged_into_id.is_(None))
            .group_by(Customer.id, Customer.name, Customer.phone)
            .order_by(last.desc().nulls_last(), func.max(Activity.id).desc().nulls_last(), Customer.id.desc())
            .limit(limit)
        )
        with viewer.store.reading() as connection:
            return pl.DataFrame([tuple(row) for row in connection.execute(statement)], CUSTOMER, orient="row")

    return viewer.store.remembered(("customers", viewer.role, viewer.branch, viewer.manager, manager, limit), read)


def products(viewer: Viewer) -> pl.DataFrame:
    """The bank's products, loans first: product, code, family, product_zh, product_en."""

    def read() -> pl.DataFrame:
        columns = (Product.id, Product.code, Product.family, Product.name_zh, Product.name_en)
        statement = select(*columns).order_by(Product.family.desc(), Product.id)
        with viewer.store.reading() as connection:
            return pl.DataFrame([tuple(row) for row in connection.execute(statement)], PRODUCT, orient="row")

    return viewer.store.remembered("products", read)
