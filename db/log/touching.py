"""Whom a change of the activity log concerns: every part of the bank that shows one of its entries."""

from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, func, select, union
from sqlalchemy.orm import aliased

from db.engine import Write
from db.models import Activity, Customer, Opportunity, Posting, Territory
from db.store.parts import branches_of, not_over


def touch(write: Write, which: ColumnElement[bool], today: date) -> None:
    """Touches the branches of these entries, of their customers and those's territories, of their opportunities'
    customers, and those their managers have worked in since: they go on seeing what they did elsewhere. To be called before entries change, and
    after."""
    branches = select(Activity.branch_id).where(which)
    of_customers = select(Customer.branch_id).join(Activity, Activity.customer_id == Customer.id).where(which)
    of_territories = (
        select(Territory.branch_id)
        .join(Customer, Customer.territory_id == Territory.id)
        .join(Activity, Activity.customer_id == Customer.id)
        .where(which)
    )
    of_needs = (
        select(Customer.branch_id)
        .join(Opportunity, Opportunity.customer_id == Customer.id)
        .join(Activity, Activity.opportunity_id == Opportunity.id)
        .where(which)
    )
    there = set(write.session.scalars(union(branches, of_customers, of_territories, of_needs)))
    needs = select(Opportunity.region_id).join(Activity, Activity.opportunity_id == Opportunity.id).where(which)
    regions = write.session.scalars(union(select(Activity.region_id).where(which), needs))
    first = write.session.scalar(select(func.min(Activity.day)).where(which))
    if first is None:
        return
    managers = write.session.scalars(select(Activity.manager_id).where(which).distinct())
    there |= branches_of(write.session, managers, not_over(first))
    write.touch(branches=there, regions=regions, over=first < today, log=True)


def touch_entry(write: Write, identity: int, today: date) -> None:
    """The same for one entry."""
    found = write.session.execute(select_concerned(), {"entry": identity}).all()
    branches = {one for row in found for one in row[:5]}
    regions = {one for row in found for one in row[5:7]}
    if found:
        write.touch(branches=branches, regions=regions, over=found[0].day < today, log=True)


@cache
def select_concerned() -> Select[*tuple[Any, ...]]:
    """The branches and regions that show one entry, and its day; built once, as every visit asks for it."""
    owner = aliased(Customer)
    branches = (Activity.branch_id, Posting.branch_id, Customer.branch_id, Territory.branch_id, owner.branch_id)
    statement = select(*branches, Activity.region_id, Opportunity.region_id, Activity.day)
    stays = (Posting.manager_id == Activity.manager_id) & not_over(Activity.day)
    statement = statement.outerjoin_from(Activity, Posting, stays)
    statement = statement.outerjoin(Customer, Customer.id == Activity.customer_id)
    statement = statement.outerjoin(Territory, Territory.id == Customer.territory_id)
    statement = statement.outerjoin(Opportunity, Opportunity.id == Activity.opportunity_id)
    statement = statement.outerjoin(owner, owner.id == Opportunity.customer_id)
    return statement.where(Activity.id == bindparam("entry"))
