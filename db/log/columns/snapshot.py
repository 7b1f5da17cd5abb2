"""The mirror's snapshot: one Parquet file a new process starts from, and the names of those of the months beyond memory. It
is only there for speed: a file that is missing, damaged, of another database, of another past or of another shape is passed over, and the log itself is read."""

import hashlib
import json
import mmap
import os
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import polars as pl

from db.log.columns.filed import Filed
from db.store.history import Version

ROWS_A_GROUP = 100_000  # of the file: what is decoded at once
LEFT_BEHIND = 3600  # seconds after which a half-written file belongs to a process that was killed
UNREADABLE = (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, KeyError, ValueError, TypeError)
DIGEST_BYTES = 32
UNSEALED = "0" * 2 * DIGEST_BYTES  # stands in the file while its digest is taken
PORTION = 1 << 20  # bytes


@dataclass(frozen=True)
class Snapshot:
    """The rows as they stood at `version`, one frame a month; months beyond memory are `filed` beside it, unchanged since.
    `marked_by` says what decided `counted`."""

    version: Version
    marked_by: str
    months: dict[date, pl.DataFrame]
    filed: dict[date, Filed] = field(default_factory=dict)


def write(path: Path, snapshot: Snapshot, identity: str, rows_a_group: int = ROWS_A_GROUP) -> bool:
    """Puts the snapshot in place of an older one, whole or not at all; several processes may do so at once. Frames are
    kept in their order. False when the disk refuses."""
    stated = {
        "identity": identity,
        "version": str(snapshot.version.counter),
        "token": snapshot.version.token,
        "marked_by": snapshot.marked_by,
        "months": json.dumps([(str(first), rows.height) for first, rows in snapshot.months.items()]),
        "filed": json.dumps([(str(first), *stated_of(one)) for first, one in snapshot.filed.items()]),
        "digest": UNSEALED,
    }
    own = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        for other in path.parent.glob(f"{path.name}.*.new"):
            if time.time() - other.stat().st_mtime > LEFT_BEHIND:
                other.unlink()
        rows = pl.concat([rows.lazy() for rows in snapshot.months.values()])
        rows.sink_parquet(own, compression="lz4", row_group_size=rows_a_group, metadata=stated)
        seal(own)
        own.replace(path)
    except UNREADABLE:
        with suppress(OSError):
            own.unlink()
        return False
    return True


def version(path: Path, identity: str) -> Version | None:
    """What the file says it is a snapshot of, when it says it is this database's."""
    stated = facts(path)
    try:
        return Version(int(stated["version"]), stated["token"]) if stated["identity"] == identity else None
    except UNREADABLE:
        return None


def read(path: Path, of: Version, schema: Mapping[str, pl.DataType | type[pl.DataType]]) -> Snapshot | None:
    """The snapshot of this version, whole and in this schema; else None."""
    stated = facts(path)
    try:
        if not is_whole(path, stated["digest"]) or of != Version(int(stated["version"]), stated["token"]):
            return None
        rows, start, months = pl.scan_parquet(path), 0, {}
        for first, height in json.loads(stated["months"]):
            months[date.fromisoformat(first)] = part = rows.slice(start, height).collect()
            start += height
            if part.schema != pl.Schema(schema) or part.height != height:
                return None
        filed = {
            date.fromisoformat(first): Filed(path.with_name(name), written, tuple(ids), tuple(opportunities))
            for first, name, written, ids, opportunities in json.loads(stated["filed"])
        }
        if not all(is_whole(one.path, facts(one.path)["digest"]) for one in filed.values()):
            return None
        held = Snapshot(of, stated["marked_by"], months, filed)
        return held if facts(path) == stated else None  # nobody wrote meanwhile
    except UNREADABLE:
        return None


def stated_of(month: Filed) -> tuple[str, int, tuple[int, int], tuple[int, int]]:
    return month.path.name, month.written, month.ids, month.opportunities


def facts(path: Path) -> dict[str, str]:
    """What a snapshot says of itself; nothing where there is none to read."""
    try:
        return pl.read_parquet_metadata(path)
    except UNREADABLE:
        return {}


def seal(path: Path) -> None:
    """Writes the digest of the whole file in the place that was left for it."""
    with path.open("r+b") as file, mmap.mmap(file.fileno(), 0) as content:
        place = content.rfind(UNSEALED.encode())
        content[place : place + len(UNSEALED)] = digest(content, place).encode()


def is_whole(path: Path, stated: str) -> bool:
    """Whether every bit of the file is as it was written."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        place = content.rfind(stated.encode())
        return len(stated) == len(UNSEALED) and place >= 0 and digest(content, place) == stated


def digest(content: mmap.mmap, place: int) -> str:
    """Of the file as it was before its digest was written at `place`."""
    after = place + len(UNSEALED)
    parts = ((0, place), (after, len(content)))
    found = hashlib.blake2b(UNSEALED.encode(), digest_size=DIGEST_BYTES)
    for first, end in parts:
        for start in range(first, end, PORTION):
            found.update(content[start : min(start + PORTION, end)])
    return found.hexdigest()
