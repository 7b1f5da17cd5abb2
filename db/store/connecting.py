"""From a URL to an engine: SQLite with what every connection is told, or PostgreSQL."""

import re
import sqlite3

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.pool import ConnectionPoolEntry

from db.errors import StorageError
from db.store import faults
from db.store.on_disk import DatabaseFile

BUSY_SECONDS = 5  # how long the writer's lock is waited for
NO_URL = "“{url}” is not a database URL; write sqlite:///path.db or postgresql://…"


def connect(url: str) -> Engine:
    """An engine for SQLite (WAL, every write begins IMMEDIATE) or PostgreSQL; `postgresql://` means psycopg 3.

    Raises StorageError when the URL is not one of the two."""
    try:
        parsed = make_url(url)
    except Exception as error:
        raise StorageError(NO_URL, url=without_password(url)) from error
    if parsed.get_backend_name() == "postgresql":
        return create_engine(
            parsed.set(drivername="postgresql+psycopg"),
            pool_size=10,
            max_overflow=60,
            pool_pre_ping=True,
            hide_parameters=True,  # an error's text must not carry what was to be stored
        )
    if parsed.get_backend_name() != "sqlite":
        raise StorageError(NO_URL, url=without_password(url))
    if parsed.database in (None, "", ":memory:"):
        raise StorageError("A database in memory is gone with its connection; write sqlite:///path.db")
    file = DatabaseFile(parsed)
    engine = create_engine(
        parsed, creator=lambda: file.connect(BUSY_SECONDS), pool_size=10, max_overflow=60, hide_parameters=True
    )
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
        immediate = options.get("immediate")
        if immediate:
            connection.exec_driver_sql(f"PRAGMA busy_timeout = {options.get('patience', BUSY_SECONDS) * 1000:.0f}")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    @event.listens_for(engine, "commit")
    def commit(connection: Connection) -> None:
        file.check()  # what is acknowledged lies where it will be looked for

    @event.listens_for(engine, "engine_disposed")
    def closed(_engine: Engine) -> None:
        file.forget()

    return engine


def without_password(url: str) -> str:
    return re.sub(r"(?<=://)[^/@]*@", "…@", url)
