"""Customers: found and listed; whole for those who look after them, masked for everyone else."""

from collections.abc import Sequence
from datetime import datetime, time

import polars as pl
from sqlalchemy import ColumnElement, Connection, false, func, select
from sqlalchemy.orm import aliased

from db import identity, privacy
from db.access import Viewer, note_refusal, within, writing_note
from db.customers import contacts
from db.engine import BANK_TIME, Write
from db.errors import Refused
from db.identity import phones
from db.identity.phones import PHONE
from db.models import Audit, Branch, Customer, Manager, last_four
from db.privacy import holds_secret, masked_name, masked_phone, without_numbers

CUSTOMER = {"customer": pl.Int64, "customer_name": pl.String, "phone": pl.String, "last_day": pl.Date}
FOUND = {
    "customer": pl.Int64,
    "customer_name": pl.String,
    "phone": pl.String,
    "kind": pl.String,
    "manager": pl.Int32,
    "manager_name": pl.String,
    "branch": pl.Int32,
    "branch_name": pl.String,
    "last_day": pl.Date,
    "whole": pl.Boolean,
}
AT_ONCE = 500  # customers asked for in one question
SHORTEST_REASON = 4
NO_SUCH_CUSTOMER = "There is no such customer within your scope."


def search(viewer: Viewer, text: str, limit: int = 50) -> pl.DataFrame:
    """Customers within the viewer's scope whom the text names, the one met last first (FOUND): by phone, whole or its
    last four digits, else by name; with no text the latest. Names and phones are whole (`whole`) for the owner and
    their branch head; masked for everyone else, who find by what they see: the surname, the last four digits."""
    return viewer.cached("customers found", text, limit, read=lambda: found(viewer, text, limit))


def found(viewer: Viewer, text: str, limit: int) -> pl.DataFrame:
    asked, text = text.strip(), identity.key(text)
    if asked and not text:  # signs that are nobody's name
        return read(viewer, false(), limit=limit)
    digits = pl.select(phones.normal_form(pl.lit(text, pl.String))).item() if text else ""
    whole = privacy.seen_whole(viewer)
    if digits and digits.isdigit() and len(digits) == 4:
        shown = whole | (func.length(Customer.phone) >= privacy.SHOWS_FOUR)
        return read(viewer, last_four == digits, shown, limit=limit)
    if digits and PHONE.match(digits):
        return read(viewer, Customer.phone == digits, whole, limit=limit)
    if text:
        initial = text.rstrip("*")
        shown = Customer.name_key.startswith(initial, autoescape=True) if len(initial) == 1 else false()
        return read(viewer, whole & Customer.name_key.contains(text, autoescape=True) | shown & ~whole, limit=limit)
    return read(viewer, limit=limit)


def one(viewer: Viewer, customer: int | None) -> pl.DataFrame:
    """The customer of this id (FOUND), of a record that was merged the one that goes on; empty where there is none
    within the viewer's scope."""
    asked = aliased(Customer)
    goes_on = select(func.coalesce(asked.merged_into_id, asked.id)).where(asked.id == customer)
    asks = Customer.id == goes_on.scalar_subquery()
    return viewer.cached("customer", customer, read=lambda: read(viewer, asks))


def read(viewer: Viewer, *conditions: ColumnElement[bool], limit: int = 50) -> pl.DataFrame:
    """The customers within the viewer's scope of whom all this holds, the one met last first (FOUND)."""
    columns = {"branch": Customer.branch_id, "manager": Customer.manager_id}
    seen = within(viewer, "read_customers", region=Branch.region_id, **columns)
    theirs = (seen, Customer.merged_into_id.is_(None), *conditions)
    with viewer.reading() as connection:
        # Of all customers of a region the log names the latest first: none of the others need be read.
        whole = viewer.branch is None and not conditions
        found = latest(viewer, connection, theirs, limit, None if whole else identities(connection, *theirs))
    return found.with_columns(
        customer_name=pl.when("whole").then("customer_name").otherwise(masked_name(pl.col("customer_name"))),
        phone=pl.when("whole").then("phone").otherwise(masked_phone(pl.col("phone"))),
    )


