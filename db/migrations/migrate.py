"""Bringing a database to the current schema."""

from collections.abc import Generator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, inspect, select
from sqlalchemy.exc import DatabaseError

from db import seed
from db.errors import StorageError
from db.models import ChangeCounter
from db.store import faults, on_disk
from db.store.connecting import connect

MIGRATIONS = Path(__file__).parent

NOT_OURS = "The database holds tables of another program ({tables} …): use an empty one"
REMAINS = "The last entries of a database whose file is gone lie in {place}: put the file back, or move both aside, then try again."


def migrate(url: str, definitions: dict[str, object]) -> None:
    """Bring the database to the current schema. A new one gets its identity, the products, the working-day calendar
    and `definitions` as version 1. Raises StorageError when the database cannot be opened or is not ours."""
    with opened(url) as engine:
        begin_file(engine)
        if revision(engine) == current():
            return  # nothing to wait for anybody's lock for
        with engine.connect().execution_options(immediate=True) as connection, connection.begin():
            upgrade(connection, definitions)


@contextmanager
def opened(url: str) -> Generator[Engine]:
    """An engine for the database. Raises StorageError where it turns out not to be one of ours, or out of reach."""
    engine = connect(url)
    try:
        yield engine
    except CommandError as error:
        raise StorageError("The database was made by a newer version: {reason}", reason=str(error)) from error
    except DatabaseError as error:
        if (said := faults.unavailable(error)) is not None and said.message != faults.OUT_OF_REACH:
            raise said from error
        raise StorageError(
            "The database cannot be opened or is not one of ours: {reason}", reason=faults.first_line(error)
        ) from error
    finally:
        engine.dispose()


def begin_file(engine: Engine) -> None:
    """An empty file where a SQLite database is to be, which its owner alone can read. Raises StorageError where there
    cannot be one, or where something of a database whose file is gone lies there still."""
    if engine.dialect.name != "sqlite":
        return
    path = on_disk.path_of(engine.url)
    if not on_disk.is_filled(path) and on_disk.is_filled(path.with_name(path.name + "-wal")):
        raise StorageError(REMAINS, place=f"{path}-wal")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(0o600)
    except OSError as error:
        raise StorageError("The database cannot be opened: {reason}", reason=str(error)) from error


def is_empty(url: str) -> bool:
    """Whether there is nothing yet where the database is to be."""
    with opened(url) as engine:
        if engine.dialect.name == "sqlite" and not on_disk.is_filled(on_disk.path_of(engine.url)):
            return True
        with engine.connect() as connection:
            return not inspect(connection).get_table_names()


def is_outdated(url: str) -> bool:
    """Whether the database is ours, and at an older schema."""
    with opened(url) as engine:
        there = revision(engine)
        return there is not None and there != current() and knows(there)


def upgrade(connection: Connection, definitions: dict[str, object]) -> None:
    """The same within the connection's transaction."""
    tables = set(inspect(connection).get_table_names())
    if tables and not {"alembic_version", ChangeCounter.__tablename__} <= tables:
        raise StorageError(NOT_OURS, tables=", ".join(sorted(tables)[:3]))
    config = configured()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    if connection.execute(select(ChangeCounter.id)).first() is None:
        seed.seed(connection, definitions)


def configured() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


@cache
def scripts() -> ScriptDirectory:
    """The steps from schema to schema, read once: they stay as they are while the program runs."""
    return ScriptDirectory.from_config(configured())


def current() -> str | None:
    """The newest schema this program knows."""
    return scripts().get_current_head()


def knows(revision: str) -> bool:
    """Whether the schema is one of this program's, and no newer one's."""
    try:
        return scripts().get_revision(revision) is not None
    except CommandError:
        return False


def revision(engine: Engine) -> str | None:
    """The schema the database is at; None where it holds none of ours."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()
