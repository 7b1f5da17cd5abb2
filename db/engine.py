"""One database: its connections, its transactions, the version every write draws, and moments in which all reads
agree."""

import threading
import time
from collections.abc import Callable, Generator, Hashable, Iterable, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeVar, cast

import polars as pl
from sqlalchemy import Connection, Engine, event, func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.orm import Session

from db import audit_chain
from db.errors import Unavailable
from db.models import Base
from db.models.rules import DefinitionsRecord
from db.store import connecting, faults, history, parts
from db.store.cache import Cache
from db.store.counts import Counts
from db.store.history import Drawn, Version
from db.store.locking import IN_LINE, IN_ORDER, NextInLine, Turns
from db.store.on_disk import path_of
from db.store.parts import EVERYTHING, NOTHING, Touched
from db.store.unaccepted import SETTLED, every_row

BANK_TIME = timedelta(hours=8)  # Asia/Shanghai is UTC+8 all year
T = TypeVar("T")
Values = Mapping[str, object]
Mark = Callable[[pl.LazyFrame, Sequence[DefinitionsRecord]], pl.LazyFrame]


def no_mark(log: pl.LazyFrame, definitions: Sequence[DefinitionsRecord]) -> pl.LazyFrame:
    raise RuntimeError("this store was opened without metrics.definitions.mark: it cannot interpret the log")


@dataclass(frozen=True, eq=False)
class Moment:
    """A connection whose reads all see the store as it was at `version`."""

    store: "Store"
    connection: Connection
    version: Version


_moment: ContextVar[Moment | None] = ContextVar("moment", default=None)


@dataclass
class Write:
    """An open write: everything done through `session` commits together, stamped with `version`."""

    session: Session
    version: int
    account: str
    now: datetime
    touched: Touched = field(default_factory=Touched)
    let_others: Callable[[], None] = lambda: None  # write in between, where what is written is divided into portions

    def touch(
        self,
        *names: str,
        branches: Iterable[int | None] = (),
        regions: Iterable[int | None] = (),
        managers: Iterable[int] = (),
        over: bool = False,
        log: bool = False,
    ) -> None:
        """Says what the write changes for whom (db.store.parts): whoever shows none of it goes on with what they have.
        A manager is every branch they were ever posted to; to be said before and after a posting changes. `over`: days
        of these branches' logs that are over change too; `log`: nothing there but entries, customers and opportunities.
        A write that says nothing touches everybody."""
        there = {one for one in branches if one is not None} | parts.branches_of(self.session, managers)
        self.touched.names.update(names)
        around = {one for one in regions if one is not None}
        if log:
            self.touched.log_branches |= there
            self.touched.log_regions |= around
        else:
            self.touched.branches |= there
            self.touched.regions |= around
        if over:
            self.touched.of_the_past |= there

    def audit(
        self, action: str, entity: str, entity_id: int | None, before: Values | None, after: Values | None
    ) -> None:
        audit_chain.append(self.session, self.now, self.account, action, entity, entity_id, before, after)

    def audit_all(self, action: str, entity: str, changes: Iterable[audit_chain.Change]) -> None:
        """The same of many rows of a table, each by itself."""
        audit_chain.append_all(self.session, self.now, self.account, action, entity, changes)

    def settle_ids(self, *models: type[Base]) -> None:
        """To be called after rows were inserted with ids of their own: PostgreSQL counts on from the largest."""
        if self.session.get_bind().dialect.name != "postgresql":
            return
        for model in models:
            sequence = func.pg_get_serial_sequence(model.__tablename__, "id")
            last = select(func.max(every_row(model.__tablename__, "id").c.id)).scalar_subquery()
            self.session.execute(select(func.setval(sequence, last)))


