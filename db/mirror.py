"""A columnar copy of the activity log in the process: reports read it, never SQL.

Each read asks the change counter and fetches only rows with a newer version. Rows lie in one part a month: a large base
sorted by branch, whose rows never move, and a small `recent` beside it, so a refresh rewrites neither the log nor the
base. What counts is decided by `store.mark`, handed in from outside; only keys that new rows touch are marked again."""

import threading
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Protocol

import polars as pl
from sqlalchemy import Connection, Select, select

from db.codes import CHANNELS, FAMILIES, KINDS, METHODS
from db.engine import Store
from db.models import Activity, ChangeCounter, Definitions, Product

ACTIVITY = {
    "id": pl.Int32,
    "day": pl.Date,
    "region": pl.Int32,
    "branch": pl.Int32,
    "manager": pl.Int32,
    "kind": pl.Enum(list(KINDS)),
    "counted": pl.Boolean,
    "customer": pl.Int32,
    "opportunity": pl.Int32,
    "product": pl.Int32,
    "family": pl.Enum(list(FAMILIES)),
    "channel": pl.Enum(list(CHANNELS)),
    "method": pl.Enum(list(METHODS)),
    "amount_cents": pl.Int64,
}
STATED = {"second": pl.Int32, "effective": pl.Boolean, "met_decider": pl.Boolean, "need_recorded": pl.Boolean}
ROW = ACTIVITY | STATED
LOG = {name: kind for name, kind in ROW.items() if name != "counted"}
FETCHED = {name: kind for name, kind in LOG.items() if name != "second"} | {"time": pl.Time, "voided": pl.Boolean}
VISIT = ("manager", "customer", "day")

AT_ONCE = 100_000  # rows fetched from a cursor before they become columns
LOOSE = 10_000  # changed rows a month may carry beside its base before they are merged into it
WORTH_A_SNAPSHOT = 20_000  # rows; a smaller log loads from SQL in well under a second


class Span(Protocol):
    """Any period of days: a first and a last one, both included."""

    first: date
    last: date


@dataclass(frozen=True)
class Month:
    base: pl.DataFrame  # ROW, sorted by branch
    replaced: pl.Series  # ids of base rows that no longer hold
    recent: pl.DataFrame  # ROW, in no order

    def rows(self, branch: int | None = None) -> pl.LazyFrame:
        base = self.base
        if branch is not None:
            column = base["branch"]
            start = column.search_sorted(branch, "left")
            base = base.slice(start, column.search_sorted(branch, "right") - start)
        held = base.lazy()
        if len(self.replaced):
            held = held.filter(~pl.col("id").is_in(self.replaced.implode()))
        if not self.recent.height:
            return held
        recent = self.recent.lazy()
        return pl.concat([held, recent if branch is None else recent.filter(pl.col("branch") == branch)])

    def change(self, removed: pl.Series, added: pl.DataFrame) -> "Month":
        recent = pl.concat([self.recent.filter(~pl.col("id").is_in(removed.implode())), added])
        month = Month(self.base, pl.concat([self.replaced, removed]).unique(), recent)
        if recent.height + len(month.replaced) <= LOOSE:
            return month
        return settled(month.rows().collect())


@dataclass(frozen=True)
class State:
    version: int  # every change up to this one is in
    definitions: tuple  # the versions the rows are marked by
    months: dict[date, Month]
    last_id: int


def settled(rows: pl.DataFrame) -> Month:
    return Month(rows.sort("branch", "id"), pl.Series("id", [], pl.Int32), rows.clear())


def by_month(rows: pl.DataFrame) -> dict[date, pl.DataFrame]:
    dated = rows.with_columns(_month=pl.col("day").dt.truncate("1mo"))
    parts = dated.partition_by("_month", as_dict=True, include_key=False) if rows.height else {}
    return {key[0]: part for key, part in parts.items()}


