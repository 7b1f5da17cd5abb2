"""A columnar copy of the activity log in the process: reports read it, never SQL.

Each read asks the change counter and fetches only rows with a newer version; how they lie in memory is db.months. What
counts is decided by `store.mark`, handed in from outside; only keys that new rows touch are marked again."""

import hashlib
import inspect
import threading
from collections.abc import Iterable
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Protocol

import polars as pl
from sqlalchemy import Connection, Select, select

from db import snapshot
from db.engine import Store
from db.models import Activity, ChangeCounter, Definitions, Product
from db.months import ACTIVITY, LOG, ROW, State, by_month, laid, same_keys, settled, with_ids

FETCHED = {name: kind for name, kind in LOG.items() if name != "second"} | {"time": pl.Time, "voided": pl.Boolean}

AT_ONCE = 20_000  # rows fetched from a cursor before they become columns
WORTH_A_SNAPSHOT = 20_000  # rows; a smaller log loads from SQL in well under a second
UNSAVED_SHARE = 0.05  # of the log may be newer than the snapshot before it is written again


class Span(Protocol):
    """Any period of days: a first and a last one, both included."""

    first: date
    last: date


class Mirror:
    """The copy for one store. Readers get immutable frames; one thread at a time brings it up to date."""

    def __init__(self, store: Store):
        self.store = store
        self._state: State | None = None
        self._identity = ""  # of the database the state was read from
        self._unsaved = 0  # changed rows the snapshot does not have
        self._saving = threading.Thread()
        self._lock = threading.Lock()

    def read(self, span: Span, scope: dict[str, int], columns: Iterable[str] = ACTIVITY) -> pl.LazyFrame:
        """The marked log (the frame contract's Activity, or these columns of ROW) of the days of `span`, within `scope`
        (access.scope)."""
        state = self.refresh()
        inside = pl.col("day").is_between(span.first, span.last)
        parts = []
        for first, month in state.months.items():
            following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
            if first > span.last or following <= span.first:
                continue
            rows = month.rows(scope.get("branch"))
            whole = span.first <= first and following.toordinal() - 1 <= span.last.toordinal()
            parts.append(rows if whole else rows.filter(inside))
        log = pl.concat(parts) if parts else pl.LazyFrame(schema=ROW)
        for level in ("region", "manager"):
            if level in scope:
                log = log.filter(pl.col(level) == scope[level])
        return log.select(list(columns))

    def refresh(self) -> State:
        """Everything committed before this call is in the answer."""
        state = self._state
        if state is not None and self.store.counter() == state.version:
            return state
        with self._lock, self.store.reading(snapshot=True) as connection:
            version, identity = connection.execute(select(ChangeCounter.value, ChangeCounter.store_id)).one()
            state = self._state
            if state is None or state.version > version or self._identity != identity:  # a start, or a restored backup
                self._state, self._identity = None, identity
                state = self._saved(connection, version) or self._load(connection, version)
            elif state.version == version:  # somebody else was here first
                return state
            if state.version < version:
                changed = fetch(connection, select_log().where(Activity.version > state.version))
                state = replace(self._apply(state, changed), version=version)
                self._unsaved += changed.height
            definitions = read_definitions(connection)
            if state.definitions != definitions:
                state = self._marked_again(state, definitions)
            self._state = state
            self._save_if_worth(state)
            return state

    def _load(self, connection: Connection, version: int) -> State:
        definitions = read_definitions(connection)
        stated = fetch(connection, select_log().where(Activity.voided_at.is_(None))).drop("voided")
        months = {first: settled(part) for first, part in by_month(self._mark(stated, definitions)).items()}
        self._unsaved = stated.height
        return State(version, definitions, months, stated["id"].max() or 0)

    def _mark(self, stated: pl.DataFrame, definitions: tuple) -> pl.DataFrame:
        return self.store.mark(stated.lazy(), definitions).select(list(ROW)).collect()

    def _marked_again(self, state: State, definitions: tuple) -> State:
        stated = [month.rows().select(list(LOG)) for month in state.months.values()]
        marked = self._mark(pl.concat(stated).collect() if stated else pl.DataFrame(schema=LOG), definitions)
        self._unsaved = marked.height
        return replace(
            state, definitions=definitions, months={first: settled(part) for first, part in by_month(marked).items()}
        )

    def _apply(self, state: State, changed: pl.DataFrame) -> State:
        """The state with new, corrected and voided rows (LOG and `voided`) taken in."""
        if changed.is_empty():
            return state
        ids = changed["id"]
        living = changed.filter(~pl.col("voided")).select(list(LOG))
        before = with_ids(state, ids.filter(ids <= state.last_id))
        touched = pl.concat([before.select(list(LOG)), living])
        siblings = same_keys(state, touched).filter(~pl.col("id").is_in(ids.implode()))
        marked = self._mark(pl.concat([siblings.select(list(LOG)), living]), state.definitions)
        unmoved = siblings.join(marked, on=["id", "counted"], how="semi")["id"].implode()
        gone = by_month(pl.concat([before, siblings.filter(~pl.col("id").is_in(unmoved))]))
        added = by_month(marked.filter(~pl.col("id").is_in(unmoved)))
        months = dict(state.months)
        for first in gone.keys() | added.keys():
            month = months.get(first) or laid(marked.clear())
            months[first] = month.change(gone.get(first, before.clear()), added.get(first, marked.clear()))
        return replace(state, months=months, last_id=max(state.last_id, ids.max()))

    # -- the snapshot: a new process starts from it, plus what is newer ------------------------------------------

    def _place(self) -> tuple[Path, str]:
        """Where this database's snapshot lies, and whose it is: a copy of a database goes on in a way of its own."""
        identity = f"{self._identity} {self.store.engine.url.render_as_string(hide_password=True)}"
        name = hashlib.blake2b(identity.encode(), digest_size=16).hexdigest()
        return self.store.snapshots / f"mirror-{name}.parquet", identity

    def _saved(self, connection: Connection, version: int) -> State | None:
        if self.store.snapshots is None:
            return None
        found = snapshot.read(*self._place(), ROW, version)
        if found is None:
            return None
        definitions = read_definitions(connection)
        self._unsaved = 0
        months = {first: laid(rows) for first, rows in found.months.items()}
        last_id = max((month.ids[1] for month in months.values()), default=0)
        return State(found.version, definitions if found.marked_by == self._rules(definitions) else (), months, last_id)

    def _save_if_worth(self, state: State) -> None:
        """Writes a snapshot beside what goes on, when much is newer than the last."""
        if self.store.snapshots is None or self._saving.is_alive():
            return
        if self._unsaved <= max(WORTH_A_SNAPSHOT, UNSAVED_SHARE * state.height):
            return
        path, identity = self._place()

        def save():
            months = {first: month.settled().base.select(list(ROW)) for first, month in state.months.items()}
            snapshot.write(path, snapshot.Snapshot(state.version, self._rules(state.definitions), months), identity)

        self._unsaved = 0
        self._saving = threading.Thread(target=save, name="snapshot")
        self._saving.start()

    def wait(self) -> None:
        """Until a snapshot that is being written is there."""
        if self._saving.ident is not None:
            self._saving.join()

    def _rules(self, definitions: tuple) -> str:
        """What decides `counted`: the definitions, and the code that reads them."""
        code = inspect.getsource(inspect.getmodule(self.store.mark))
        return f"{hashlib.blake2b(code.encode(), digest_size=8).hexdigest()} {definitions!r}"


