"""A columnar copy of the activity log in the process: reports read it, never SQL.

Each read asks the change counter and fetches only rows with a newer version; how they lie in memory is db.months. What
counts is decided by `store.mark`, handed in from outside; only keys that new rows touch are marked again."""

import hashlib
import inspect
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import cast

import polars as pl
from sqlalchemy import Connection, Select, func, select

from db.engine import Store
from db.log import snapshot
from db.log.partitions import ACTIVITY, LOG, ROW, Records, State, by_month, laid, same_keys, settled, with_ids
from db.models import Activity, ChangeCounter, Definitions, Product, VisitingDay, VisitingPlace
from db.spans import Span
from db.store import history
from db.store.history import Version
from db.store.parts import DEFINITIONS, EVERYTHING, NOTHING, depend_on

FETCHED = {name: kind for name, kind in LOG.items() if name not in ("second", "party")} | {
    "time": pl.Time,
    "voided": pl.Boolean,
}

OUT = {"branch": pl.Int32, "day": pl.Date, "manager": pl.Int32}  # who went out where, and when
AT_ONCE = 20_000  # rows fetched from a cursor before they become columns
WORTH_A_SNAPSHOT = 20_000  # rows; a smaller log loads from SQL in well under a second
RECENT = 16  # states kept; they share all that did not change
UNSAVED_SHARE = 0.05  # of the log may be newer than the snapshot before it is written again


