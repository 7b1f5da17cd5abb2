"""Customers passed from one manager to another on a day."""

from datetime import date, timedelta

from sqlalchemy import func, select, update

from db import privacy
from db.access import Viewer, writing
from db.customers import merging
from db.engine import Store, Write
from db.errors import Refused
from db.jobs import job
from db.log.touching import touch
from db.models import Activity, Customer, Handover, Manager, Opportunity
from db.people import people
from db.pipeline import open_needs


def hand_over(viewer: Viewer, wanted: list[int], manager: int, day: date, today: date) -> None:
    """Passes customers and their open opportunities to another manager from a day on; what was done stays with whoever
    did it. A day to come waits until then. Raises Refused for a manager who does not work on that day, or a day that is
    past; NotAllowed where a customer or the manager is out of the viewer's scope."""
    if not wanted:
        raise Refused("Choose the customers first.")
    if day < today:
        raise Refused("{day} is past: a hand-over is for today or a later day.", day=day)
    people.posted(viewer, "hand_over_customers", manager, day)
    with writing(viewer) as write:
        for customer in wanted:
            held = merging.in_reach(viewer, "hand_over_customers", write, customer)
            if held.manager_id == manager:
                raise Refused("They already look after this customer.")
            waiting = (Handover.customer_id == customer, Handover.done_at.is_(None))
            for earlier in write.session.scalars(select(Handover).where(*waiting)):
                write.session.delete(earlier)  # the latest word counts
            passing = Handover(
                customer_id=customer,
                from_manager_id=held.manager_id,
                to_manager_id=manager,
                day=day,
                account=write.account,
            )
            write.session.add(passing)
            write.touch(branches=[held.branch_id])
            after = {"manager": manager, "day": day}
            write.audit("hand_over", "customer", customer, {"manager": held.manager_id}, after)
            if day <= today:
                carry_out(viewer.store, write, passing, today)


def carry_out(store: Store, write: Write, passing: Handover, today: date) -> None:
    held = write.session.get_one(Customer, passing.customer_id)
    place = people.branch_on(store, passing.to_manager_id, today)
    passing.done_at = write.now
    write.touch(branches=[held.branch_id])
    if place is None or held.merged_into_id is not None:  # they have left meanwhile: the customer stays where they are
        return
    write.touch(branches=[held.branch_id, place[1]])
    merging.touch_opportunities(write, held.id)
    touch(write, Activity.customer_id == held.id, today)
    held.manager_id, held.branch_id = passing.to_manager_id, place[1]
    still = (Opportunity.customer_id == held.id, open_needs.still_open())
    write.session.execute(update(Opportunity).where(*still).values(manager_id=passing.to_manager_id))


@job("hand_overs", every=timedelta(seconds=30))
def carry_out_due(store: Store, today: date) -> None:
    """Carries out the hand-overs whose day has come; a new one for today is carried out at once."""
    due = (Handover.done_at.is_(None), Handover.day <= today)
    with store.reading() as connection:
        waiting = connection.execute(select(func.count()).select_from(Handover).where(*due)).scalar()
    if waiting:
        with store.writing("hand-over") as write:
            for passing in write.session.scalars(select(Handover).where(*due).order_by(Handover.day, Handover.id)):
                carry_out(store, write, passing, today)


def waiting(viewer: Viewer, customer: int) -> tuple[str, date] | None:
    """To whom, and from which day on, a customer of the viewer's scope will pass; None when to nobody."""
    with viewer.reading() as connection:
        statement = (
            select(Manager.name, Handover.day)
            .join(Manager, Manager.id == Handover.to_manager_id)
            .join(Customer, Customer.id == Handover.customer_id)
            .where(Handover.customer_id == customer, Handover.done_at.is_(None), privacy.seen_whole(viewer))
        )
        found = connection.execute(statement).first()
    return tuple(found) if found else None