def of(store: Store) -> Mirror:
    """The one mirror of a store."""
    return store.cache.setdefault("mirror", Mirror(store))


def select_log() -> Select:
    columns = (
        Activity.id,
        Activity.day,
        Activity.region_id,
        Activity.branch_id,
        Activity.manager_id,
        Activity.kind,
        Activity.customer_id,
        Activity.opportunity_id,
        Activity.product_id,
        Product.family,
        Activity.channel,
        Activity.method,
        Activity.amount_cents,
        Activity.effective,
        Activity.met_decider,
        Activity.need_recorded,
        Activity.time,
        Activity.voided_at.is_not(None),
    )
    return select(*columns).select_from(Activity).outerjoin(Product, Product.id == Activity.product_id)


def fetch(connection: Connection, statement: Select) -> pl.DataFrame:
    """The rows of `select_log` as columns: LOG and `voided`. Taken from the driver itself, past SQLAlchemy's rows, which
    cost more than all else; SQLite has days and times as text, and 0 and 1 for booleans."""
    sent = {name: pl.String if isinstance(kind, pl.Enum) else kind for name, kind in FETCHED.items()}
    place = {"name": "log"}  # in PostgreSQL's server, so that rows come in portions
    if connection.dialect.name == "sqlite":
        as_stored = {pl.Date: pl.String, pl.Time: pl.String, pl.Boolean: pl.Int8}
        sent, place = {name: as_stored.get(kind, kind) for name, kind in sent.items()}, {}
    parts = [pl.DataFrame(schema=FETCHED)]
    with closing(connection.connection.cursor(**place)) as cursor:
        cursor.execute(str(statement.compile(connection, compile_kwargs={"literal_binds": True})))
        while rows := cursor.fetchmany(AT_ONCE):
            columns = zip(sent.items(), zip(*rows, strict=True), strict=True)
            part = pl.DataFrame([pl.Series(name, values, kind) for (name, kind), values in columns])
            if sent["day"] == pl.String:
                times = pl.col("time").str.to_time("%H:%M:%S%.f")
                part = part.with_columns(pl.col("day").str.to_date("%Y-%m-%d"), times)
            parts.append(part.cast(FETCHED))
    second = (pl.col("time").cast(pl.Int64) // 1_000_000_000).cast(pl.Int32)
    return pl.concat(parts).with_columns(second=second).select(*LOG, "voided")


def read_definitions(connection: Connection) -> tuple:
    """All versions as (version, region, from_day, body) records, oldest first."""
    columns = (Definitions.version, Definitions.region_id, Definitions.from_day, Definitions.body)
    return tuple(tuple(row) for row in connection.execute(select(*columns).order_by(Definitions.version)))
