"""From a URL to an engine: SQLite with what every connection is told, or PostgreSQL."""

import re
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager, suppress

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry

from db.errors import StorageError
from db.store import faults, unaccepted
from db.store.locking import NextInLine
from db.store.on_disk import DatabaseFile

BUSY_SECONDS = 5  # how long the writer's lock is waited for
WIDE_CACHE = 65_536  # KiB
NO_URL = "“{url}” is not a database URL; write sqlite:///path.db or postgresql://…"


def connect(url: str) -> Engine:
    """An engine for SQLite (WAL, every write begins IMMEDIATE) or PostgreSQL; `postgresql://` means psycopg 3.

    Raises StorageError when the URL is not one of the two."""
    try:
        parsed = make_url(url)
    except Exception as error:
        raise StorageError(NO_URL, url=without_password(url)) from error
    if parsed.get_backend_name() == "postgresql":
        engine = create_engine(
            parsed.set(drivername="postgresql+psycopg"),
            pool_size=10,
            max_overflow=60,
            pool_pre_ping=True,
            hide_parameters=True,  # an error's text must not carry what was to be stored
        )
        unaccepted.leave_out(engine)
        return engine
    if parsed.get_backend_name() != "sqlite":
        raise StorageError(NO_URL, url=without_password(url))
    if parsed.database in (None, "", ":memory:"):
        raise StorageError("A database in memory is gone with its connection; write sqlite:///path.db")
    file = DatabaseFile(parsed)
    next_in_line = NextInLine(file.path)
    engine = create_engine(
        parsed, creator=lambda: file.connect(BUSY_SECONDS), pool_size=10, max_overflow=60, hide_parameters=True
    )
    unaccepted.leave_out(engine)
    event.listen(engine, "handle_error", faults.forget_read_only)

    @event.listens_for(engine, "connect")
    def configure(connection: sqlite3.Connection, _record: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # the driver must not open transactions of its own
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        file.check()
        options = connection.get_execution_options()
        if not options.get("immediate"):
            connection.exec_driver_sql("BEGIN")
            return
        with next_in_line.place(options.get("patience", BUSY_SECONDS)) as left:
            connection.exec_driver_sql(f"PRAGMA busy_timeout = {left * 1000:.0f}")
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    @event.listens_for(engine, "commit")
    def commit(connection: Connection) -> None:
        file.check()  # what is acknowledged lies where it will be looked for

    @event.listens_for(engine, "engine_disposed")
    def closed(_engine: Engine) -> None:
        file.forget()

    return engine


@contextmanager
def wide_cache(connection: Connection) -> Generator[None]:
    """For a write of many rows: SQLite keeps more pages of its indices in memory, as long as it lasts."""
    if connection.dialect.name != "sqlite":
        yield
        return
    usual = connection.exec_driver_sql("PRAGMA cache_size").scalar_one()
    connection.exec_driver_sql(f"PRAGMA cache_size = -{WIDE_CACHE}")
    try:
        yield
    finally:
        with suppress(DBAPIError):  # nothing but its size is lost with a connection that fails
            connection.exec_driver_sql(f"PRAGMA cache_size = {usual}")


def without_password(url: str) -> str:
    return re.sub(r"(?<=://)[^/@]*@", "…@", url)
