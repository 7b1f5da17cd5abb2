"""What a backup holds: a moment of the whole store, copied while others write, with what can be checked of it later."""

import hashlib
import sqlite3
from contextlib import closing
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, func, inspect, select, table, text

from db.backup.archive import PORTION
from db.errors import StorageError
from db.models import ChangeCounter
from db.store import history

SQLITE, POSTGRES = "sqlite", "postgresql"
UNSOUND = "The database is damaged ({reason}): no backup of it was made."
Rows = dict[str, int]


@dataclass(frozen=True)
class Facts:
    """What a backup says of its content: `version` and `token` of the last write, the `revision` of the schema, whose
    store it is (`identity`), the rows of each table, the digest of the content; `schema` is where PostgreSQL kept it.
    `trail_rows` and `trail_hash` are the end of its audit trail, unknown (-1) to backups of older versions."""

    engine: str
    version: int
    token: str
    revision: str
    identity: str
    rows: Rows
    schema: str = ""
    content: str = ""
    trail_rows: int = field(default=-1, compare=False)
    trail_hash: str = field(default="", compare=False)

    def as_record(self) -> dict[str, object]:
        return asdict(self)


def facts(connection: Connection) -> Facts:
    """Of the store as the connection sees it, whichever schema it is at. Raises StorageError where it is none of ours."""
    there = set(inspect(connection).get_table_names())
    if not {"alembic_version", ChangeCounter.__tablename__} <= there:
        raise StorageError("There is nothing of this program in the database: nothing was backed up.")
    counter = text("SELECT value, store_id FROM change_counter")
    (version, identity), revision = connection.execute(counter).one(), text("SELECT version_num FROM alembic_version")
    token = ""
    if history.history.name in there:
        of_the_last = select(history.history.c.token).where(history.history.c.version == version)
        token = connection.execute(of_the_last).scalar() or ""
    trail, columns = (-1, ""), inspect(connection).get_columns(ChangeCounter.__tablename__)
    if "audit_rows" in {one["name"] for one in columns}:
        trail = connection.execute(text("SELECT audit_rows, audit_hash FROM change_counter")).one()
    rows = {name: connection.execute(select(func.count()).select_from(table(name))).scalar_one() for name in there}
    name = connection.dialect.name
    schema = "" if name == SQLITE else str(connection.execute(text("SELECT current_schema()")).scalar_one())
    return Facts(
        name,
        version,
        token,
        str(connection.execute(revision).scalar_one()),
        identity,
        dict(sorted(rows.items())),
        schema,
        "",
        *trail,
    )


def digest(path: Path) -> str:
    found = hashlib.sha256()
    with path.open("rb") as file:
        while part := file.read(PORTION):
            found.update(part)
    return found.hexdigest()


def copy_sqlite(engine: Engine, into: Path) -> Facts:
    """One consistent copy, made in one reading transaction while others write; what was deleted is not in it."""
    into.touch(0o600)
    try:
        with closing(engine.raw_connection()) as connection:
            connection.cursor().execute("VACUUM INTO ?", [str(into)])
    except sqlite3.DatabaseError as error:
        raise StorageError(UNSOUND, reason=str(error)) from error
    return sqlite_facts(into)


def sqlite_facts(path: Path) -> Facts:
    """Of a SQLite file that nobody writes to. Raises StorageError where the file itself is not in order."""
    copy = create_engine(f"sqlite:///{path}")
    try:
        with copy.connect() as connection:
            state = connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar_one()
            if state != "ok":
                raise StorageError(UNSOUND, reason=state)
            return facts(connection)
    finally:
        copy.dispose()


def facts_of(record: dict[str, Any]) -> Facts:
    """What a manifest says. Raises ValueError where it does not say it."""
    named = {one.name: record[one.name] for one in fields(Facts) if one.name in record}
    if missing := {one.name for one in fields(Facts) if one.compare} - named.keys():
        raise ValueError(f"no {missing}")
    return Facts(**named)
