"""A row of a batch that is not accepted is there for nobody; where no batch waits, statements go without the condition."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import pytest
from sqlalchemy import event, func, insert, select

from db.engine import Store
from db.log.columns.fetching import fetch_changed
from db.models import Customer, ImportBatch
from db.store.unaccepted import WAITING
from tests.support.builders import EAST, WANG, bank

BATCH = dict.fromkeys(("kind", "file_name", "sha256", "account"), "x") | dict.fromkeys(
    ("rows", "accepted", "duplicates", "rejected"), 0
)
CUSTOMERS = select(func.count()).select_from(Customer).where(Customer.branch_id == EAST)


def batch_waits(store: Store) -> None:
    """Somebody stores a customer of a batch that is not accepted."""
    with store.noting("somebody") as write:
        values = BATCH | {"at": datetime(2026, 11, 16), "version": None}
        batch = write.session.scalar(insert(ImportBatch).values(values).returning(ImportBatch.id))
        write.session.execute(insert(Customer).values(branch_id=EAST, manager_id=WANG, name="甲", batch_id=batch))


@contextmanager
def sent(store: Store) -> Iterator[list[str]]:
    """The statements that reach the database and name customers."""
    heard: list[str] = []

    def hear(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if "customer" in statement:
            heard.append(statement)

    event.listen(store.engine, "after_cursor_execute", hear)
    yield heard
    event.remove(store.engine, "after_cursor_execute", hear)


def plan(store: Store, statement: str) -> str:
    with store.engine.connect() as connection:
        return " ".join(row[-1] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", (EAST,)))


def test_customers_are_counted_out_of_the_index_alone_where_no_batch_waits(sqlite_store):
    bank(sqlite_store)
    with sent(sqlite_store) as asked, sqlite_store.moment(), sqlite_store.reading() as connection:
        connection.scalar(CUSTOMERS)
    assert "COVERING INDEX ix_customer_branch_name" in plan(sqlite_store, asked[-1])
    batch_waits(sqlite_store)
    with sent(sqlite_store) as asked, sqlite_store.reading() as connection:
        connection.scalar(CUSTOMERS)
    assert "COVERING INDEX ix_customer_branch_name" not in plan(sqlite_store, asked[-1])


def test_what_has_changed_is_found_by_its_version_while_a_batch_waits_or_is_undone(sqlite_store):
    bank(sqlite_store)
    batch_waits(sqlite_store)
    asked: list[str] = []
    event.listen(sqlite_store.engine, "after_cursor_execute", lambda _one, _two, sent, *_more: asked.append(sent))
    with sqlite_store.reading(snapshot=True) as connection:
        fetch_changed(connection, 0)
    changed = next(one for one in asked if "UNION ALL" in one)
    with sqlite_store.engine.connect() as connection:
        steps = " ".join(row[-1] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {changed}", (0,)))
    assert "ix_activity_version (version>?)" in steps and "ix_import_batch_undo_version (undo_version>?)" in steps
    assert "SCAN activity" not in steps and "SCAN going" not in steps


@pytest.mark.both_engines
def test_whether_a_batch_waits_is_asked_once_a_moment_and_never_again_inside(store):
    bank(store)
    asked: list[str] = []
    event.listen(store.engine, "before_cursor_execute", lambda _one, _two, statement, *_more: asked.append(statement))
    with store.moment(), store.reading() as connection:
        for _ in range(3):
            connection.scalar(CUSTOMERS)
    assert sum(WAITING in one for one in asked) == 1
    with store.moment():
        store.version()
    assert sum(WAITING in one for one in asked) == 1, "nobody asks who reads none of these tables"


@pytest.mark.both_engines
@pytest.mark.parametrize("way", ["reading", "moment", "judging", "noting", "writing"])
def test_no_way_to_read_shows_a_row_of_a_batch_that_waits(store, way):
    bank(store)

    def count() -> int:
        if way == "moment":
            with store.moment(), store.reading() as connection:
                return connection.scalar(CUSTOMERS)
        if way == "reading":
            with store.reading() as connection:
                return connection.scalar(CUSTOMERS)
        with getattr(store, way)("test") as write:
            return write.session.scalar(CUSTOMERS)

    assert count() == 0
    other = Store(store.url)
    batch_waits(other)
    other.close()
    assert count() == 0
    with store.noting("test") as write:
        write.session.execute(ImportBatch.__table__.update().values(version=1))
    assert count() == 1


@pytest.mark.both_engines
@pytest.mark.parametrize("snapshot", [False, True])
def test_a_batch_that_comes_between_two_reads_of_one_transaction_is_not_seen(store, snapshot):
    bank(store)
    other = Store(store.url)
    with store.reading(snapshot=snapshot) as connection:
        assert connection.scalar(CUSTOMERS) == 0
        batch_waits(other)
        assert connection.scalar(CUSTOMERS) == 0
    other.close()
