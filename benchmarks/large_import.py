"""A file of a million rows through the command line, while somebody else goes on writing in one of its branches."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from benchmarks.figures import Figure, shown
from benchmarks.writing import TODAY, csv_file, import_alone
from dashboard.shell.store import open_store, operator
from db.engine import Store
from db.imports.imports import import_file
from db.log.entry import Entry
from db.recording import recording

ROWS, BEFORE = 1_000_000, 2_000  # rows of the file, of which some are stored already
EVERY = 0.2  # seconds


@contextmanager
def writing_beside(store: Store) -> Iterator[list[float]]:
    """The seconds that each entry of somebody waits who records one every `EVERY` seconds."""
    waits: list[float] = []
    done = threading.Event()

    def write() -> None:
        number = 0
        while not done.wait(EVERY):
            number += 1
            entry = Entry("consultation", TODAY, customer_name=f"路过{number}", met_decider=True)
            began = time.perf_counter()
            recording.record(operator(store), 1, entry, f"beside {number}", TODAY)
            waits.append(time.perf_counter() - began)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield waits
    finally:
        done.set()
        writer.join()


def importing(folder: Path, log: pl.DataFrame, rows: int = ROWS) -> list[Figure]:
    path = csv_file(folder / "large.csv", log, rows)
    store = open_store(url := f"sqlite:///{folder}/large.db", new=True)
    with path.open("rb") as file:
        first = b"".join(next(file) for _ in range(BEFORE + 1))
    import_file(operator(store), "activities", "first.csv", first, TODAY, create_missing=True)
    with writing_beside(store) as waits:
        done = import_alone(path, url)
    store.close()
    assert (done["accepted"], done["duplicates"], done["rejected"]) == (rows - BEFORE, BEFORE, 0), done
    what, taken, peak = f"import of {rows:,} rows in portions into SQLite", done["seconds"], done["megabytes"]
    figure = f"{shown(taken)}, of which a processor computed {shown(done['computing'])}"
    return [
        Figure(what, figure, target="≤ 60 s", held=taken <= 60),
        Figure(f"{what}: peak memory of the process", f"{peak:.0f} MB", target="≤ 600 MB", held=peak <= 600),
        Figure(
            f"{what}: the longest of {len(waits)} entries of somebody else",
            shown(max(waits)),
            target="≤ 2 s",
            held=max(waits) <= 2,
        ),
    ]
