"""A process that imports one file and says how far it is, so that it can be killed on the way.

Run as `python tests/support/processes/importing.py URL FILE`: it says ready, waits for a line, then says open when the
write begins, written when all rows are in and only the end of the transaction is left, and done."""

import sys
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))

from sqlalchemy import event

from db.access import Viewer
from db.engine import Store
from db.imports.imports import import_file


def main(url: str, path: Path) -> None:
    store = Store(url, patience=60)
    viewer = Viewer(store, "operator", "operator")

    def begun(connection) -> None:
        if connection.get_execution_options().get("immediate"):
            print("open", flush=True)

    def written(done: int, total: int) -> None:
        if done == total:
            print("written", flush=True)

    event.listen(store.engine, "begin", begun)
    print("ready", flush=True)
    sys.stdin.readline()
    today = date(2026, 11, 20)
    import_file(viewer, "activities", path.name, path.read_bytes(), today, create_missing=True, progress=written)
    print("done", flush=True)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
