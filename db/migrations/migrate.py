"""Bringing a database to the current schema."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Engine, inspect, select
from sqlalchemy.exc import DatabaseError

from db import seed
from db.engine import connect
from db.errors import StorageError
from db.models import ChangeCounter
from db.store import faults

MIGRATIONS = Path(__file__).parent

NOT_OURS = "The database holds tables of another program ({tables} …): use an empty one"


def migrate(url: str, definitions: dict[str, object]) -> None:
    """Bring the database to the current schema. A new one gets its identity, the products, the working-day calendar
    and `definitions` as version 1. Raises StorageError when the database cannot be opened or is not ours."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    engine = connect(url)
    try:
        if revision(engine) == ScriptDirectory.from_config(config).get_current_head():
            return  # nothing to wait for anybody's lock for
        with engine.connect().execution_options(immediate=True) as connection, connection.begin():
            config.attributes["connection"] = connection
            tables = set(inspect(connection).get_table_names())
            if tables and not {"alembic_version", ChangeCounter.__tablename__} <= tables:
                raise StorageError(NOT_OURS, tables=", ".join(sorted(tables)[:3]))
            command.upgrade(config, "head")
            if connection.execute(select(ChangeCounter.id)).first() is None:
                seed.seed(connection, definitions)
    except CommandError as error:
        raise StorageError("The database was made by a newer version: {reason}", reason=str(error)) from error
    except DatabaseError as error:
        if (said := faults.unavailable(error)) is not None and said.message != faults.OUT_OF_REACH:
            raise said from error
        raise StorageError(
            "The database cannot be opened or is not one of ours: {reason}", reason=str(error.orig)
        ) from error
    finally:
        engine.dispose()


def revision(engine: Engine) -> str | None:
    """The schema the database is at; None where it holds none of ours."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()
