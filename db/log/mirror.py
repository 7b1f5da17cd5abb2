"""A columnar copy of the activity log in the process: reports read it, never SQL.

Each read asks the change counter and fetches only rows with a newer version; how they lie in memory is db.log.columns.partitions. What
counts is decided by `store.mark`, handed in from outside; only keys that new rows touch are marked again."""

import threading
import time
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain
from typing import cast

import polars as pl
from sqlalchemy import Connection

from db.engine import Store
from db.log.columns.changes import Changes, Place, Scope, place_of
from db.log.columns.fetching import fetch_applications, fetch_changed, fetch_stated, read_definitions
from db.log.columns.filed import Filed, held_since
from db.log.columns.partitions import ACTIVITY, APPLIED, LOG, ROW, Month, Records, by_month, laid, settled
from db.log.columns.state import State, same_keys, with_ids
from db.log.saved import Saved, file_away
from db.spans import Ever, Span, Stretch, months_between
from db.store import history
from db.store.history import Version
from db.store.parts import DEFINITIONS, EVERYTHING, NOTHING, Asked, depend, depend_on

RECENT = 16  # states kept; they share all that did not change


@dataclass(frozen=True)
class Rows:
    """The rows of a place and span, as something an answer was made of (db.store.parts.Watched)."""

    mirror: "Mirror"
    place: Place
    span: Stretch
    parts: tuple[str, ...]

    def of(self, state: State) -> Hashable:
        return state.changes.last(self.place, self.span)

    def stamp(self, version: object) -> Hashable:
        return self.of(self.mirror.at(cast(Version, version)))