class Mirror:
    """The copy for one store. Readers get immutable frames; one thread at a time brings it up to date."""

    def __init__(self, store: Store):
        self.store = store
        self._state: State | None = None
        self._saved_rows = 0
        self._lock = threading.Lock()

    def read(self, span: Span, scope: dict[str, int]) -> pl.LazyFrame:
        """The marked log (the frame contract's Activity) of the days of `span`, within `scope` (access.scope)."""
        state = self.refresh()
        branch = scope.get("branch")
        inside = pl.col("day").is_between(span.first, span.last)
        parts = []
        for first, month in state.months.items():
            following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
            if first > span.last or following <= span.first:
                continue
            rows = month.rows(branch)
            parts.append(rows if span.first <= first and span.last.replace(day=1) > first else rows.filter(inside))
        log = pl.concat(parts) if parts else pl.LazyFrame(schema=ROW)
        for level in ("region", "manager"):
            if level in scope:
                log = log.filter(pl.col(level) == scope[level])
        return log.select(list(ACTIVITY))

    def refresh(self) -> State:
        """Everything committed before this call is in the answer."""
        state = self._state
        if state is not None and self.store.counter() == state.version:
            return state
        with self._lock, self.store.reading(snapshot=True) as connection:
            version = connection.execute(select(ChangeCounter.value)).scalar_one()
            definitions = read_definitions(connection)
            state = self._state or self._from_snapshot(connection, definitions)
            if state is None or state.definitions != definitions:
                state = self._load(connection, version, definitions)
            elif state.version < version:
                changed = fetch(connection, select_log().where(Activity.version > state.version))
                state = replace(self._apply(state, changed), version=version)
            self._state = state
            return state

    def _load(self, connection: Connection, version: int, definitions: tuple) -> State:
        stated = fetch(connection, select_log().where(Activity.voided_at.is_(None))).drop("voided")
        rows = self._mark(stated, definitions)
        months = {first: settled(part) for first, part in by_month(rows).items()}
        state = State(version, definitions, months, stated["id"].max() or 0)
        self._save(state, connection)
        return state

    def _mark(self, stated: pl.DataFrame, definitions: tuple) -> pl.DataFrame:
        marked = self.store.mark(stated.lazy(), definitions)
        return marked.select(list(ROW)).collect()

    def _apply(self, state: State, changed: pl.DataFrame) -> State:
        """The state with new, corrected and voided rows (FETCHED-like, `voided` included) taken in."""
        if changed.is_empty():
            return state
        ids = changed["id"]
        before = find(state, pl.col("id").is_in(ids.filter(ids <= state.last_id).implode()), ids.min() <= state.last_id)
        living = changed.filter(~pl.col("voided")).drop("voided")
        both = pl.concat([before.select(list(LOG)), living.select(list(LOG))])
        siblings = find(state, *same_keys(both)).filter(~pl.col("id").is_in(ids.implode()))
        marked = self._mark(pl.concat([siblings.select(list(LOG)), living.select(list(LOG))]), state.definitions)
        gone = pl.concat([before["id"], siblings["id"]])
        added, months = by_month(marked), dict(state.months)
        old = by_month(pl.concat([before, siblings]))
        for first in added.keys() | old.keys():
            month = months.get(first) or settled(marked.clear())
            months[first] = month.change(gone, added.get(first, marked.clear()))
        return replace(state, months=months, last_id=max(state.last_id, ids.max()))

    # -- the snapshot: a new process starts from it, plus what is newer ------------------------------------------

    def _snapshot(self, connection: Connection) -> Path | None:
        if self.store.snapshots is None:
            return None
        identity = connection.execute(select(ChangeCounter.store_id)).scalar_one()
        return self.store.snapshots / f"mirror-{identity}.parquet"

    def _save(self, state: State, connection: Connection) -> None:
        path = self._snapshot(connection)
        count = sum(month.base.height for month in state.months.values())
        if path is None or count < WORTH_A_SNAPSHOT:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        rows = pl.concat([month.rows() for month in state.months.values()]).collect()
        facts = {"version": str(state.version), "definitions": repr(state.definitions), "row": repr(ROW)}
        rows.write_parquet(path.with_suffix(".new"), metadata=facts, compression="lz4")
        path.with_suffix(".new").replace(path)
        self._saved_rows = count

    def _from_snapshot(self, connection: Connection, definitions: tuple) -> State | None:
        path = self._snapshot(connection)
        if path is None or not path.exists():
            return None
        try:
            facts = pl.read_parquet_metadata(path)
            if facts["definitions"] != repr(definitions) or facts["row"] != repr(ROW):
                return None
            rows = pl.read_parquet(path)
        except (pl.exceptions.PolarsError, OSError, KeyError):
            return None  # a damaged or older snapshot is no loss: the log itself is read instead
        months = {first: settled(part) for first, part in by_month(rows).items()}
        return State(int(facts["version"]), definitions, months, rows["id"].max() or 0)


def of(store: Store) -> Mirror:
    """The one mirror of a store."""
    return store.cache.setdefault("mirror", Mirror(store))


def find(state: State, condition: pl.Expr, worth_looking=True, months: Iterable[date] | None = None) -> pl.DataFrame:
    """Rows of the state that fulfil the condition."""
    chosen = state.months.values() if months is None else [state.months[one] for one in months if one in state.months]
    if worth_looking is False or not chosen:
        return pl.DataFrame(schema=ROW)
    return pl.concat([month.rows().filter(condition) for month in chosen]).collect()


def same_keys(rows: pl.DataFrame) -> tuple[pl.Expr]:
    """Which other rows could change their mark because of these: the visits of the same manager, customer and day, and
    the applications of the same opportunity. Wider than needed by visits that share all three keys apart."""
    visits = rows.filter(pl.col("kind") == "consultation")
    opportunities = rows.filter(pl.col("kind") == "application")["opportunity"].drop_nulls().unique()
    kind = pl.col("kind")
    same_visit = (kind == "consultation") & pl.all_horizontal(
        pl.col(key).is_in(visits[key].drop_nulls().unique().implode()) for key in VISIT
    )
    same_application = (kind == "application") & pl.col("opportunity").is_in(opportunities.implode())
    return (same_visit | same_application,)


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
    """The rows of `select_log` as columns: LOG and `voided`."""
    answer = connection.execution_options(stream_results=True).execute(statement)
    parts = [pl.DataFrame([tuple(row) for row in rows], FETCHED, orient="row") for rows in answer.partitions(AT_ONCE)]
    rows = pl.concat(parts) if parts else pl.DataFrame(schema=FETCHED)
    second = (pl.col("time").cast(pl.Int64) // 1_000_000_000).cast(pl.Int32)
    return rows.with_columns(second=second).select(*LOG, "voided")


def read_definitions(connection: Connection) -> tuple:
    """All versions as (version, region, from_day, body) records, oldest first."""
    columns = (Definitions.version, Definitions.region_id, Definitions.from_day, Definitions.body)
    return tuple(tuple(row) for row in connection.execute(select(*columns).order_by(Definitions.version)))
