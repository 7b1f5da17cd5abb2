"""What of the mirror lies on disk: the snapshot that a new process starts from, and the months beyond memory."""

import hashlib
import inspect
import os
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import Connection, func, select

from db.engine import Store
from db.log.columns import filed, snapshot
from db.log.columns.filed import Filed
from db.log.columns.partitions import ROW, Month, Records, laid, settled
from db.log.columns.state import State
from db.models import Activity, ChangeCounter
from db.spans import Stretch
from db.store import history
from db.store.history import Version

WORTH_A_SNAPSHOT = 20_000  # rows; a smaller log loads from SQL in well under a second
UNSAVED_SHARE = 0.05  # of the log in memory may be newer than the snapshot before it is written again
LOOKED_EVERY = 1.0  # seconds: whether the files of the months are there
TOUCHED_EVERY = 3_600.0  # seconds between two times that a process says it reads the files of its months
ROWS_A_GROUP = 8_192  # of a month's file: a branch is read without most of the others
KEPT_UNUSED = 86_400.0  # seconds after which a file that nobody says so of is taken away
PutAway = Callable[[Mapping[date, tuple[Month | Filed, Filed]]], None]


@dataclass(frozen=True)
class Place:
    """Where this database's files lie, and whose they are: a copy of a database goes on in a way of its own."""

    path: Path  # of the snapshot
    identity: str

    def of_month(self, first: date) -> Path:
        """A new name for a month's file: none is ever written twice."""
        return self.path.with_name(f"{self.path.stem}-{first:%Y-%m}-{secrets.token_hex(6)}.parquet")

    def months(self) -> list[Path]:
        return list(self.path.parent.glob(f"{self.path.stem}-*.parquet"))


class Saved:
    """Of one store; without a folder for snapshots nothing is written, and every month stays in memory."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._saving = threading.Thread()
        self._looked_at = self._touched_at = -TOUCHED_EVERY
        self._place: Place | None = None

    def locate(self, connection: Connection) -> tuple[Place | None, Stretch | None]:
        """Where its files lie, None where none are written; and the days of the log, None of an empty one."""
        first, last = (select(end(Activity.day)).scalar_subquery() for end in (func.min, func.max))
        own, first, last = connection.execute(select(ChangeCounter.store_id, first, last)).one()
        if self.store.snapshots is not None:
            identity = f"{own} {self.store.engine.url.render_as_string(hide_password=True)}"
            name = hashlib.blake2b(identity.encode(), digest_size=16).hexdigest()
            self._place = Place(self.store.snapshots / f"mirror-{name}.parquet", identity)
        return self._place, Stretch(first, last) if first else None

    def place(self, connection: Connection) -> Place | None:
        """As it was last looked for."""
        if self.store.snapshots is None:
            return None
        return self._place or self.locate(connection)[0]

    def read(self, connection: Connection, definitions: Records) -> State | None:
        """What the snapshot has, where it is of this database's own past."""
        place = self.place(connection)
        stated = snapshot.version(place.path, place.identity) if place else None
        if place is None or stated is None or not history.held(connection, [stated]):
            return None
        found = snapshot.read(place.path, stated, ROW)
        if found is None:
            return None
        months = found.filed | {first: laid(rows) for first, rows in found.months.items()}
        last_id = max((month.ids[1] for month in months.values()), default=0)
        return State(found.version, definitions if found.marked_by == self.rules(definitions) else (), months, last_id)

    def save_if_worth(self, connection: Connection, state: State, unsaved: int, put_away: PutAway) -> bool:
        """Writes a snapshot beside what goes on, when so many rows are newer than the last; False where it does not.
        `put_away` is told of the months that lie in files from then on: as they were, and as they are."""
        in_memory = sum(month.height for month in state.months.values() if isinstance(month, Month))
        if self._saving.is_alive() or unsaved <= max(WORTH_A_SNAPSHOT, UNSAVED_SHARE * in_memory):
            return False
        place = self.place(connection)
        if place is None:
            return False
        if self._has_saved(connection, place, state):
            return True

        def save() -> None:
            rules, since = self.rules(state.definitions), filed.held_since(max(state.months))
            held, away, moved = {}, {}, {}
            for first, month in state.months.items():
                if isinstance(month, Filed) and not month.changed:
                    away[first] = month
                    continue
                whole = (
                    month.settled() if isinstance(month, Month) else settled(month.rows().select(list(ROW)).collect())
                )
                one = file_away(place, first, whole, state.version, rules, since)
                if isinstance(one, Filed):
                    away[first], moved[first] = one, (month, one)
                else:
                    held[first] = whole.base.select(list(ROW))
            if snapshot.write(place.path, snapshot.Snapshot(state.version, rules, held, away), place.identity):
                put_away(moved)
                clear(place, {one.path for one in away.values()})

        self._saving = threading.Thread(target=save, name="snapshot")
        self._saving.start()
        return True

    def _has_saved(self, connection: Connection, place: Place, state: State) -> bool:
        """Whether another process has saved what is as new."""
        there = snapshot.version(place.path, place.identity)
        if there is None or there.counter < state.version.counter or not history.held(connection, [there]):
            return False
        return snapshot.facts(place.path).get("marked_by") == self.rules(state.definitions)

    def has_files_of(self, state: State) -> bool:
        """Whether the files of its months are there, as far as was looked lately. Now and then it says that they are used,
        so that no other process takes them away."""
        now = time.monotonic()
        if now - self._looked_at < LOOKED_EVERY:
            return True
        self._looked_at, paths = now, [month.path for month in state.months.values() if isinstance(month, Filed)]
        if not all(path.exists() for path in paths):
            return False
        if now - self._touched_at >= TOUCHED_EVERY:
            self._touched_at = now
            for path in paths:
                with suppress(OSError):
                    os.utime(path)
        return True

    def wait(self) -> None:
        """Until a snapshot that is being written is there."""
        if self._saving.ident is not None:
            self._saving.join()

    def rules(self, definitions: Records) -> str:
        """What decides `counted`: the definitions, and the code that reads them."""
        code = inspect.getsource(inspect.getmodule(self.store.mark) or self.store.mark)
        return f"{hashlib.blake2b(code.encode(), digest_size=8).hexdigest()} {definitions!r}"


def file_away(
    place: Place | None, first: date, month: Month, version: Version, rules: str, since: date
) -> Month | Filed:
    """The settled month, in a file of its own where it lies before `since`; in memory where the disk refuses."""
    if place is None or first >= since or not month.height:
        return month
    path = place.of_month(first)
    alone = snapshot.Snapshot(version, rules, {first: month.base.select(list(ROW))})
    return filed.of(month, path) if snapshot.write(path, alone, place.identity, ROWS_A_GROUP) else month


def clear(place: Place, used: set[Path]) -> None:
    """Takes away the months' files that neither the snapshot nor, for long, any process has used."""
    for path in place.months():
        with suppress(OSError):
            if path not in used and time.time() - path.stat().st_mtime > KEPT_UNUSED:
                path.unlink()