def latest(
    viewer: Viewer,
    connection: Connection,
    theirs: Sequence[ColumnElement[bool]],
    limit: int,
    among: pl.Series | None,
) -> pl.DataFrame:
    """Those of `theirs`, whose ids are `among` these where they are known, whom somebody met last (FOUND, unmasked)."""
    about = (
        Customer.id,
        Customer.name,
        func.nullif(Customer.phone, ""),
        Customer.kind,
        Manager.id,
        Manager.name,
        Branch.id,
        Branch.name,
        privacy.seen_whole(viewer),
    )
    statement = select(*about).join(Branch, Branch.id == Customer.branch_id)
    statement = statement.join(Manager, Manager.id == Customer.manager_id).where(*theirs)
    table, named = pl.DataFrame(schema=FOUND), pl.Series("customer", [], pl.Int32)

    def take(met: pl.DataFrame) -> pl.DataFrame:
        """The table with the rows of these customers (contacts.CONTACT) below, in their order."""
        wanted = statement.where(Customer.id.in_(met["customer"].to_list()))
        schema = {name: kind for name, kind in FOUND.items() if name != "last_day"}
        rows = pl.DataFrame([tuple(row) for row in connection.execute(wanted)], schema, orient="row")
        return pl.concat([table, met.join(rows, on="customer", maintain_order="left").select(list(FOUND))])

    for month in contacts.latest(viewer.store, viewer.parts, among):
        named = pl.concat([named, month["customer"]])
        for portion in month.iter_slices(max(limit, AT_ONCE) if among is None else limit):
            if table.height >= limit:
                return table.head(limit)
            table = take(portion.cast({"customer": pl.Int64}))
        if table.height >= limit or named.len() == (among.len() if among is not None else None):
            return table.head(limit)
    never = identities(connection, *theirs) if among is None else among
    rest = never.filter(~never.is_in(named.implode())).sort(descending=True).head(limit - table.height)
    return take(pl.DataFrame({"customer": rest.cast(pl.Int64)}).with_columns(last_day=pl.lit(None, pl.Date)))


def identities(connection: Connection, *conditions: ColumnElement[bool]) -> pl.Series:
    """Of the customers of whom all this holds."""
    statement = select(Customer.id).join(Branch, Branch.id == Customer.branch_id).where(*conditions)
    return pl.Series("customer", list(connection.scalars(statement)), pl.Int32)


def unmask(viewer: Viewer, customer: int, reason: str, a_day: int) -> tuple[str, str | None]:
    """The whole name and phone of one customer, for a stated reason that goes into the audit trail first. Raises
    Refused without a reason, for a customer out of scope (whether they exist or not), or after `a_day` of them in one
    day."""
    if len(reason.strip()) < SHORTEST_REASON or holds_secret(reason):
        raise Refused("Say in a few words why you need to see this customer.")
    seen = within(viewer, "unmask_customer", region=Branch.region_id)
    wanted = select(Customer.name, func.nullif(Customer.phone, "")).join(Branch, Branch.id == Customer.branch_id)
    with viewer.reading() as connection:
        found = connection.execute(wanted.where(Customer.id == customer, seen)).first()
    if found is None:
        note_refusal(viewer, "unmask_customer")
        raise Refused(NO_SUCH_CUSTOMER)
    with writing_note(viewer) as write:
        if write.session.execute(select(func.count()).where(*today(write, "unmask"))).scalar_one() >= a_day:
            raise Refused("You have reached today's limit for looking at customers ({number}).", number=a_day)
        write.audit("unmask", "customer", customer, None, {"reason": without_numbers(reason.strip()[:200])})
    return tuple(found)


def today(write: Write, action: str) -> tuple[ColumnElement[bool], ...]:
    """The rows of the trail in which whoever writes has done this since midnight, where the bank is."""
    midnight = datetime.combine((write.now + BANK_TIME).date(), time()) - BANK_TIME
    return Audit.account == write.account, Audit.action == action, Audit.at >= midnight


def of_manager(viewer: Viewer, manager: int, limit: int = 200) -> pl.DataFrame:
    """A manager's customers, the one met last first: customer, customer_name, phone, last_day."""
    seen = within(viewer, "read_personal_data", branch=Customer.branch_id, manager=Customer.manager_id)

    def read() -> pl.DataFrame:
        theirs = (seen, Customer.manager_id == manager, Customer.merged_into_id.is_(None))
        statement = select(Customer.id, Customer.name, Customer.phone).where(*theirs).order_by(Customer.id.desc())
        schema = {name: kind for name, kind in CUSTOMER.items() if name != "last_day"}
        with viewer.reading() as connection:
            rows = pl.DataFrame([tuple(row) for row in connection.execute(statement)], schema, orient="row")
        found, among = pl.DataFrame(schema=CUSTOMER), rows["customer"].cast(pl.Int32)
        for month in contacts.latest(viewer.store, viewer.parts, among, manager):
            found = pl.concat(
                [
                    found,
                    month.cast({"customer": pl.Int64})
                    .join(rows, on="customer", maintain_order="left")
                    .select(list(CUSTOMER)),
                ]
            )
            if found.height >= min(limit, rows.height):
                break
        never = rows.join(found, on="customer", how="anti", maintain_order="left")
        return pl.concat([found, never.with_columns(last_day=pl.lit(None, pl.Date)).select(list(CUSTOMER))]).head(limit)

    return viewer.cached("customers", manager, limit, read=read)
