"""Whom a change of the activity log concerns: every part of the bank that shows one of its entries."""

from datetime import date

from sqlalchemy import ColumnElement, func, select, union

from db.engine import Write
from db.models import Activity, Customer, Opportunity, Territory
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
    write.touch(branches=there, regions=regions, over=first < today)
