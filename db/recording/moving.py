"""Moving an opportunity: a step on by one tap, lost for a reason, its next step planned. Nothing is overwritten
unseen."""

from datetime import date

from sqlalchemy import Connection, Row, func, select

from db.access import Viewer, check, writing
from db.codes import LOST_REASONS
from db.engine import Write
from db.errors import Conflict, Refused
from db.log.entry import Entry, digests
from db.log.touching import touch
from db.models import Activity, Customer, Opportunity
from db.pipeline import open_needs
from db.pipeline.opportunities import branch_of
from db.privacy import validate_text
from db.recording import recording
from db.store.parts import branches_of, not_over

Held = Row[int, int | None, int | None, int, int, int]  # id, customer_id, product_id, manager_id, region, branch
LOST = ("rejected", "withdrawn")
SHORTEST_REASON = 2
NO_SUCH = "There is no such opportunity within your scope."
CHANGED = "Somebody recorded something for this opportunity meanwhile: look at it again before you move it."
REPLANNED = "Somebody planned another next step meanwhile: look at it again before you change it."


def move(
    viewer: Viewer,
    opportunity: int,
    kind: str,
    seen: int,
    today: date,
    *,
    amount_cents: int | None = None,
    note: str | None = None,
) -> int:
    """Records that the opportunity reached a step today, and gives the id of that activity. `seen` is from
    opportunities.details: the same tap again, by whomever, stores nothing and gives the id again.

    Raises Conflict when something else was recorded for it since, Refused when it is over, without customer or product,
    lost without a reason (`lose`) or when the entry breaks a rule, NotAllowed outside the viewer's scope."""
    if kind in LOST and not note:
        raise Refused("Say why it was lost.")
    need = current_opportunity(viewer, opportunity)
    if need.customer_id is None or need.product_id is None:
        raise Refused("Customer or product of this opportunity are not known yet: record the step on the day's page.")
    entry = Entry(
        kind,
        today,
        amount_cents=amount_cents,
        note=note,
        customer=need.customer_id,
        product=need.product_id,
        opportunity=opportunity,
    )
    reference = f"move {opportunity} {kind} {seen}"
    with viewer.reading(snapshot=True) as connection:  # the same tap, just stored, is no change by somebody else
        sent = recording.sent_before(connection, reference, need.manager_id, digests(entry))
        if sent is None:
            check_unchanged(connection, need, seen)
        elif connection.scalar(select(Activity.voided_at).where(Activity.id == sent)) is not None:
            raise Conflict(CHANGED)
    if sent is not None:
        return sent
    return recording.record(viewer, need.manager_id, entry, reference, today)


def current_opportunity(viewer: Viewer, opportunity: int) -> Held:
    """The opportunity, if it is the viewer's to move."""
    columns = (Opportunity.id, Opportunity.customer_id, Opportunity.product_id, Opportunity.manager_id)
    place = (Opportunity.region_id.label("region"), branch_of().label("branch"))
    statement = select(*columns, *place).outerjoin(Customer, Customer.id == Opportunity.customer_id)
    with viewer.reading() as connection:
        found = connection.execute(statement.where(Opportunity.id == opportunity)).first()
    place = (None, None, None) if found is None else (found.region, found.branch, found.manager_id)
    region, branch, manager = place
    check(viewer, "record_activity", region=region, branch=branch, manager=manager, missing=NO_SUCH)
    if found is None:
        raise Refused(NO_SUCH)
    return found


def check_unchanged(connection: Connection, need: Held, seen: int) -> None:
    """Raises Conflict unless the opportunity is as it was seen, Refused when it is over."""
    rows = select(func.max(Activity.version)).where(Activity.opportunity_id == need.id)
    if (connection.scalar(rows) or 0) != seen:
        raise Conflict(CHANGED)
    if connection.scalar(select(Opportunity.id).where(Opportunity.id == need.id, open_needs.still_open())) is None:
        raise Refused(open_needs.OVER)


def lose(viewer: Viewer, opportunity: int, kind: str, reason: str, seen: int, today: date) -> int:
    """Records that the opportunity was rejected or withdrawn, and why: a code of LOST_REASONS, or a few words of one's
    own. Gives the id of the activity, and raises as `move` does; Refused without a reason."""
    reason = lost_reason(kind, reason)
    recorded = move(viewer, opportunity, kind, seen, today, note=LOST_REASONS.get(reason, reason))
    with writing(viewer) as write:
        touch_need(write, opportunity, today)
        need = write.session.get_one(Opportunity, opportunity)
        if need.lost_reason != reason:
            before, need.lost_reason = need.lost_reason, reason
            write.audit("move", "opportunity", opportunity, {"lost_reason": before}, {"lost_reason": reason})
    return recorded


def lost_reason(kind: str, reason: str) -> str:
    """The reason as it is stored. Raises Refused where it is no reason, or `kind` no way to lose."""
    reason = reason.strip()
    if kind not in LOST:
        raise Refused("Choose what happened.")
    if len(reason) < SHORTEST_REASON or reason == "other_reason":
        raise Refused("Say why it was lost.")
    validate_text(reason)
    return reason


def touch_need(write: Write, opportunity: int, today: date) -> None:
    """Whoever sees the opportunity: its customer's branch, its manager's, and those of its steps."""
    held = write.session.get_one(Opportunity, opportunity)
    customer = None if held.customer_id is None else write.session.get_one(Customer, held.customer_id)
    now = branches_of(write.session, [held.manager_id], not_over(today))
    branches = now | ({customer.branch_id} if customer is not None else set())
    write.touch(branches=branches, regions=[held.region_id], log=True)
    touch(write, Activity.opportunity_id == opportunity, date.min)


def plan_step(
    viewer: Viewer,
    opportunity: int,
    next_step: str | None,
    due: date | None,
    today: date,
    seen: tuple[str | None, date | None],
) -> None:
    """Sets what is to be done next, and by which day; `seen` is what stood there when it was looked at.

    Raises Conflict when something else stands there by now, Refused for a day that has passed or a text that may not be
    stored, NotAllowed outside the viewer's scope."""
    after = ((next_step or "").strip() or None, due)
    validate_text(after[0])
    if due is not None and due < today:
        raise Refused("The next step lies in the past: choose today or a later day.")
    current_opportunity(viewer, opportunity)
    with writing(viewer) as write:
        touch_need(write, opportunity, today)
        need = write.session.get_one(Opportunity, opportunity)
        before = (need.next_step, need.next_step_due)
        if before == after:
            return
        if before != seen:
            raise Conflict(REPLANNED)
        need.next_step, need.next_step_due = after
        names = ("next_step", "next_step_due")
        write.audit(
            "move", "opportunity", opportunity, *(dict(zip(names, one, strict=True)) for one in (before, after))
        )