class Mirror:
    """The copy for one store. Readers get immutable frames; one thread at a time brings it up to date."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._state: State | None = None
        self._recent: dict[Version, State] = {}
        self._unsaved = 0  # changed rows the snapshot does not have
        self._disk = Saved(store)
        self._lock = threading.Lock()
        self._kept_at = time.monotonic()

    def behind(self) -> tuple[int, float]:
        """How many writes it has not read yet, and for how many seconds it has not looked; 0 and 0.0 where it is up to
        date, however long ago it was read."""
        held = self._state.version.counter if self._state else 0
        missing = max(self.store.counter() - held, 0)
        return missing, time.monotonic() - self._kept_at if missing else 0.0

    def read(
        self, span: Span, scope: Scope, columns: Iterable[str] = ACTIVITY, of: Iterable[str] = (EVERYTHING,)
    ) -> pl.LazyFrame:
        """The marked log (the frame contract's Activity, or these columns of ROW) of the days of `span`, within `scope`
        (access.scope). `of` are the parts (db.store.parts) that the rows lie in; the definitions that mark them come
        by themselves."""
        depend_on((*of, DEFINITIONS))
        return self._rows(self.refresh(), span, scope, columns)

    def steps(
        self,
        opportunities: pl.Series,
        scope: Scope,
        columns: Iterable[str] = ACTIVITY,
        of: Iterable[str] = (EVERYTHING,),
    ) -> pl.LazyFrame:
        """The same of these opportunities, from whatever day; months beyond memory that hold none of them are left
        out."""
        depend_on((*of, DEFINITIONS))
        state = self.refresh()
        months = {
            first: month
            for first, month in state.months.items()
            if isinstance(month, Month) or month.may_hold(opportunities)
        }
        rows = self._rows(replace(state, months=months), Ever(), scope, columns)
        return rows.filter(pl.col("opportunity").is_in(opportunities.implode()))

    def watched(
        self,
        span: Span,
        scope: Scope,
        place: Mapping[str, int | None],
        columns: Iterable[str] = ACTIVITY,
        of: Iterable[str] = (),
    ) -> pl.LazyFrame:
        """The same of a place within the scope, for an answer that holds until one of these rows changes, whatever else is
        written in the parts `of` that they lie in."""
        state, named = self.refresh(), {level: one for level, one in place.items() if one is not None}
        there = {**named, **scope}
        rows = Rows(self, place_of(there), Stretch(span.first, span.last), tuple(of))
        depend(Asked({DEFINITIONS}, {rows: rows.of(state)}))
        beyond = any(there[level] != one for level, one in named.items())
        return self._rows(state, span, there, columns).filter(*[pl.lit(False)] * beyond)

    def at(self, version: Version) -> State:
        """The log as it stood at a version, or as it is where that is long ago."""
        return self._recent.get(version) or self.refresh()

    def _rows(self, state: State, span: Span, scope: Scope, columns: Iterable[str]) -> pl.LazyFrame:
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
        there = state is None or self._disk.has_files_of(state)
        if state is not None and there and self.store.version() == state.version:
            return state
        with self._lock, self.store.reading(*NOTHING, snapshot=True) as connection:
            if not there:
                self._state, self._recent = None, {}
            moment = self.store.current_moment()
            version = history.present(connection) if moment is None else moment.version
            if version in self._recent:  # somebody else was here first
                return self._recent[version]
            unsaved = self._unsaved
            state = self._brought_to(connection, version)
            if self._is_ahead():  # a moment older than what others have read since: kept for who else reads in it
                self._unsaved = unsaved
                self._recent = {**self._recent, version: state}
                return state
            self._keep(connection, state)
            if self._disk.save_if_worth(connection, state, self._unsaved, self._put_away):
                self._unsaved = 0
            return state

    def _brought_to(self, connection: Connection, version: Version) -> State:
        """The log as it stood at the version: what changed since the newest state, or snapshot, that lies in its past;
        else all of it."""
        past = history.held(connection, self._recent.keys())
        definitions = read_definitions(connection)
        known = max(past, key=lambda one: one.counter, default=None)
        state = self._recent[known] if known else self._loaded(connection, version, definitions)
        if state.version != version:
            changed = fetch_changed(connection, state.version.counter)
            state = self._apply(state, changed, version)
            self._unsaved += changed.height
        return state if state.definitions == definitions else self._marked_again(connection, state, definitions)

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

    def _loaded(self, connection: Connection, version: Version, definitions: Records) -> State:
        """From the snapshot, else from the store."""
        place, days = self._disk.locate(connection)
        saved = self._disk.read(connection, definitions)
        return saved or self._load(connection, version, definitions, days if place else None)

    def _load(self, connection: Connection, version: Version, definitions: Records, days: Stretch | None) -> State:
        """All of it; of a log of these `days` the months beyond memory one at a time."""
        since = held_since(days.last) if days else date.min
        older = months_between(days.first, since) if days else []
        held = Stretch(since, days.last) if days and older else None
        stated = fetch_stated(connection, held)
        applications = [stated.filter(APPLIED)]
        if older:
            applications.append(fetch_applications(connection, since))
        others = by_month(stated.filter(~APPLIED))
        of_older = ((one.first, fetch_stated(connection, one).filter(~APPLIED)) for one in older)
        months = self._marked(
            connection, version, definitions, pl.concat(applications), chain(others.items(), of_older), since
        )
        state = State(version, definitions, months, max((month.ids[1] for month in months.values()), default=0))
        self._unsaved = state.height
        return state

    def _mark(self, stated: pl.DataFrame, definitions: Records) -> pl.DataFrame:
        return self.store.mark(stated.lazy(), definitions).select(list(ROW)).collect()

    def _marked(
        self,
        connection: Connection,
        version: Version,
        definitions: Records,
        applications: pl.DataFrame,
        others: Iterable[tuple[date, pl.DataFrame]],
        since: date,
    ) -> dict[date, Month | Filed]:
        """The months, marked one by one: what makes an application count may lie in any of them, what makes a visit count
        lies in its own. `applications` are all of the log, `others` the rest of each month (LOG); those before `since` lie
        in files."""
        place, rules = self._disk.place(connection), self._disk.rules(definitions)

        def laid_out(first: date, rows: pl.DataFrame) -> Month | Filed:
            return file_away(place, first, settled(rows), version, rules, since)

        marked, months = by_month(self._mark(applications, definitions)), {}
        for first, rows in others:
            parts = [self._mark(rows, definitions), *([marked.pop(first)] if first in marked else [])]
            months[first] = laid_out(first, pl.concat(parts))
        months |= {first: laid_out(first, rows) for first, rows in marked.items()}
        return {first: month for first, month in months.items() if month.height}

    def _marked_again(self, connection: Connection, state: State, definitions: Records) -> State:
        if not state.months:
            return replace(state, definitions=definitions, changes=Changes())
        parts = {first: month.rows().select(list(LOG)) for first, month in state.months.items()}
        applications = pl.concat([part.filter(APPLIED) for part in parts.values()]).collect()
        others = ((first, part.filter(~APPLIED).collect()) for first, part in parts.items())
        since = held_since(max(state.months))
        months = self._marked(connection, state.version, definitions, applications, others, since)
        self._unsaved = state.height
        return replace(state, definitions=definitions, months=months, changes=Changes())

    def _apply(self, state: State, changed: pl.DataFrame, version: Version) -> State:
        """The state with new, corrected and voided rows (LOG and `voided`) taken in, at their version."""
        if changed.is_empty():
            return replace(state, version=version)
        ids = changed["id"]
        living = changed.filter(~pl.col("voided")).select(list(LOG))
        before = with_ids(state, ids.filter(ids <= state.last_id))
        touched = pl.concat([before.select(list(LOG)), living])
        siblings = same_keys(state, touched).filter(~pl.col("id").is_in(ids.implode()))
        marked = self._mark(pl.concat([siblings.select(list(LOG)), living]), state.definitions)
        unmoved = siblings.join(marked, on=["id", "counted"], how="semi")["id"].implode()
        left = pl.concat([before, siblings.filter(~pl.col("id").is_in(unmoved))])
        come = marked.filter(~pl.col("id").is_in(unmoved))
        gone, added = by_month(left), by_month(come)
        months = dict(state.months)
        for first in gone.keys() | added.keys():
            month = months.get(first) or laid(marked.clear())
            months[first] = month.change(gone.get(first, before.clear()), added.get(first, marked.clear()))
        last_id = max(state.last_id, cast(int, ids.max()))
        changes = state.changes.after([left, come], (version.counter, version.token))
        return replace(state, version=version, months=months, last_id=last_id, changes=changes)

    def _put_away(self, moved: Mapping[date, tuple[Month | Filed, Filed]]) -> None:
        """Months that lie in files from here on, wherever they are held."""
        with self._lock:
            for version, state in self._recent.items():
                months = {
                    first: moved[first][1] if first in moved and moved[first][0] is month else month
                    for first, month in state.months.items()
                }
                self._recent[version] = replace(state, months=months)
            if self._state is not None:
                self._state = self._recent.get(self._state.version, self._state)

    def wait(self) -> None:
        """Until a snapshot that is being written is there."""
        self._disk.wait()


def of(store: Store) -> Mirror:
    """The one mirror of a store."""
    return store.cache.setdefault("mirror", Mirror(store))
