"""`python -m benchmarks [--quick]`: measures everything and writes docs/benchmarks.md; --quick only prints, on a
tenth."""

import argparse
import os
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import data, first_load, large_import, pages, reading, writing
from benchmarks.figures import Figure, seconds, table
from benchmarks.machine import machine, memory

PAGE = Path(__file__).parent.parent / "docs" / "benchmarks.md"
LIBRARIES = ("polars", "narwhals", "SQLAlchemy", "psycopg", "duckdb", "pandas", "numpy")
NEEDED = 12 << 30  # bytes of free memory for the log of 50 M rows, drawn and held once more
BY_SIZE = """## By the size of the log

[Pages against the size of the log](pages-by-size.md), by `python -m benchmarks.by_size`:

![Milliseconds of each page against rows](pictures/pages-by-size.png)"""
REMARKS = """## How to read it

* Ours is as a page asks it: the change counter is asked, the mirror brought up to date, totals, three rates and their six
  limits computed. The cases of a period are put together once, and again when one of its rows has changed: that is in the
  row *after a write*, and a pass over the log itself is the last peer. Every peer computes the same table, and the run
  stops unless all numbers are equal.
* What counts is marked once, when rows arrive. The store does not hold the marks, so the same GROUP BY there has to work
  out from the rows which visits and applications count: that is the comparison with SQLite. The other peers get the
  marks ready made, a column `counted` in their file or frame; SQLite is shown with such a column too, added to
  `activity` for this run alone, and after `ANALYZE`, which the product never runs.
* Of its cube DuckDB gives the totals and shared cases; rates and limits are then computed as ours, as it takes DuckDB 150 ms to
  plan them in SQL.
* The import is the command line's own, in a process of its own: its start, the reading and the checks are in the time.
* In the log of 50 M rows each branch is as large as in the small one (10 managers); there are more branches. `counted` is
  drawn there instead of marked, as nothing is compared with a peer. Its database holds no rows: the mirror has them.
* The rows are drawn with numpy. 64 writers are threads of one process, on a store that keeps its own queue.
* Figures are medians taken in turn in one process. Where the load average above exceeds the cores by more than one, the
  machine was shared with other work: ratios still compare like with like, durations are too long.
"""


def measured(folder: Path, quick: bool) -> list[Figure]:
    managers, times = (50, 5) if quick else (500, 15)
    log, path = data.year_of_log(managers), folder / "log.db"
    store = data.fill(path, managers, log)
    figures = []

    def add(part: str, act) -> None:
        taken = seconds(lambda: figures.extend(act()))
        print(f"… {part}: {taken:.0f} s", flush=True)

    add("import", lambda: writing.importing(folder, log, 10_000 if quick else 100_000, 1 if quick else 3))
    if not quick:
        add("large import", lambda: large_import.importing(folder, log))
    add("start", lambda: reading.starts(store))
    add("summary", lambda: reading.summary(store, path, log, times))
    add("summary after a write", lambda: reading.after_a_write(store, times))
    add("refresh", lambda: reading.refreshes(store, times))
    add("pages", lambda: pages.comparison(store, managers, times))
    add("meetings of the demo", lambda: pages.meetings_of_demo(folder, times))
    add("first load", first_load.measure)
    if memory()["MemAvailable"] > NEEDED or quick:
        add("growth", lambda: reading.growth(store, folder, managers * 24, times))
    else:
        figures.append(Figure("log of 50 M rows", f"not measured: less than {NEEDED >> 30} GB of memory are free"))
    add("writers", lambda: writing.concurrent(folder))
    return figures


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    options.add_argument("--quick", action="store_true", help="a tenth of the rows, printed only")
    quick = options.parse_args().quick
    started, load = time.perf_counter(), [os.getloadavg()[0]]
    with tempfile.TemporaryDirectory(prefix="chenxi-bench-") as folder:
        figures = measured(Path(folder), quick)
    load.append(os.getloadavg()[0])
    minutes = (time.perf_counter() - started) / 60
    page = f"""# Measured

Written by `make bench` (`python -m benchmarks`, {minutes:.0f} minutes) on {datetime.now(UTC):%Y-%m-%d}: do not edit.
{machine(LIBRARIES)}
Load average {load[0]:.1f} at the start, {load[1]:.1f} at the end; the run itself accounts for 1 to 2.

{table(figures)}

{BY_SIZE}

{REMARKS}"""
    print(page)
    if not quick:
        PAGE.write_text(page)


if __name__ == "__main__":
    main()
