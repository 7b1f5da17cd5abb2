"""Two records of one customer become one."""

from datetime import date

import polars as pl
from sqlalchemy import distinct, func, select, tuple_, update

from db.access import Viewer, check, writing
from db.customers import customers, holding
from db.engine import Write
from db.errors import Refused
from db.log.touching import touch
from db.models import Activity, Branch, Customer, Opportunity, Territory


def merge(viewer: Viewer, keep: int, gone: int) -> int:
    """Two records of one customer become one: every entry and opportunity of `gone` passes to `keep`, whose empty
    fields take what `gone` knew. Gives how many entries passed; the trail names them. Raises Refused for a record that
    is not there or not the viewer's to merge."""
    if keep == gone:
        raise Refused("Choose two different records.")
    with writing(viewer) as write:
        kept, other = (in_reach(viewer, "merge_customers", write, one) for one in (keep, gone))
        touch(write, Activity.customer_id.in_((keep, gone)), date.max)
        write.touch(branches=[kept.branch_id, other.branch_id, *branches_of_territories(write, kept, other)])
        touch_opportunities(write, keep, gone)
        moved = list(write.session.scalars(select(Activity.id).where(Activity.customer_id == gone)))
        theirs = update(Activity).where(Activity.customer_id == gone)
        write.session.execute(theirs.values(customer_id=keep, version=write.version))
        write.session.execute(update(Opportunity).where(Opportunity.customer_id == gone).values(customer_id=keep))
        write.session.execute(update(Customer).where(Customer.merged_into_id == gone).values(merged_into_id=keep))
        for name in ("phone", "kind", "territory_id"):
            if getattr(kept, name) is None:
                setattr(kept, name, getattr(other, name))
        holding.pass_on(write, gone, keep)
        other.merged_into_id = keep
        write.audit("merge", "customer", keep, {"customer": gone, "activities": moved}, {"customer": keep})
        return len(moved)


def equal_names(viewer: Viewer, limit: int = 50) -> pl.DataFrame:
    """The records within the viewer's scope that share their branch and, in its normal form, their name with another
    (customers.FOUND), and whose phones do not tell them apart."""
    shared = select(Customer.branch_id, Customer.name_key).where(Customer.merged_into_id.is_(None))
    shared = shared.group_by(Customer.branch_id, Customer.name_key).having(
        func.count() > 1, func.count(distinct(Customer.phone)) < func.count()
    )
    if viewer.branch is not None:  # whatever they see lies there
        shared = shared.where(Customer.branch_id == viewer.branch)
    named = tuple_(Customer.branch_id, Customer.name_key).in_(shared)
    return viewer.cached("equal names", limit, read=lambda: customers.read(viewer, named, limit=limit))


def branches_of_territories(write: Write, *customers: Customer) -> list[int]:
    """Where their territories lie, which may be elsewhere than where they are looked after."""
    territories = {one.territory_id for one in customers if one.territory_id is not None}
    return list(write.session.scalars(select(Territory.branch_id).where(Territory.id.in_(territories))))


def touch_opportunities(write: Write, *customers: int) -> None:
    """Whoever looks after an opportunity of theirs, and its region."""
    whose = select(Opportunity.manager_id, Opportunity.region_id).where(Opportunity.customer_id.in_(customers))
    held = write.session.execute(whose.distinct()).all()
    write.touch(managers={manager for manager, _ in held}, regions={region for _, region in held})


def in_reach(viewer: Viewer, action: str, write: Write, customer: int) -> Customer:
    """A record that stands for itself, and is the viewer's to do this to."""
    held = write.session.get(Customer, customer)
    place = dict.fromkeys(("region", "branch", "manager"))
    if held is not None:
        region = write.session.scalar(select(Branch.region_id).where(Branch.id == held.branch_id))
        place = {"region": region, "branch": held.branch_id, "manager": held.manager_id}
    check(viewer, action, **place, missing=customers.NO_SUCH_CUSTOMER)
    if held is None or held.merged_into_id is not None:
        raise Refused(customers.NO_SUCH_CUSTOMER)
    return held