@dataclass(eq=False)
class Store:
    """A migrated database behind one SQLAlchemy URL. `mark` interprets the log (metrics.definitions.mark) for the
    mirror."""

    url: str
    mark: Mark = no_mark
    snapshots: Path | None = None
    patience: float | None = None  # seconds a write waits for its turn; None: connecting.BUSY_SECONDS
    engine: Engine = field(init=False)
    cache: dict[str, Any] = field(init=False, default_factory=dict)  # of whoever keeps something with the store

    def __post_init__(self) -> None:
        self.engine = connecting.connect(self.url)
        self._turns = Turns()
        self._cache = Cache()
        self.counts = Counts()
        event.listen(self.engine, "before_cursor_execute", self._count)
        self.written = threading.Event()  # set by every write of this process, for whoever waits for one

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def reading(self, *of: str, snapshot: bool = False) -> Generator[Connection]:
        """A connection to read from; with `snapshot` all its reads see one and the same moment. Inside `moment` it is
        that moment's. `of` are the parts that what is read depends on (db.store.parts); without any, on everything."""
        parts.depend_on(of or (EVERYTHING,))
        held = self.current_moment()
        if held is not None:
            with faults.in_words():  # where it fails: the part of a page that asked says so by itself
                yield held.connection
            return
        with faults.in_words(), self.engine.connect() as connection:
            if snapshot and not self.is_sqlite:  # on SQLite every transaction is one
                connection = connection.execution_options(isolation_level="REPEATABLE READ", **SETTLED)
            yield connection

    @contextmanager
    def moment(self) -> Generator[Version]:
        """Whatever this thread reads inside agrees, whoever writes meanwhile, and is of the version given. Writes
        inside are made as always, and see what is stored by then."""
        held = self.current_moment()
        if held is not None:
            yield held.version
            return
        with self.reading(*NOTHING, snapshot=True) as connection:
            version = history.present(connection)
            token = _moment.set(Moment(self, connection, version))
            try:
                yield version
            finally:
                _moment.reset(token)

    @contextmanager
    def judging(self, account: str) -> Generator[Write]:
        """The present as a write would find it, in one moment, to be read and not to be changed: whatever is done to it is
        taken back. Nobody waits for it."""
        token = _moment.set(None)
        try:
            with self.reading(*NOTHING, snapshot=True) as connection, Session(bind=connection) as session:
                yield Write(session, history.present(connection).counter, account, now())
                session.rollback()
        finally:
            _moment.reset(token)

    def current_moment(self) -> Moment | None:
        """The moment this thread is reading in, None outside of one."""
        held = _moment.get()
        return held if held is not None and held.store is self else None

    @contextmanager
    def writing(self, account: str, ahead: int | None = None) -> Generator[Write]:
        """A transaction that is wholly there or not at all. It holds the change counter from its start to its commit,
        so versions appear in commit order and a reader that has seen version n has missed nothing below n. Its version
        is the next one, or one that lies `ahead`, which rows were stored under before."""
        with self._transaction(account, partial(history.draw, ahead=ahead)) as write:
            yield write
        self.written.set()

    @contextmanager
    def noting(self, account: str) -> Generator[Write]:
        """A write that changes no number on any page: who signed in, what was refused, a draft. It draws no version, so
        nobody's page runs again for it."""
        with self._transaction(account, history.lock) as write:
            yield write

    @contextmanager
    def _transaction(self, account: str, lock: Callable[[Session], Drawn]) -> Generator[Write]:
        token = _moment.set(None)  # what a write asks beside its own session is the present, not the page's moment
        try:
            with parts.collected(), self._locked(account, lock) as write:
                yield write
        finally:
            _moment.reset(token)

    @contextmanager
    def _locked(self, account: str, lock: Callable[[Session], Drawn]) -> Generator[Write]:
        began = time.monotonic()
        with (
            faults.in_words(),
            self._turns.turn(connecting.BUSY_SECONDS if self.patience is None else self.patience) as left,
            self.engine.connect().execution_options(immediate=True, patience=left) as connection,
            connection.begin(),
            Session(bind=connection, join_transaction_mode="rollback_only") as session,
        ):
            if not self.is_sqlite:
                session.execute(IN_ORDER, {"wait": f"{left * 1000:.0f}"})
            version, token = lock(session)
            connection.execution_options(**SETTLED)
            self.counts.wrote(time.monotonic() - began)
            write = Write(session, version, account, now())
            yield write
            session.flush()
            if token:
                history.bump(session, write.touched.parts(session), (version, token))
            session.commit()  # flushes only: the connection above commits, or rolls back

    def _count(self, _connection: Connection, _cursor: object, statement: str, *_more: object) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            self.counts.asked()

    def is_awaited(self, session: Session) -> bool:
        """Whether somebody waits for the writer's lock, in this process or another; asked by whoever holds it."""
        if self._turns.waiting:
            return True
        if self.is_sqlite:
            return NextInLine(path_of(self.engine.url)).is_taken()
        return bool(session.scalar(IN_LINE))

    def counter(self) -> int:
        """The version of the latest committed write."""
        return self.version().counter

    def version(self) -> Version:
        """The version that is read from here and now."""
        held = self.current_moment()
        if held is not None:
            return held.version
        with self.reading(*NOTHING) as connection:
            return history.present(connection)

    def cached(self, key: Hashable, read: Callable[[], T]) -> T:
        """What `read()` answers, remembered until somebody touches a part that it has read. The key must name the scope
        it was read in: pages ask `Viewer.cached`, which does."""
        return cast(T, self._cache.ask(key, self.version(), read))

    def forget(self) -> None:
        """Lets go what was remembered and nobody asks for any more."""
        self._cache.forget()

    def rest(self, unasked: float) -> None:
        """Lets go of what was kept to answer many and is soon made again: what was remembered and nobody has asked for in
        `unasked` seconds, connections that nobody uses now but one, statements put together."""
        self._cache.forget(unasked)
        self.engine.clear_compiled_cache()
        before = self.engine.pool  # not engine.dispose(): the file is still the one that was opened (connecting.py),
        with self.engine.connect():  # and held open, so that its number on disk is not given to another
            self.engine.pool = before.recreate()
            before.dispose()
            self.engine.connect().close()

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
    return isinstance(error, Unavailable | OperationalError | NoConnection)
