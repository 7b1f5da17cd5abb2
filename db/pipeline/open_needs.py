"""Which need of a customer an entry is about: the opportunity it goes on with, or begins; and what a manager has
open."""

from datetime import date

import polars as pl
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from db.access import Viewer, within
from db.codes import ENDS
from db.engine import Write
from db.errors import Refused
from db.log.entry import Entry
from db.models import Activity, Customer, Opportunity, Product

OVER = "This opportunity is over: begin a new one on the day's page."
NEED = {
    "opportunity": pl.Int64,
    "customer": pl.Int64,
    "customer_name": pl.String,
    "phone": pl.String,
    "product": pl.Int64,
    "expected_amount_cents": pl.Int64,
    "next_step": pl.String,
    "next_step_due": pl.Date,
}


def still_open() -> ColumnElement[bool]:
    """No deal, refusal or withdrawal stands in the log of the opportunity."""
    ended = select(Activity.opportunity_id).where(
        Activity.kind.in_(ENDS), Activity.voided_at.is_(None), Activity.opportunity_id == Opportunity.id
    )
    return ~ended.exists()


def find_or_add(write: Write, region: int, manager: int, customer: int | None, entry: Entry) -> int | None:
    """The customer's open need for the entry's product, begun if there is none. A need whose product nobody had named
    is the one whose product is named now. None without a customer, and for a visit without product or next step."""
    if customer is None or (entry.product is None and not entry.next_step and entry.next_step_due is None):
        return None
    if entry.product is not None and write.session.get(Product, entry.product) is None:
        raise Refused("Choose the product from the list.")
    need = (
        find(write.session, customer, entry.product)
        if entry.opportunity is None
        else stated_need(write, customer, entry)
    )
    if need is None:
        need = Opportunity(region_id=region, customer_id=customer, manager_id=manager, product_id=entry.product)
        write.session.add(need)
    need.product_id = need.product_id or entry.product
    if need.expected_amount_cents is None:
        need.expected_amount_cents = entry.amount_cents
    write.session.flush()
    plan(write, need, entry)
    return need.id


def plan(write: Write, need: Opportunity, entry: Entry) -> None:
    """The next step the entry names; one that was due by the entry's day is done with it. What stood there before is
    left in the trail."""
    before = (need.next_step, need.next_step_due)
    after = (entry.next_step or None, entry.next_step_due)
    if after == (None, None) and (need.next_step_due is None or need.next_step_due > entry.day):
        return
    need.next_step, need.next_step_due = after
    if before not in ((None, None), after):
        names = ("next_step", "next_step_due")
        write.audit("move", "opportunity", need.id, *(dict(zip(names, one, strict=True)) for one in (before, after)))


def stated_need(write: Write, customer: int, entry: Entry) -> Opportunity:
    """The open need the entry names itself."""
    this = (Opportunity.id == entry.opportunity, Opportunity.customer_id == customer, still_open())
    need = write.session.scalars(select(Opportunity).where(*this)).first()
    if need is None:
        raise Refused(OVER)
    return need


def find(session: Session, customer: int, product: int | None) -> Opportunity | None:
    """The latest open need for the product, else one whose product is not known; without a product the latest one."""
    held = list(
        session.scalars(
            select(Opportunity).where(Opportunity.customer_id == customer, still_open()).order_by(Opportunity.id.desc())
        )
    )
    if product is None:
        return held[0] if held else None
    return next((one for wanted in (product, None) for one in held if one.product_id == wanted), None)


def of_manager(viewer: Viewer, manager: int) -> pl.DataFrame:
    """One row an open need of the manager's customers, the latest first (NEED)."""
    seen = within(viewer, "read_personal_data", branch=Customer.branch_id, manager=Customer.manager_id)

    def read() -> pl.DataFrame:
        statement = (
            select(
                Opportunity.id,
                Customer.id,
                Customer.name,
                Customer.phone,
                Opportunity.product_id,
                Opportunity.expected_amount_cents,
                Opportunity.next_step,
                Opportunity.next_step_due,
            )
            .join(Customer, Customer.id == Opportunity.customer_id)
            .where(seen, Customer.manager_id == manager, still_open())
            .order_by(Opportunity.id.desc())
        )
        with viewer.reading() as connection:
            return pl.DataFrame([tuple(row) for row in connection.execute(statement)], NEED, orient="row")

    return viewer.cached("needs", manager, read=read)


def due(viewer: Viewer, manager: int, on: date) -> pl.DataFrame:
    """The manager's open needs whose next step is due on the day or overdue, the longest overdue first (NEED)."""
    return of_manager(viewer, manager).filter(pl.col("next_step_due") <= on).sort("next_step_due", "opportunity")