class Mirror:
    """The copy for one store. Readers get immutable frames; one thread at a time brings it up to date."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._state: State | None = None
        self._recent: dict[Version, State] = {}
        self._unsaved = 0  # changed rows the snapshot does not have
        self._saving = threading.Thread()
        self._lock = threading.Lock()
        self._kept_at = time.monotonic()

    def behind(self) -> tuple[int, float]:
        """How many writes it has not read yet, and for how many seconds it has not looked; 0 and 0.0 where it is up to
        date, however long ago it was read."""
        held = self._state.version.counter if self._state else 0
        missing = max(self.store.counter() - held, 0)
        return missing, time.monotonic() - self._kept_at if missing else 0.0

    def read(
        self, span: Span, scope: dict[str, int], columns: Iterable[str] = ACTIVITY, of: Iterable[str] = (EVERYTHING,)
    ) -> pl.LazyFrame:
        """The marked log (the frame contract's Activity, or these columns of ROW) of the days of `span`, within `scope`
        (access.scope). `of` are the parts (db.store.parts) that the rows lie in; the definitions that mark them come
        by themselves."""
        depend_on((*of, DEFINITIONS))
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

    def newest_first(self, columns: Iterable[str], of: Iterable[str]) -> Iterator[pl.LazyFrame]:
        """The marked log of everybody (these columns of ROW), a frame a month, the newest first: for who may stop before
        the end. `of` as for `read`."""
        depend_on((*of, DEFINITIONS))
        for _first, month in sorted(self.refresh().months.items(), reverse=True):
            yield month.rows().select(list(columns))

    def refresh(self) -> State:
        """Everything committed before this call is in the answer; inside a moment of the store, what its version
        has."""
        state = self._state
        if state is not None and self.store.version() == state.version:
            return state
        with self._lock, self.store.reading(*NOTHING, snapshot=True) as connection:
            moment = self.store.current_moment()
            version = history.present(connection) if moment is None else moment.version
            if version in self._recent:  # somebody else was here first
                return self._recent[version]
            unsaved = self._unsaved
            state = self._brought_to(connection, version)
            if self._is_ahead():  # a moment older than what others have read since: read, and not kept
                self._unsaved = unsaved
                return state
            self._keep(connection, state)
            self._save_if_worth(connection, state)
            return state

    def _brought_to(self, connection: Connection, version: Version) -> State:
        """The log as it stood at the version: what changed since the newest state, or snapshot, that lies in its past;
        else all of it."""
        past = history.held(connection, self._recent.keys())
        definitions = read_definitions(connection)
        known = max(past, key=lambda one: one.counter, default=None)
        state = self._recent[known] if known else self._saved(connection, definitions)
        state = state or self._load(connection, version, definitions)
        if state.version != version:
            changed = fetch(connection, select_log().where(Activity.version > state.version.counter))
            state = replace(self._apply(state, changed), version=version)
            self._unsaved += changed.height
        return state if state.definitions == definitions else self._marked_again(state, definitions)

    def _is_ahead(self) -> bool:
        """Whether the newest state lies ahead of the moment that is being read because others wrote since, not because
        a backup was put back."""
        moment = self.store.current_moment()
        if self._state is None or moment is None or self._state.version.counter <= moment.version.counter:
            return False
        with self.store.engine.connect() as now:
            return bool(history.held(now, [self._state.version]))

    def _keep(self, connection: Connection, state: State) -> None:
        """The state as the newest, and the ones before it for pages that are still reading in their own moment; none of
        a past that is no longer the store's."""
        past = history.held(connection, self._recent.keys())
        kept = sorted(past, key=lambda one: one.counter)[-RECENT + 1 :]
        self._recent = {version: self._recent[version] for version in kept} | {state.version: state}
        self._state, self._kept_at = state, time.monotonic()

    def _load(self, connection: Connection, version: Version, definitions: Records) -> State:
        stated = fetch(connection, select_log().where(Activity.voided_at.is_(None))).drop("voided")
        months = {first: settled(part) for first, part in by_month(self._mark(stated, definitions)).items()}
        self._unsaved = stated.height
        return State(version, definitions, months, cast(int | None, stated["id"].max()) or 0)

    def _mark(self, stated: pl.DataFrame, definitions: Records) -> pl.DataFrame:
        return self.store.mark(stated.lazy(), definitions).select(list(ROW)).collect()

    def _marked_again(self, state: State, definitions: Records) -> State:
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
        return replace(state, months=months, last_id=max(state.last_id, cast(int, ids.max())))

    # -- the snapshot: a new process starts from it, plus what is newer ------------------------------------------

    def _place(self, connection: Connection) -> tuple[Path, str]:
        """Where this database's snapshot lies, and whose it is: a copy of a database goes on in a way of its own."""
        own = connection.execute(select(ChangeCounter.store_id)).scalar_one()
        identity = f"{own} {self.store.engine.url.render_as_string(hide_password=True)}"
        name = hashlib.blake2b(identity.encode(), digest_size=16).hexdigest()
        return cast(Path, self.store.snapshots) / f"mirror-{name}.parquet", identity

    def _saved(self, connection: Connection, definitions: Records) -> State | None:
        """What the snapshot has, where it is of this database's own past."""
        if self.store.snapshots is None:
            return None
        path, identity = self._place(connection)
        stated = snapshot.version(path, identity)
        if stated is None or not history.held(connection, [stated]):
            return None
        found = snapshot.read(path, stated, ROW)
        if found is None:
            return None
        months = {first: laid(rows) for first, rows in found.months.items()}
        last_id = max((month.ids[1] for month in months.values()), default=0)
        return State(found.version, definitions if found.marked_by == self._rules(definitions) else (), months, last_id)

    def _save_if_worth(self, connection: Connection, state: State) -> None:
        """Writes a snapshot beside what goes on, when much is newer than the last."""
        if self.store.snapshots is None or self._saving.is_alive():
            return
        if self._unsaved <= max(WORTH_A_SNAPSHOT, UNSAVED_SHARE * state.height):
            return
        path, identity = self._place(connection)
        self._unsaved = 0
        if self._has_saved(connection, path, identity, state):
            return

        def save() -> None:
            months = {first: month.settled().base.select(list(ROW)) for first, month in state.months.items()}
            snapshot.write(path, snapshot.Snapshot(state.version, self._rules(state.definitions), months), identity)

        self._saving = threading.Thread(target=save, name="snapshot")
        self._saving.start()

    def _has_saved(self, connection: Connection, path: Path, identity: str, state: State) -> bool:
        """Whether another process has saved what is as new."""
        there = snapshot.version(path, identity)
        if there is None or there.counter < state.version.counter or not history.held(connection, [there]):
            return False
        return snapshot.facts(path).get("marked_by") == self._rules(state.definitions)

    def wait(self) -> None:
        """Until a snapshot that is being written is there."""
        if self._saving.ident is not None:
            self._saving.join()

    def _rules(self, definitions: Records) -> str:
        """What decides `counted`: the definitions, and the code that reads them."""
        code = inspect.getsource(inspect.getmodule(self.store.mark) or self.store.mark)
        return f"{hashlib.blake2b(code.encode(), digest_size=8).hexdigest()} {definitions!r}"


def of(store: Store) -> Mirror:
    """The one mirror of a store."""
    return store.cache.setdefault("mirror", Mirror(store))


def select_log() -> Select[*tuple[object, ...]]:
    """The columns FETCHED of the log, whatever is measured among them."""
    elsewhere = {"family": Product.family, "voided": Activity.voided_at.is_not(None)}
    own = {name: name if hasattr(Activity, name) else f"{name}_id" for name in FETCHED.keys() - elsewhere.keys()}
    columns = [elsewhere[name] if name in elsewhere else getattr(Activity, own[name]) for name in FETCHED]
    return select(*columns).select_from(Activity).outerjoin(Product, Product.id == Activity.product_id)


def fetch(connection: Connection, statement: Select[*tuple[object, ...]]) -> pl.DataFrame:
    """The rows of `select_log` as columns: LOG and `voided`. Taken from the driver itself, past SQLAlchemy's rows,
    which cost more than all else; SQLite has days and times as text, and 0 and 1 for booleans."""
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
            parts.append(part.cast(pl.Schema(FETCHED)))
    second = (pl.col("time").cast(pl.Int64) // 1_000_000_000).cast(pl.Int32)
    rows = pl.concat(parts).with_columns(second=second)
    return rows.join(parties(connection, rows["day"]), on=[*OUT], how="left").select(*LOG, "voided")


def parties(connection: Connection, days: pl.Series) -> pl.DataFrame:
    """Who went out in a group on these days: branch, day, manager, `party`, one manager of the group for all of it."""
    group = (VisitingPlace.visiting_day_id, VisitingPlace.group_number)
    party = func.min(VisitingPlace.manager_id).over(partition_by=group)
    columns = (VisitingDay.branch_id, VisitingDay.day, VisitingPlace.manager_id, party)
    statement = select(*columns).join(VisitingDay, VisitingDay.id == VisitingPlace.visiting_day_id)
    statement = statement.where(VisitingDay.day.between(days.min(), days.max()))
    found = [] if days.is_empty() else [tuple(row) for row in connection.execute(statement)]
    return pl.DataFrame(found, OUT | {"party": pl.Int32}, orient="row")


def read_definitions(connection: Connection) -> Records:
    """All versions as (version, region, from_day, body) records, oldest first."""
    columns = (Definitions.version, Definitions.region_id, Definitions.from_day, Definitions.body)
    rows = connection.execute(select(*columns).order_by(Definitions.version))
    return tuple(tuple(row) for row in rows)
