"""What was taken out of the store is also taken off the disk: rows that were changed or deleted leave their bytes behind
until the space is written anew."""

import sqlite3
import time
from contextlib import closing

from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from db.store.on_disk import path_of

PATIENCE = 10.0  # seconds that others are waited for
STEP = 0.2
TABLES = (  # where PostgreSQL keeps what a customer is known by, and what was written of them
    "customer",
    "activity",
    "opportunity",
    "trail_key",
    "meeting_note",
    "own_reason",
    "commitment",
    "shelf_entry",
    "interview",
    "agreed_action",
    "message",
    "visiting_day",
    "import_batch",
    "draft",
)


def sweep(engine: Engine) -> bool:
    """Writes the tables anew. False where somebody used them all the while: then the bytes stay until the next time."""
    return sweep_sqlite(engine) if engine.dialect.name == "sqlite" else sweep_postgres(engine)


def sweep_sqlite(engine: Engine) -> bool:
    until = time.monotonic() + PATIENCE
    with closing(sqlite3.connect(path_of(engine.url), isolation_level=None, timeout=PATIENCE)) as connection:
        while True:
            try:
                connection.execute("VACUUM")
                busy, *_pages = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
                if not busy:
                    return True
            except sqlite3.OperationalError:
                pass
            if time.monotonic() > until:
                return False
            time.sleep(STEP)


def sweep_postgres(engine: Engine) -> bool:
    """Each table by itself; its write-ahead log keeps the old bytes until it is recycled."""
    whole = True
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"SET lock_timeout = {PATIENCE * 1000:.0f}"))
        for name in TABLES:
            try:
                connection.execute(text(f"VACUUM FULL {name}"))
            except OperationalError:
                connection.execute(text(f"VACUUM {name}"))
                whole = False
        connection.execute(text("RESET lock_timeout"))
    return whole
