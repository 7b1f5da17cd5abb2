"""One database: its connections, its transactions, and the version every write draws."""

import re
import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, Executable, create_engine, event, func, inspect, make_url, select, update
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.orm import Session

from db import audit, reference
from db.errors import StorageError
from db.models import ChangeCounter

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_SECONDS = 60
BANK_TIME = timedelta(hours=8)  # Asia/Shanghai is UTC+8 all year
REMEMBERED = 1_000  # answers kept: small tables, so some tens of megabytes at most
NO_URL = "“{url}” is not a database URL; write sqlite:///path.db or postgresql://…"
NOT_OURS = "The database holds tables of another program ({tables} …): use an empty one"


@dataclass
class Write:
    """An open write: everything done through `session` commits together, stamped with `version`."""

    session: Session
    version: int
    account: str
    now: datetime

    def audit(self, action: str, entity: str, entity_id: int | None, before: dict | None, after: dict | None) -> None:
        audit.append(self.session, self.now, self.account, action, entity, entity_id, before, after)

    def settle_ids(self, *models) -> None:
        """To be called after rows were inserted with ids of their own: PostgreSQL counts on from the largest."""
        if self.session.get_bind().dialect.name != "postgresql":
            return
        for model in models:
            sequence = func.pg_get_serial_sequence(model.__tablename__, "id")
            self.session.execute(select(func.setval(sequence, select(func.max(model.id)).scalar_subquery())))


@dataclass(eq=False)
class Store:
    """A migrated database behind one SQLAlchemy URL. `mark` interprets the log (metrics.definitions.mark) for the mirror."""

    url: str
    mark: Callable | None = None
    snapshots: Path | None = None
    engine: Engine = field(init=False)
    cache: dict = field(init=False, default_factory=dict)

    def __post_init__(self):
        self.engine = connect(self.url)
        # There is one writer at a time anyway; queueing ours here is fair, a database's own waiting is not.
        self._queue = threading.Lock()
        self._remembered: dict = {}

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def reading(self, snapshot: bool = False) -> Iterator[Connection]:
        """A connection to read from; with `snapshot` all its reads see one and the same moment."""
        with self.engine.connect() as connection:
            if snapshot and not self.is_sqlite:  # on SQLite every transaction is one
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            yield connection

    @contextmanager
    def writing(self, account: str) -> Iterator[Write]:
        """A transaction that is wholly there or not at all. It holds the change counter from its start to its commit,
        so versions appear in commit order and a reader that has seen version n has missed nothing below n."""
        draw = update(ChangeCounter).values(value=ChangeCounter.value + 1).returning(ChangeCounter.value)
        with self._transaction(account, draw) as write:
            yield write

    @contextmanager
    def noting(self, account: str) -> Iterator[Write]:
        """A write that changes no number on any page: who signed in, what was refused, a draft. It draws no version, so
        nobody's page runs again for it."""
        with self._transaction(account, select(ChangeCounter.value).with_for_update()) as write:
            yield write

    @contextmanager
    def _transaction(self, account: str, lock: Executable) -> Iterator[Write]:
        with (
            self._queue,
            self.engine.connect().execution_options(immediate=True) as connection,
            connection.begin(),
            Session(bind=connection, join_transaction_mode="rollback_only") as session,
        ):
            version = session.execute(lock).scalar_one()
            yield Write(session, version, account, now())
            session.commit()  # flushes only: the connection above commits, or rolls back

    def counter(self) -> int:
        """The version of the latest committed write."""
        with self.reading() as connection:
            return connection.execute(select(ChangeCounter.value)).scalar_one()

    def remembered(self, key: Hashable, read: Callable):
        """What `read()` answers, kept until the next write by anyone. The key must name the scope it was read in."""
        version = self.counter()
        kept = self._remembered.get(key)
        if kept is None or kept[0] != version:
            if len(self._remembered) >= REMEMBERED:
                self._remembered.clear()
            kept = self._remembered[key] = (version, read())
        return kept[1]

    def close(self) -> None:
        self.engine.dispose()


def now() -> datetime:
    """The present moment as it is stored: UTC."""
    return datetime.now(UTC).replace(tzinfo=None)


def bank_day() -> date:
    """The present day where the bank is."""
    return (now() + BANK_TIME).date()


def busy(error: Exception) -> bool:
    """Whether the database could not be had for the moment: the same may succeed later."""
    return isinstance(error, OperationalError | NoConnection)


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
    try:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError("The database cannot be opened: {reason}", reason=str(error)) from error
    engine = create_engine(
        parsed, connect_args={"timeout": BUSY_SECONDS}, pool_size=10, max_overflow=60, hide_parameters=True
    )

    @event.listens_for(engine, "connect")
    def configure(connection, _record):
        connection.isolation_level = None  # the driver must not open transactions of its own
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection):
        immediate = connection.get_execution_options().get("immediate")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine


def migrate(url: str, definitions: dict) -> None:
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
                reference.seed(connection, definitions)
    except CommandError as error:
        raise StorageError("The database was made by a newer version: {reason}", reason=str(error)) from error
    except DatabaseError as error:
        raise StorageError(
            "The database cannot be opened or is not one of ours: {reason}", reason=str(error.orig)
        ) from error
    finally:
        engine.dispose()


def revision(engine: Engine) -> str | None:
    """The schema the database is at; None where it holds none of ours."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def without_password(url: str) -> str:
    return re.sub(r"(?<=://)[^/@]*@", "…@", url)
