"""A process that undoes a large batch, a few rows to a portion, and is killed by itself at a chosen step."""

import os
import signal
from multiprocessing.connection import Connection

from sqlalchemy import event

from dashboard.shell.store import operator
from db.engine import Store
from db.imports import undo
from db.imports.large import turns, withdrawing

FEW = ((undo, "ROWS", 1), (withdrawing, "AT_ONCE", 3), (turns, "HELD", 0), (turns, "AWAITED", 0))


def take_back(url: str, batch: int, step: int, at_once: int, said: Connection) -> None:
    """Undoes the batch; at that step (statement, or end of a write) it is gone. Says dying before, or done when it came to
    its end."""
    for module, name, value in FEW:
        setattr(module, name, value)
    withdrawing.AT_ONCE = at_once
    store, left = Store(url, patience=60), step

    def count(*_what: object) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            said.send("dying")
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(store.engine, "before_cursor_execute", count)
    event.listen(store.engine, "commit", count)
    undo.undo_batch(operator(store), batch)
    said.send("done")
