"""Writes: a file of 100,000 rows, and 64 people at once who send everything three times."""

import json
import os
import subprocess
import sys
import threading
import time
import uuid
from datetime import date
from functools import partial
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import polars as pl
from sqlalchemy import create_engine, func, insert, make_url, select, text
from sqlalchemy.exc import SQLAlchemyError

from benchmarks import data
from benchmarks.figures import Figure, seconds, shown
from dashboard.shell.store import open_store, operator
from db.codes import CROSS_SELL_PRODUCTS, LOAN_PRODUCTS
from db.engine import Store
from db.log.entry import Entry
from db.models import Activity, Branch, Manager, Posting, Region
from db.recording import recording

TODAY = date(2026, 12, 31)
WRITERS, SUBMISSIONS, SENT = 64, 20, 3
POSTGRES = os.environ.get("TEST_POSTGRES_URL", "postgresql+psycopg://root@127.0.0.1:5432/test")


def csv_file(path: Path, log: pl.DataFrame, rows: int) -> Path:
    """An activities file as a bank would export it."""
    codes = dict(enumerate([*LOAN_PRODUCTS, *CROSS_SELL_PRODUCTS], 1))
    some = log.sample(rows, seed=1)
    name = pl.format("客户{}", "customer")
    table = some.select(
        pl.col("day").alias("date"),
        pl.from_epoch(pl.col("second"), "s").dt.strftime("%H:%M").alias("time"),
        pl.lit("江城分行").alias("region"),
        pl.format("第{}支行", "branch").alias("branch"),
        pl.col("manager").cast(pl.String).str.zfill(5).alias("staff_no"),
        pl.format("经理{}", "manager").alias("manager"),
        "kind",
        name.alias("customer"),
        pl.format("138{}", pl.col("customer").cast(pl.String).str.zfill(8)).alias("phone"),
        pl.format("N{}", "opportunity").alias("opportunity"),
        pl.col("product").replace_strict(codes, default=None, return_dtype=pl.String).alias("product"),
        (pl.col("amount_cents") / 100).alias("amount"),
        "channel",
        "method",
        pl.format("R{}", "id").alias("reference"),
    )
    table.write_csv(path)
    return path


# Between us and the import, because the memory of a process as large as this one would be counted as its child's.
LAUNCHER = """
import json, resource, subprocess, sys
said = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE, check=True).stdout
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps(json.loads(said) | {"megabytes": used.ru_maxrss / 1024, "computing": used.ru_utime + used.ru_stime}))
"""


def import_alone(path: Path, url: str) -> dict:
    """The command a person would give, in a process of its own: what it prints, its seconds from start to end, those
    of them a processor computed for it, and the most memory it or its child took."""
    call = [sys.executable, "-m", "dashboard", "import", "activities", path, "--create-missing", "--json"]
    before = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", LAUNCHER, *call, "--database", url],
        stdout=subprocess.PIPE,
        env=os.environ | {"CHENXI_NOW": f"{TODAY}T20:00"},
        check=True,
    )
    return json.loads(done.stdout) | {"seconds": time.perf_counter() - before}


def importing(folder: Path, log: pl.DataFrame, rows: int, times: int) -> list[Figure]:
    path, found = csv_file(folder / "log.csv", log, rows), []
    for number in range(times):
        open_store(url := f"sqlite:///{folder}/i{number}.db", new=True).close()
        found.append(import_alone(path, url))
        assert (found[-1]["accepted"], found[-1]["rejected"]) == (rows, 0), found[-1]
    taken = float(np.median([one["seconds"] for one in found]))
    peak = max(one["megabytes"] for one in found)
    engine = create_engine(f"sqlite:///{folder / 'pandas.db'}")
    pandas = seconds(lambda: pd.read_csv(path).to_sql("activity", engine, index=False))
    connection = duckdb.connect(str(folder / "duck.db"))
    duck = seconds(lambda: connection.execute(f"CREATE TABLE activity AS SELECT * FROM read_csv('{path}')"))
    connection.close()
    what = f"import of {rows:,} validated rows into SQLite"
    peers = f"no validation, ids or audit — pandas to_sql: {shown(pandas)}; DuckDB: {shown(duck)}"
    hold = rows / 10_000
    return [
        Figure(
            what, shown(taken), peers, f"{pandas / taken:.2f}×, {duck / taken:.2f}×", f"≤ {hold:g} s", taken <= hold
        ),
        Figure(f"{what}: peak memory of the process", f"{peak:.0f} MB", target="≤ 600 MB", held=peak <= 600),
    ]


def staffed(store: Store) -> Store:
    with store.writing("benchmark") as write:
        run, numbers = write.session.execute, range(1, WRITERS + 1)
        run(insert(Region), [{"id": 1, "name": "分行"}])
        run(insert(Branch), [{"id": n, "region_id": 1, "name": f"支行{n}"} for n in range(1, 8)])
        run(insert(Manager), [{"id": n, "staff_no": f"{n:05}", "name": f"经理{n}"} for n in numbers])
        run(insert(Posting), [{"manager_id": n, "branch_id": data.branch_of(n)} for n in numbers])
        write.settle_ids(Region, Branch, Manager, Posting)
    return store


def together(store: Store, name: str) -> Figure:
    """64 threads, 20 submissions each, every one sent three times: no error, each there once."""
    viewer, waits, errors = operator(store), [], []
    start = threading.Barrier(WRITERS)

    def person(number: int) -> None:
        start.wait()
        for one in range(SUBMISSIONS):
            entry = Entry("consultation", date(2026, 11, 16), customer_name=f"客户{one}", met_decider=True)
            send = partial(recording.record, viewer, number, entry, f"{number}-{one}", TODAY)
            for _ in range(SENT):
                try:
                    waits.append(seconds(send))
                except Exception as error:
                    errors.append(error)

    threads = [threading.Thread(target=person, args=(number,)) for number in range(1, WRITERS + 1)]
    taken = seconds(lambda: [[one.start() for one in threads], [one.join() for one in threads]])
    with store.reading() as connection:
        rows = connection.execute(select(func.count()).select_from(Activity)).scalar_one()
    p50, p99 = np.quantile(waits, [0.5, 0.99]) if waits else (0, 0)
    calls = WRITERS * SUBMISSIONS * SENT
    figures = f"{len(errors)} errors, {rows:,} rows, p50 {shown(p50)}, p99 {shown(p99)}, {calls / taken:.0f} calls/s"
    held = not errors and rows == WRITERS * SUBMISSIONS and p99 <= 1
    return Figure(
        f"64 concurrent writers, each submission sent 3 times, {name}",
        figures,
        target="0 errors, 1,280 rows, p99 ≤ 1 s",
        held=held,
    )


def concurrent(folder: Path) -> list[Figure]:
    store = staffed(open_store(f"sqlite:///{folder / 'writers.db'}", new=True))
    figures = [together(store, "SQLite")]
    store.close()
    server = create_engine(POSTGRES, isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 3})
    name = f"chenxi_bench_{uuid.uuid4().hex[:8]}"
    try:
        with server.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
    except SQLAlchemyError as error:
        return [*figures, Figure("the same on PostgreSQL", f"not measured: {type(error).__name__}, no server")]
    url = make_url(POSTGRES).set(database=name).render_as_string(hide_password=False)
    store = staffed(open_store(url, new=True))
    try:
        return [*figures, together(store, "PostgreSQL")]
    finally:
        store.close()
        with server.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
