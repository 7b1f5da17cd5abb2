"""A process that imports one file and says how far it is, so that it can be killed on the way.

Run as `python tests/db/importing.py URL FILE`: it says ready, waits for a line, says open when the write begins, done."""

import sys
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from sqlalchemy import event

from db.access import Viewer
from db.engine import Store
from db.imports import import_file


def main(url: str, path: Path) -> None:
    store = Store(url)
    viewer = Viewer(store, "operator", "operator")

    def bring(**options) -> None:
        import_file(
            viewer, "activities", path.name, path.read_bytes(), date(2026, 11, 20), create_missing=True, **options
        )

    def begun(connection) -> None:
        if connection.get_execution_options().get("immediate"):
            print("open", flush=True)

    bring(dry_run=True)  # everything is loaded before the clock runs
    event.listen(store.engine, "begin", begun)
    print("ready", flush=True)
    sys.stdin.readline()
    bring()
    print("done", flush=True)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
