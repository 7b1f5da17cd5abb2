"""A process that imports a large file, a few rows to a portion, and is killed by itself at a chosen step: the moment is that
step's, however busy the machine is."""

import os
import signal
import tempfile
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from sqlalchemy import event

from dashboard.shell.store import operator
from db.engine import Store
from db.files import records
from db.imports import resolving
from db.imports.imports import import_file
from db.imports.large import intake, portions, turns
from tests.support.sheets import TODAY

FEW = (
    (intake, "ROWS", 5),
    (records, "BATCH", 4),
    (resolving, "INSERTED", 3),
    (turns, "HELD", 0),
    (turns, "AWAITED", 0),
)
JUDGING, STORING, ACCEPTING = "judging", "storing", "accepting"


def bring(url: str, path: Path, folder: Path, phase: str, step: int, said: Connection) -> None:
    """Imports the file with its spool in the folder; at that step (statement, or end of a write) of a phase it is gone.
    Says dying before, or done when it came to its end."""
    tempfile.tempdir = str(folder)
    for module, name, value in FEW:
        setattr(module, name, value)
    store, phases, left = Store(url, patience=60), [""], step

    def inside(owner: Any, name: str, of: str, lasts: bool = False) -> None:
        plain: Callable = getattr(owner, name)

        def told(*arguments: object, **named: object) -> object:
            phases.append(of)
            result = plain(*arguments, **named)
            if not lasts:
                phases.pop()
            return result

        setattr(owner, name, told)

    def count(*_what: object) -> None:
        nonlocal left
        if phases[-1] == phase:
            left -= 1
            if left < 0:
                said.send("dying")
                os.kill(os.getpid(), signal.SIGKILL)

    inside(portions.Intake, "judge", JUDGING)
    inside(portions.Intake, "put", STORING)
    inside(intake, "accept", ACCEPTING, lasts=True)  # until the write it is in has ended
    event.listen(store.engine, "before_cursor_execute", count)
    event.listen(store.engine, "commit", count)
    import_file(operator(store), "activities", path.name, path.read_bytes(), TODAY, create_missing=True)
    said.send("done")
