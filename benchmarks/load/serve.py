"""`python -m benchmarks.load.serve URL PORT COUNTS`: the demo's server as it is, which also counts the statements it sends,
into a file that others may read meanwhile."""

import sys
import threading

import numpy as np
from sqlalchemy import Engine, event

from dashboard.web import server

FORGOTTEN = 20  # seconds until the server forgets somebody whose connection is gone; in the product it is ten minutes
NOT_COUNTED = ("BEGIN", "COMMIT", "ROLLBACK", "PRAGMA", "SAVEPOINT", "RELEASE")


def count_into(path: str) -> None:
    counted, lock = np.memmap(path, np.int64, "r+", shape=(1,)), threading.Lock()

    @event.listens_for(Engine, "before_cursor_execute")
    def count(_connection, _cursor, statement: str, *_more: object) -> None:
        if not statement.lstrip().upper().startswith(NOT_COUNTED):
            with lock:
                counted[0] += 1


if __name__ == "__main__":
    url, port, counts = sys.argv[1:]
    count_into(counts)
    usual = server.options
    server.options = lambda *where: usual(*where) | {"server.disconnectedSessionTTL": FORGOTTEN}
    server.serve(url, "127.0.0.1", int(port), demo=True)
