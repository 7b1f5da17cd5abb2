"""The rows of a batch that was undone: gone for everybody with the write that undid it, and withdrawn one by one, those of a
large batch in turns with others."""

from collections.abc import Generator
from contextlib import contextmanager, suppress

import polars as pl
from sqlalchemy import delete, exists, func, select, update

from db.engine import Store, Write
from db.imports.large import turns
from db.jobs import ACCOUNT
from db.models import Activity, ImportBatch, KeptEntry
from db.store.bulk import insert_frame
from db.store.parts import NOTHING
from db.store.unaccepted import every_row

AT_ONCE = 1_000  # rows a statement: whoever waits does so no longer than for these


class _Done(Exception):
    """Somebody else has withdrawn the last rows."""


def begin(write: Write, batch: ImportBatch, kept: pl.Series) -> None:
    """From this write on nobody sees a row of the batch, but those with the ids that are `kept`."""
    batch.undone_at, batch.undo_version = write.now, write.version
    write.session.flush()
    if kept.len():
        insert_frame(write.session, KeptEntry, pl.DataFrame({"activity_id": kept}).with_columns(batch_id=batch.id))


def withdraw(write: Write, batch: int) -> None:
    """Withdraws the rows that are left, frees their references, and ends it."""
    rows = every_row("activity", "id", "batch_id")
    lies = select(func.min(rows.c.id), func.max(rows.c.id)).where(rows.c.batch_id == batch)
    first, last = write.session.execute(lies).one()
    undone = select(ImportBatch.undone_at, ImportBatch.undo_version).where(ImportBatch.id == batch)
    at, version = write.session.execute(undone).one()
    values = {"voided_at": at, "version": version, "reference": None}
    stays = exists().where(KeptEntry.activity_id == Activity.id)
    for start in range(first or 1, (last or 0) + 1, AT_ONCE):
        write.let_others()
        some = Activity.id.between(start, start + AT_ONCE - 1)
        left = update(Activity).where(some, Activity.batch_id == batch, Activity.voided_at.is_(None), ~stays)
        write.session.execute(left.values(values), execution_options={"synchronize_session": False})
    write.session.execute(delete(KeptEntry).where(KeptEntry.batch_id == batch))
    write.session.execute(update(ImportBatch).where(ImportBatch.id == batch).values(undo_version=None))


def finish(store: Store, batch: int) -> None:
    """The same in writes of its own, which can be begun again wherever they broke off."""
    undone = select(ImportBatch.undo_version).where(ImportBatch.id == batch)

    @contextmanager
    def opened() -> Generator[Write]:
        with store.noting(ACCOUNT) as write:
            if write.session.scalar(undone) is None:
                raise _Done
            yield write

    with suppress(_Done), turns.taken(store, opened, 0, at_leisure=True) as write:
        withdraw(write, batch)


def finish_all(store: Store) -> None:
    """Withdraws what is left of batches whose undoing was broken off."""
    with store.reading(*NOTHING) as connection:
        left = list(connection.scalars(select(ImportBatch.id).where(ImportBatch.undo_version.is_not(None))))
    for batch in left:
        finish(store, batch)
