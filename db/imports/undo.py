"""Undoing an import: every row of the batch goes out again, except those that somebody has edited since."""

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date

import polars as pl
from sqlalchemy import ColumnElement, and_, exists, false, func, or_, select, true
from sqlalchemy.orm import aliased

from db import privacy
from db.access import Viewer, may, reach, within, writing
from db.engine import BANK_TIME, Write, bank_day
from db.errors import Refused, StorageError
from db.imports.kinds import BY_NAME
from db.imports.large import withdrawing
from db.log.touching import touch
from db.models import Activity, Audit, Branch, ChangeCounter, ClosedDay, Customer, ImportBatch, Manager
from db.privacy import masked_name
from db.store.bulk import listed
from db.store.parts import Touched

ROWS = 20_000  # of the largest batch whose rows are withdrawn with the write that undoes it
NO_SUCH_BATCH = "There is no import batch {batch}: check the number."
NOT_AN_EDIT = ("conflict", "refuse")  # what the trail says of an entry that was not changed
edit = aliased(Audit)
EDITED = (edit.action.not_in(NOT_AN_EDIT),)
EDITS = (edit.entity == "activity", edit.entity_id == Activity.id, *EDITED)
KEPT = {
    "id": pl.Int64,
    "day": pl.Date,
    "manager": pl.Int32,
    "manager_name": pl.String,
    "customer": pl.Int64,
    "customer_name": pl.String,
    "action": pl.String,
    "fields": pl.List(pl.String),
    "account": pl.String,
    "at": pl.Datetime,
}


@dataclass(frozen=True)
class Undone:
    """`rows` were withdrawn; `kept` has one row for each that was edited since (KEPT), its customer null where the viewer may not open them: what was last done to it, to
    which of its fields, by whom and when on the bank's clock; all four null where it changed with its customer."""

    rows: int
    kept: pl.DataFrame


@dataclass(frozen=True)
class Judged:
    """What an undoing comes to: whom it `touched`, the days that were `closed` to the viewer (branch, day), as the store
    stood at the version `seen`, `trail` being the end of the audit trail."""

    undone: Undone
    touched: Touched
    closed: set[tuple[int, date]]
    seen: int
    trail: int


def undo_batch(viewer: Viewer, batch: int) -> Undone:
    """Withdraws every activity of a batch that nobody has edited since, and frees its reference so that the file may
    come again. What was edited stays, with its reference: the file then finds it stored.

    Of a large batch it is judged in one moment what goes, while others write; a short write makes it so for everybody, and
    the rows are withdrawn after it, in turns with others (db.imports.large.withdrawing).

    Raises Refused for a batch that is unknown within the viewer's scope, of another kind, or undone; for one with rows
    beyond their scope or on a closed day that they may not open."""
    with viewer.store.judging(viewer.account) as write:
        rows = write.session.scalar(select(ImportBatch.accepted).where(ImportBatch.id == batch))
        is_large, judged = rows is not None and rows > ROWS, None
        if is_large:
            to_undo(viewer, write, batch)
            judged = judge(viewer, write, batch)
    with writing(viewer) as write:
        found = to_undo(viewer, write, batch)
        judged = judge(viewer, write, batch) if judged is None else judged_again(viewer, write, batch, judged)
        undone, write.touched = judged.undone, judged.touched
        withdrawing.begin(write, found, undone.kept["id"])
        write.audit("undo", "import_batch", batch, None, {"rows": undone.rows, "kept": undone.kept.height})
        if not is_large:
            withdrawing.withdraw(write, batch)
    if is_large:
        with suppress(StorageError):  # it is undone, and the job goes on with its rows
            withdrawing.finish(viewer.store, batch)
    return undone


def to_undo(viewer: Viewer, write: Write, batch: int) -> ImportBatch:
    place = {"region": ImportBatch.region_id, "branch": ImportBatch.branch_id, "manager": ImportBatch.manager_id}
    in_scope = select(ImportBatch).where(ImportBatch.id == batch, within(viewer, "undo_import", **place))
    found = write.session.scalars(in_scope).first()
    if found is None or found.version is None:
        raise Refused(NO_SUCH_BATCH, batch=batch)
    if not BY_NAME[found.kind].undoable:
        raise Refused(
            "Batch {batch} contains {kind} and cannot be undone: import a corrected file instead.",
            batch=batch,
            kind=found.kind,
        )
    if found.undone_at is not None:
        raise Refused("Batch {batch} was undone already.", batch=batch)
    return found


def judge(viewer: Viewer, write: Write, batch: int) -> Judged:
    """What goes and what stays, as the store stands now."""
    of_batch = Activity.batch_id == batch
    within_scope(viewer, write, of_batch)
    since = edited_since(write, batch)
    check_open(viewer, write, and_(of_batch, ~since))
    kept = edited(viewer, write, and_(of_batch, since))
    touch(write, of_batch, bank_day())
    rows = write.session.scalar(select(func.count()).select_from(Activity).where(of_batch)) or 0
    seen = write.session.scalar(select(ChangeCounter.value)) or 0
    return Judged(Undone(rows - kept.height, kept), write.touched, closed(viewer, write), seen, last_of_trail(write))


