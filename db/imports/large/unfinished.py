"""What a large import left that did not come to its end: nobody sees it, and it is taken out again."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from sqlalchemy import Select, delete, func, select, update

from db.engine import Store, Write, now
from db.imports.large.spool import clear_spools
from db.imports.large.withdrawing import finish_all
from db.jobs import ACCOUNT, job
from db.log.arriving import unaccepted
from db.models import ImportBatch
from db.store.parts import NOTHING
from db.store.unaccepted import every_row

ARRIVING = ("activity", "opportunity", "customer")  # in the order they can be deleted in
ALIVE = timedelta(minutes=5)  # after which an import that has stored nothing is taken for dead
AT_ONCE = 5_000  # rows a write
Range = tuple[int, int]  # ids after the first, up to the second


def last_ids(write: Write, names: Sequence[str] = ARRIVING) -> dict[str, int]:
    """The largest id of each table, unaccepted rows too."""
    tables = {name: every_row(name, "id") for name in names}
    return {name: write.session.scalar(select(func.max(one.c.id))) or 0 for name, one in tables.items()}


def take_out(write: Write, batch: int, ids: Mapping[str, Range]) -> None:
    """Deletes rows of a batch that is not accepted."""
    for name in ARRIVING:
        after, upto = ids.get(name, (0, 0))
        rows = every_row(name, "id", "batch_id")
        for start in range(after, upto, AT_ONCE):
            write.let_others()
            some = rows.c.id.between(start + 1, min(start + AT_ONCE, upto))
            write.session.execute(delete(rows).where(some, rows.c.batch_id == batch))


def of_batch(write: Write, batch: int) -> dict[str, Range]:
    """Where the rows of the batch lie."""
    found: dict[str, Range] = {}
    for name in ARRIVING:
        rows = every_row(name, "id", "batch_id")
        first, last = write.session.execute(
            select(func.min(rows.c.id), func.max(rows.c.id)).where(rows.c.batch_id == batch)
        ).one()
        found[name] = (first - 1, last) if first is not None else (0, 0)
    return found


def dead() -> Select[int]:
    """Batches whose import has stored nothing for a while and was not cleared away."""
    return unaccepted().where(ImportBatch.undone_at.is_(None), ImportBatch.at < now() - ALIVE)


@job("unfinished imports", every=timedelta(minutes=5))
def clear_unfinished(store: Store, _today: date) -> None:
    """Imports that were killed leave nothing behind, in the store and on this machine's disk; undoings that were go on."""
    clear_spools()
    clear_away(store)
    finish_all(store)


def clear_away(store: Store) -> None:
    """Takes out what imports left that were killed, a portion at a time. The list of imports says so, and the trail."""
    with store.reading(*NOTHING) as connection:
        left = list(connection.scalars(dead()))
    for batch in left:
        with store.noting(ACCOUNT) as write:
            taken = update(ImportBatch).where(ImportBatch.id == batch, ImportBatch.undone_at.is_(None))
            if (
                write.session.execute(taken.values(undone_at=write.now, accepted=0).returning(ImportBatch.id)).first()
                is not None
            ):
                write.audit("undo", "import_batch", batch, None, {"rows": 0, "kept": 0})
            ids = of_batch(write, batch)
        empty(store, batch, ids)


def empty(store: Store, batch: int, ids: Mapping[str, Range]) -> None:
    """Deletes the rows of the batch, a write for some at a time."""
    for name in ARRIVING:
        after, upto = ids.get(name, (0, 0))
        for start in range(after, upto, AT_ONCE):
            with store.noting(ACCOUNT) as write:
                take_out(write, batch, {name: (start, min(start + AT_ONCE, upto))})
