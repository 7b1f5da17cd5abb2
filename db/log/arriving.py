"""Entries of a large import that is not accepted yet, and whoever else writes meanwhile: what others write comes first, the
import gives way and is judged again where it did. So do entries that are being withdrawn with their batch."""

from collections.abc import Sequence

from sqlalchemy import Select, column, select, table, update

from db.engine import Write
from db.models import Activity, ImportBatch, KeptEntry, Opportunity
from db.store.unaccepted import none_waits

AT_ONCE = 5_000  # keys a statement


def unaccepted() -> Select[int]:
    """The batches that nobody sees."""
    return select(ImportBatch.id).where(ImportBatch.version.is_(None))


def being_undone() -> Select[int]:
    """The batches whose entries are being withdrawn, all but those that are kept."""
    return select(ImportBatch.id).where(ImportBatch.undo_version.is_not(None))


def kept() -> Select[int]:
    return select(KeptEntry.activity_id)


def make_way(write: Write, references: Sequence[str], numbers: Sequence[str] = ()) -> None:
    """Takes these references and numbers of opportunities from rows that are not accepted or being withdrawn, and touches the branches that
    are to be judged again for it."""
    if none_waits(write.session.connection()):
        return
    hidden = table("customer", column("id"), column("branch_id"))
    branches: set[int | None] = set()
    for start in range(0, len(references), AT_ONCE):
        some = Activity.reference.in_(references[start : start + AT_ONCE])
        taken = update(Activity).where(some, Activity.batch_id.in_(unaccepted()))
        taken = taken.values(reference=None, voided_at=write.now).returning(Activity.branch_id)
        branches |= set(write.session.scalars(taken, execution_options={"synchronize_session": False}))
        gone = update(Activity).where(some, Activity.batch_id.in_(being_undone()), Activity.id.not_in(kept()))
        write.session.execute(gone.values(reference=None), execution_options={"synchronize_session": False})
    for start in range(0, len(numbers), AT_ONCE):
        some = Opportunity.number.in_(numbers[start : start + AT_ONCE])
        taken = update(Opportunity).where(some, Opportunity.batch_id.in_(unaccepted()))
        taken = taken.values(number=None).returning(Opportunity.customer_id)
        owners = set(write.session.scalars(taken, execution_options={"synchronize_session": False}))
        branches |= set(write.session.scalars(select(hidden.c.branch_id).where(hidden.c.id.in_(owners))))
    write.touch(branches=branches, log=True)
