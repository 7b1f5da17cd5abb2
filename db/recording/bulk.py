"""Many opportunities at once: closed for one reason, or given one next step. Whatever somebody touched meanwhile is left
as it is."""

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import date

from sqlalchemy import Row, exists, select

from db.access import Viewer, check, writing
from db.codes import LOST_REASONS
from db.engine import Write
from db.errors import Refused
from db.log.entry import Entry, digest
from db.log.touching import touch
from db.meetings import closing
from db.models import Activity, Customer, Opportunity
from db.pipeline.open_needs import still_open
from db.pipeline.opportunities import branch_of
from db.privacy import validate_text
from db.recording.moving import NO_SUCH, lost_reason

AT_ONCE = 500  # ids in one question
Held = Row[Opportunity, int, bool]  # with its branch, and whether it is as it was seen


def close(viewer: Viewer, wanted: Collection[int], kind: str, reason: str, seen: int, today: date) -> int:
    """Records for each that it was rejected or withdrawn, and why (moving.lose), and gives for how many. `seen` is the
    store's version as the list was drawn: what was recorded or planned since is left out.

    Raises Refused without a reason or on a closed day, NotAllowed for what is not the viewer's: then nothing is
    stored."""
    reason = lost_reason(kind, reason)

    def end(write: Write, need: Opportunity, branch: int) -> None:
        note = LOST_REASONS.get(reason, reason)
        entry = Entry(kind, today, customer=need.customer_id, product=need.product_id, opportunity=need.id, note=note)
        closing.open_to(viewer, write.session, need.region_id, branch, today)
        row = {"day": today, "region_id": need.region_id, "branch_id": branch, "manager_id": need.manager_id}
        what = {"kind": kind, "customer_id": need.customer_id, "product_id": need.product_id, "note": note}
        stamp = {"recorded_at": write.now, "recorded_by": write.account, "version": write.version}
        reference = f"move {need.id} {kind} {seen}"
        write.session.add(
            Activity(
                **row | what | stamp,
                opportunity_id=need.id,
                effective=need.customer_id is not None,
                reference=reference,
                content=digest(entry),
            )
        )
        before, need.lost_reason = need.lost_reason, reason
        write.audit("move", "opportunity", need.id, {"lost_reason": before}, {"lost_reason": reason})

    return each(viewer, wanted, seen, end)


def plan_step(
    viewer: Viewer, wanted: Collection[int], next_step: str | None, due: date | None, seen: int, today: date
) -> int:
    """Gives each the same next step and day, and says how many; the others as in `close`. Raises Refused without a day
    or for one that is past."""
    step = (next_step or "").strip() or None
    validate_text(step)
    if due is None or due < today:
        raise Refused("The next step lies in the past: choose today or a later day.")

    def plan(write: Write, need: Opportunity, _branch: int) -> None:
        before = {"next_step": need.next_step, "next_step_due": need.next_step_due}
        need.next_step, need.next_step_due = step, due
        write.audit("move", "opportunity", need.id, before, {"next_step": step, "next_step_due": due})

    return each(viewer, wanted, seen, plan)


def each(viewer: Viewer, wanted: Collection[int], seen: int, action: Callable[[Write, Opportunity, int], None]) -> int:
    """Does it to every open one that is as it was seen, all in one transaction."""
    if not wanted:
        raise Refused("Choose the opportunities first.")
    done = 0
    with writing(viewer) as write:
        for need, branch, is_as_seen in found(viewer, write, sorted(set(wanted)), seen):
            place = {"region": need.region_id, "branch": branch, "manager": need.manager_id}
            check(viewer, "record_activity", **place, missing=NO_SUCH)
            if is_as_seen:
                write.touch(branches=[branch], regions=[need.region_id], managers=[need.manager_id], log=True)
                action(write, need, branch)
                done += 1
        write.session.flush()
        touch(write, Activity.opportunity_id.in_(wanted), date.min)
    return done


def found(viewer: Viewer, write: Write, wanted: Sequence[int], seen: int) -> Iterator[Held]:
    """Each opportunity with its branch, and whether it is still open, nothing recorded since and no step planned."""
    later = exists().where(Activity.opportunity_id == Opportunity.id, Activity.version > seen)
    as_seen = still_open() & ~later & Opportunity.next_step_due.is_(None)
    for start in range(0, len(wanted), AT_ONCE):
        some = wanted[start : start + AT_ONCE]
        statement = select(Opportunity, branch_of(), as_seen).outerjoin(
            Customer, Customer.id == Opportunity.customer_id
        )
        rows = write.session.execute(statement.where(Opportunity.id.in_(some))).all()
        if len(rows) < len(some):  # what is not there is answered as what is another's
            check(viewer, "record_activity", region=None, branch=None, manager=None, missing=NO_SUCH)
            raise Refused(NO_SUCH)
        yield from rows
