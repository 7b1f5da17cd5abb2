"""The mirror's snapshot: one Parquet file a new process starts from. It is only there for speed: a file that is missing,
damaged, of another database or of another shape is passed over, and the log itself is read."""

import json
import os
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

ROWS_A_GROUP = 100_000  # of the file: what is decoded at once
LEFT_BEHIND = 3600  # seconds after which a half-written file belongs to a process that was killed
UNREADABLE = (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, KeyError, ValueError, TypeError)


@dataclass(frozen=True)
class Snapshot:
    """The rows as they stood at `version`, one frame a month. `marked_by` says what decided `counted`."""

    version: int
    marked_by: str
    months: dict[date, pl.DataFrame]


def write(path: Path, snapshot: Snapshot, identity: str) -> bool:
    """Puts the snapshot in place of an older one, whole or not at all; several processes may do so at once. Frames are
    kept in their order. False when the file there is as new, or the disk refuses."""
    held = facts(path)
    if held.get("identity") == identity and held.get("marked_by") == snapshot.marked_by:
        with suppress(KeyError, ValueError):
            if int(held["version"]) >= snapshot.version:
                return False
    stated = {
        "identity": identity,
        "version": str(snapshot.version),
        "marked_by": snapshot.marked_by,
        "months": json.dumps([(str(first), rows.height) for first, rows in snapshot.months.items()]),
    }
    own = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        for other in path.parent.glob(f"{path.name}.*.new"):
            if time.time() - other.stat().st_mtime > LEFT_BEHIND:
                other.unlink()
        rows = pl.concat([rows.lazy() for rows in snapshot.months.values()])
        rows.sink_parquet(own, compression="lz4", row_group_size=ROWS_A_GROUP, metadata=stated)
        own.replace(path)
    except UNREADABLE:
        with suppress(OSError):
            own.unlink()
        return False
    return True


def read(path: Path, identity: str, schema: dict, newest: int) -> Snapshot | None:
    """The snapshot of this database, in this schema, no newer than the database itself; else None."""
    stated = facts(path)
    try:
        version = int(stated["version"])
        if stated["identity"] != identity or version > newest:
            return None
        rows, start, months = pl.scan_parquet(path), 0, {}
        for first, height in json.loads(stated["months"]):
            months[date.fromisoformat(first)] = part = rows.slice(start, height).collect()
            start += height
            if part.schema != pl.Schema(schema) or part.height != height:
                return None
        return Snapshot(version, stated["marked_by"], months)
    except UNREADABLE:
        return None


def facts(path: Path) -> dict[str, str]:
    """What a snapshot says of itself; nothing where there is none to read."""
    try:
        return pl.read_parquet_metadata(path)
    except UNREADABLE:
        return {}
