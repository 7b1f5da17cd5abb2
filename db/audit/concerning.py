"""Which entries of the audit trail concern one customer, whatever they are entries of."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, Connection, String, and_, cast, or_, select

from db.models import Activity, Audit, Customer, Opportunity

SAYS_CUSTOMER_ID = ("opportunity", "holding")  # entries that may name a customer as a value, those of the log aside
SAYS_CUSTOMER = ("customer", "audit_trail")


def customer(connection: Connection, identity: int) -> ColumnElement[bool]:
    """The condition on Audit for one customer, and for whatever was merged with them: what was done to them (seen,
    handed over, merged, forgotten), to entries and opportunities that are theirs or were before a correction, to the
    files that these came in; and who took away what is written of them."""
    records = family(connection, identity)
    once = and_(Audit.entity == "activity", says("customer_id", records))
    entries = select(Activity.id).where(Activity.customer_id.in_(records)).union(select(Audit.entity_id).where(once))
    needs = select(Opportunity.id).where(Opportunity.customer_id.in_(records))
    files = select(Activity.batch_id).where(Activity.customer_id.in_(records))
    return or_(
        and_(Audit.entity == "customer", Audit.entity_id.in_(records)),
        and_(Audit.entity == "activity", Audit.entity_id.in_(entries)),
        and_(Audit.entity == "opportunity", Audit.entity_id.in_(needs)),
        and_(Audit.entity == "import_batch", Audit.entity_id.in_(files)),
        and_(Audit.entity.in_(SAYS_CUSTOMER_ID), says("customer_id", records)),
        and_(Audit.entity.in_(SAYS_CUSTOMER), says("customer", records)),
    )


def family(connection: Connection, identity: int) -> list[int]:
    """The numbers of all records of a customer, whichever of them is asked for."""
    goes_on = connection.scalar(select(Customer.merged_into_id).where(Customer.id == identity)) or identity
    records = select(Customer.id).where(or_(Customer.id == goes_on, Customer.merged_into_id == goes_on))
    return list(connection.scalars(records)) or [identity]


def says(name: str, records: Collection[int]) -> ColumnElement[bool]:
    """Whether either side of an entry has one of these numbers under a name."""
    wanted = [str(one) for one in records]
    return or_(*(cast(side[name].as_string(), String).in_(wanted) for side in (Audit.before, Audit.after)))
