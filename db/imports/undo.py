"""Undoing an import: every row of the batch goes out again, except those that somebody has edited since."""

from dataclasses import dataclass
from typing import cast

import polars as pl
from sqlalchemy import ColumnElement, CursorResult, and_, exists, false, func, select, true, update
from sqlalchemy.orm import aliased

from db import privacy
from db.access import Viewer, may, reach, within, writing
from db.engine import BANK_TIME, Write, bank_day
from db.errors import Refused
from db.imports.kinds import BY_NAME
from db.log.touching import touch
from db.models import Activity, Audit, ClosedDay, Customer, ImportBatch, Manager
from db.privacy import masked_name

NO_SUCH_BATCH = "There is no import batch {batch}: check the number."
NOT_AN_EDIT = ("conflict", "refuse")  # what the trail says of an entry that was not changed
edit = aliased(Audit)
EDITS = (edit.entity == "activity", edit.entity_id == Activity.id, edit.action.not_in(NOT_AN_EDIT))
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


def undo_batch(viewer: Viewer, batch: int) -> Undone:
    """Withdraws every activity of a batch that nobody has edited since, and frees its reference so that the file may
    come again. What was edited stays, with its reference: the file then finds it stored.

    Raises Refused for a batch that is unknown within the viewer's scope, of another kind, or undone; for one with rows
    beyond their scope or on a closed day that they may not open."""
    place = {"region": ImportBatch.region_id, "branch": ImportBatch.branch_id, "manager": ImportBatch.manager_id}
    with writing(viewer) as write:
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
        of_batch = Activity.batch_id == batch
        within_scope(viewer, write, of_batch)
        untouched = and_(of_batch, ~edited_since(write, batch))
        check_open(viewer, write, untouched)
        kept = edited(viewer, write, batch)
        touch(write, of_batch, bank_day())
        withdrawn = update(Activity).where(untouched)
        values = {"voided_at": write.now, "version": write.version, "reference": None}
        withdrawal = write.session.execute(withdrawn.values(values), execution_options={"synchronize_session": False})
        rows = cast(CursorResult[()], withdrawal).rowcount
        found.undone_at = write.now
        write.audit("undo", "import_batch", batch, None, {"rows": rows, "kept": kept.height})
        return Undone(rows, kept)


def within_scope(viewer: Viewer, write: Write, of_batch: ColumnElement[bool]) -> None:
    """Raises Refused where a row of the batch is another's: a manager who has moved brought their own from
    everywhere."""
    place = {"region": Activity.region_id, "branch": Activity.branch_id, "manager": Activity.manager_id}
    beyond = select(func.count()).where(of_batch, ~within(viewer, "undo_import", **place))
    if write.session.scalar(beyond):
        raise Refused(
            "The batch contains rows outside your scope: whoever imported it can undo it, or the administrator."
        )


def check_open(viewer: Viewer, write: Write, rows: ColumnElement[bool]) -> None:
    """Raises Refused where one of the rows lies on a closed day that the viewer may not open."""
    there = reach(viewer, "close_day")
    may_open = false() if there is None else and_(true(), *(ClosedDay.branch_id == branch for branch in there.values()))
    closed = and_(ClosedDay.branch_id == Activity.branch_id, ClosedDay.day == Activity.day)
    first = select(Activity.day).join(ClosedDay, closed).where(rows, ~may_open).order_by(Activity.day).limit(1)
    day = write.session.scalar(first)
    if day is not None:
        raise Refused("The evening meeting has closed {day}: ask the branch head to undo the batch.", day=day)


def edited_since(write: Write, batch: int) -> ColumnElement[bool]:
    """Whether a row of the batch was changed after it came in: its version is later than that of the write that brought
    it, or the trail says so."""
    brought = write.session.scalar(select(func.min(Activity.version)).where(Activity.batch_id == batch))
    return (Activity.version > brought) | exists().where(*EDITS)


def edited(viewer: Viewer, write: Write, batch: int) -> pl.DataFrame:
    """The rows of the batch that were changed since (KEPT). Customers are whole for those who look after them, masked
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
        .where(Activity.batch_id == batch, edited_since(write, batch))
        .order_by(Activity.day, Activity.id)
    )
    rows = [
        (*row[:7], [name for name in row[7] or {} if name != "version"], *row[8:])
        for row in write.session.execute(statement)
    ]
    found = pl.DataFrame(rows, KEPT | {"whole": pl.Boolean}, orient="row")
    masked = masked_name(pl.col("customer_name")) if may(viewer, "read_customers") else pl.lit(None, pl.String)
    name = pl.when("whole").then("customer_name").otherwise(masked)
    return found.with_columns(pl.col("at") + BANK_TIME, customer_name=name).drop("whole")
