"""Files that only grow, a record a line: what is in them stays, whoever appends at the same moment or dies at it."""

import json
import os
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from db.errors import StorageError

UNWRITABLE = "“{file}” cannot be written: {reason}"
WAITS, STEP = 10.0, 0.05  # seconds
LEFT_BEHIND = 60  # seconds after which the lock is of a process that was killed
Record = dict[str, Any]


def append(file: Path, make: Callable[[list[bytes]], list[Record]]) -> None:
    """Adds the records that `make` makes of the lines that are there: on the disk when this returns. Raises
    StorageError where the file cannot be written."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with alone(file), os.fdopen(os.open(file, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "rb+") as out:
            there = out.read()
            added = make(there.splitlines())
            if added and there and not there.endswith(b"\n"):  # whoever wrote it was killed
                out.write(b"\n")
            for record in added:
                out.write(json.dumps(record, ensure_ascii=False).encode() + b"\n")
            out.flush()
            os.fsync(out.fileno())
    except OSError as error:
        raise StorageError(UNWRITABLE, file=str(file), reason=error.strerror or str(error)) from error


@contextmanager
def alone(file: Path) -> Generator[None]:
    """One process at a time. Raises TimeoutError where another does not come to its end."""
    lock, until = file.with_name(f"{file.name}.lock"), time.monotonic() + WAITS
    while True:
        try:
            os.close(os.open(lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            break
        except FileExistsError:
            if time.monotonic() > until:
                raise TimeoutError(f"{lock} is there") from None
            if age(lock) > LEFT_BEHIND:
                lock.unlink(missing_ok=True)
            time.sleep(STEP)
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)


def age(lock: Path) -> float:
    try:
        return time.time() - lock.stat().st_mtime
    except OSError:
        return 0.0


def lines(file: Path) -> list[bytes]:
    """The lines of the file; none where there is no file."""
    try:
        return file.read_bytes().splitlines()
    except FileNotFoundError:
        return []


def parsed(line: bytes, needed: set[str]) -> Record:
    """The record of a line; an empty one where it is none, or lacks what is needed."""
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) and needed <= found.keys() else {}