def judged_again(viewer: Viewer, write: Write, batch: int, before: Judged) -> Judged:
    """What it comes to after what others have written since: a look at that alone."""
    of_trail = select(edit.entity_id).where(edit.id > before.trail, edit.entity == "activity", *EDITED)
    newer = select(Activity.id, Activity.batch_id).where(Activity.version > before.seen)
    changed = {one for one, brought in write.session.execute(newer) if brought == batch}
    changed |= {one for one in write.session.scalars(of_trail) if one is not None}
    ids = listed(write.session, pl.Series(sorted(changed), dtype=pl.Int64), Activity.id.type)
    some = and_(Activity.batch_id == batch, Activity.id.in_(select(ids.c.value)))
    within_scope(viewer, write, some)
    again = edited(viewer, write, some)
    kept = before.undone.kept
    kept = pl.concat([kept.join(again, on="id", how="anti"), again]).sort("day", "id")
    rows = before.undone.rows + before.undone.kept.height - kept.height
    for branch, day in sorted(closed(viewer, write) - before.closed):
        there = and_(Activity.branch_id == branch, Activity.day == day, Activity.batch_id == batch)
        check_open(viewer, write, and_(there, Activity.id.not_in(kept["id"].to_list())))
    touched = before.touched
    if write.version > before.seen + 1:  # somebody has written: customers may belong elsewhere by now
        everywhere = set(write.session.scalars(select(Branch.id)))
        touched = Touched(log_branches=everywhere, of_the_past=everywhere)
    return replace(before, undone=Undone(rows, kept), touched=touched)


def last_of_trail(write: Write) -> int:
    return write.session.scalar(select(func.max(Audit.id))) or 0


def within_scope(viewer: Viewer, write: Write, of_batch: ColumnElement[bool]) -> None:
    """Raises Refused where a row of the batch is another's: a manager who has moved brought their own from
    everywhere."""
    place = {"region": Activity.region_id, "branch": Activity.branch_id, "manager": Activity.manager_id}
    beyond = select(func.count()).where(of_batch, ~within(viewer, "undo_import", **place))
    if write.session.scalar(beyond):
        raise Refused(
            "The batch contains rows outside your scope: whoever imported it can undo it, or the administrator."
        )


def is_beyond(there: dict[str, int] | None) -> ColumnElement[bool]:
    """Whether a closed day is one that nobody opens whose right to it reaches so far."""
    return true() if there is None else or_(false(), *(ClosedDay.branch_id != branch for branch in there.values()))


def closed(viewer: Viewer, write: Write) -> set[tuple[int, date]]:
    """The branches and days that are closed to the viewer."""
    days = select(ClosedDay.branch_id, ClosedDay.day).where(is_beyond(reach(viewer, "close_day")))
    return {(branch, day) for branch, day in write.session.execute(days)}


def check_open(viewer: Viewer, write: Write, rows: ColumnElement[bool]) -> None:
    """Raises Refused where one of the rows lies on a closed day that the viewer may not open."""
    here = and_(ClosedDay.branch_id == Activity.branch_id, ClosedDay.day == Activity.day)
    first = (
        select(Activity.day)
        .join(ClosedDay, here)
        .where(rows, is_beyond(reach(viewer, "close_day")))
        .order_by(Activity.day)
        .limit(1)
    )
    day = write.session.scalar(first)
    if day is not None:
        raise Refused("The evening meeting has closed {day}: ask the branch head to undo the batch.", day=day)


def edited_since(write: Write, batch: int) -> ColumnElement[bool]:
    """Whether a row of the batch was changed after it came in: its version is later than that of the write that brought
    it, or the trail says so."""
    brought = write.session.scalar(select(func.min(Activity.version)).where(Activity.batch_id == batch))
    return (Activity.version > brought) | exists().where(*EDITS)


def edited(viewer: Viewer, write: Write, rows: ColumnElement[bool]) -> pl.DataFrame:
    """The rows that were changed since (KEPT). Customers are whole for those who look after them, masked
    for who may see that there are any, and left out for everyone else."""
    shown = privacy.seen_whole(viewer) if may(viewer, "read_customers") else false()
    last = select(func.max(edit.id)).where(*EDITS).scalar_subquery()
    columns = (
        Activity.id,
        Activity.day,
        Manager.id,
        Manager.name,
        privacy.open_to(viewer),
        Customer.name,
        Audit.action,
        Audit.after,
        Audit.account,
        Audit.at,
        shown,
    )
    statement = (
        select(*columns)
        .join(Manager, Manager.id == Activity.manager_id)
        .outerjoin(Customer, Customer.id == Activity.customer_id)
        .outerjoin(Audit, Audit.id == last)
        .where(rows)
        .order_by(Activity.day, Activity.id)
    )
    found = [
        (*row[:7], [name for name in row[7] or {} if name != "version"], *row[8:])
        for row in write.session.execute(statement)
    ]
    kept = pl.DataFrame(found, KEPT | {"whole": pl.Boolean}, orient="row")
    masked = masked_name(pl.col("customer_name")) if may(viewer, "read_customers") else pl.lit(None, pl.String)
    name = pl.when("whole").then("customer_name").otherwise(masked)
    return kept.with_columns(pl.col("at") + BANK_TIME, customer_name=name).drop("whole")
