"""A year's log drawn with numpy: the same rows for the store, for Parquet and for memory."""

import sqlite3
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
from sqlalchemy import insert

from dashboard.shell.store import open_store
from db.engine import Store
from db.models import Activity, Branch, Customer, Manager, Opportunity, Posting, Region
from metrics.definitions import DEFAULT, interpret
from metrics.frames import CHANNELS, KINDS, LOG, METHODS

FIRST = date(2026, 1, 1)
MONTHS = [date(2026, month, 1) for month in range(1, 13)]
NOVEMBER = date(2026, 11, 1)
MANAGERS_A_BRANCH = 10
ROWS_A_MONTH = 350  # of one manager: about 17 on each working day
CUSTOMERS = 200  # of one manager, each with a need for two products
PRODUCTS = 12
KIND_SHARES = (0.78, 0.08, 0.02, 0.02, 0.01, 0.01, 0.01, 0.01, 0.05, 0.005, 0.005)
DEFINITIONS = ((1, None, date(2000, 1, 1), DEFAULT),)


def month_of_log(first: date, managers: int, first_id: int, rng: np.random.Generator) -> pl.DataFrame:
    """One month of activities (frames.LOG) of managers 1…n, in no order but that of their ids."""
    days = [first + timedelta(n) for n in range(31)]
    days = np.array([day for day in days if day.month == first.month and day.weekday() < 5], "datetime64[D]")
    rows = managers * ROWS_A_MONTH
    manager = rng.integers(1, managers + 1, rows)
    kind = rng.choice(len(KINDS), rows, p=KIND_SHARES)
    customer = (manager - 1) * CUSTOMERS + rng.integers(1, CUSTOMERS + 1, rows)
    need = rng.integers(0, 2, rows)
    has_need, has_customer = kind > 0, (kind > 0) | (rng.random(rows) < 0.8)
    product = customer % (PRODUCTS - 1) + 1 + need
    deal = np.array([name == "deal" for name in KINDS])[kind]
    answered = rng.random(rows) < 0.9

    def where(condition: np.ndarray, values: np.ndarray, kind: pl.DataType) -> pl.Series:
        return pl.Series(values).cast(kind).zip_with(pl.Series(condition), pl.Series([None], dtype=kind))

    def code(name: str, values: np.ndarray) -> pl.Series:
        return pl.Series(LOG[name].categories)[values].cast(LOG[name])

    columns = {
        "id": np.arange(first_id, first_id + rows),
        "day": np.sort(rng.choice(days, rows)),
        "region": np.ones(rows, np.int32),
        "branch": (manager - 1) // MANAGERS_A_BRANCH + 1,
        "manager": manager,
        "kind": code("kind", kind),
        "customer": where(has_customer, customer, pl.Int32),
        "opportunity": where(has_need, customer * 2 + need - 1, pl.Int32),
        "product": where(has_need, product, pl.Int32),
        "family": code("family", (product > 5).astype(int)).zip_with(
            pl.Series(has_need), pl.Series([None], dtype=LOG["family"])
        ),
        "channel": code("channel", rng.integers(0, len(CHANNELS), rows)),
        "method": code("method", rng.integers(0, len(METHODS), rows)),
        "amount_cents": where(deal, rng.integers(1, 50, rows) * 1_000_000, pl.Int64),
        "second": rng.integers(8 * 3600, 18 * 3600, rows),
        "party": pl.Series([None], dtype=pl.Int32).new_from_index(0, rows),
        "effective": has_customer,
        "met_decider": where(answered, rng.random(rows) < 0.8, pl.Boolean),
        "need_recorded": where(answered, rng.random(rows) < 0.8, pl.Boolean),
    }
    return pl.DataFrame(columns).select(pl.col(name).cast(kind) for name, kind in LOG.items())


def year_of_log(managers: int) -> pl.DataFrame:
    """Twelve months with what counts marked."""
    rng = np.random.default_rng(20260101)
    size = managers * ROWS_A_MONTH
    months = [month_of_log(first, managers, 1 + place * size, rng) for place, first in enumerate(MONTHS)]
    return interpret(pl.concat(months), DEFINITIONS)


def fill(path: Path, managers: int, log: pl.DataFrame | None = None) -> Store:
    """A migrated SQLite store with the people, their customers and, when given, the log; snapshots lie beside it."""
    store = open_store(f"sqlite:///{path}", new=True)
    store.snapshots = path.parent
    customers = range(1, managers * CUSTOMERS + 1) if log is not None else ()
    branches = managers // MANAGERS_A_BRANCH
    staff = [{"id": n, "staff_no": f"{n:05}", "name": f"经理{n}"} for n in range(1, managers + 1)]
    with store.writing("benchmark") as write:
        run = write.session.execute
        run(insert(Region), [{"id": 1, "name": "分行"}])
        run(insert(Branch), [{"id": n, "region_id": 1, "name": f"支行{n}"} for n in range(1, branches + 1)])
        run(insert(Manager), staff)
        run(insert(Posting), [{"manager_id": n["id"], "branch_id": branch_of(n["id"])} for n in staff])
        for start in range(0, len(customers), 50_000):
            some = [(n, (n - 1) // CUSTOMERS + 1) for n in customers[start : start + 50_000]]
            people = [{"id": n, "branch_id": branch_of(m), "manager_id": m, "name": f"客户{n}"} for n, m in some]
            run(insert(Customer), people)
            needs = [
                {"id": n * 2 - 1 + k, "region_id": 1, "customer_id": n, "manager_id": m}
                for n, m in some
                for k in (0, 1)
            ]
            run(insert(Opportunity), needs)
    if log is not None:
        write_log(path, log, version=1)
    return store


def branch_of(manager: int) -> int:
    return (manager - 1) // MANAGERS_A_BRANCH + 1


def write_log(path: Path, log: pl.DataFrame, version: int) -> None:
    """Straight into the activity table, past SQLAlchemy; the table gets a column `counted` for the peer to read."""
    ids = {name: f"{name}_id" for name in ("region", "branch", "manager", "customer", "opportunity", "product")}
    rows = log.drop("family", "second", "party").rename(ids)
    rows = rows.with_columns(
        pl.col("day").cast(pl.String),
        pl.col("kind", "channel", "method").cast(pl.String),
        time=(pl.lit("0001-01-01").str.to_datetime() + pl.duration(seconds=log["second"])).dt.strftime(
            "%H:%M:%S.000000"
        ),
        recorded_at=pl.col("day").cast(pl.String) + " 10:00:00.000000",
        recorded_by=pl.lit("benchmark"),
        version=pl.lit(version),
    )
    indexes = list(Activity.__table__.indexes)
    with sqlite3.connect(path) as connection:
        connection.execute("ALTER TABLE activity ADD COLUMN counted INTEGER")
        for index in indexes:
            connection.execute(f"DROP INDEX {index.name}")
        places = ", ".join("?" * rows.width)
        for part in rows.iter_slices(100_000):
            connection.executemany(
                f"INSERT INTO activity ({', '.join(rows.columns)}) VALUES ({places})", part.iter_rows()
            )
        for index in indexes:
            columns = ", ".join(column.name for column in index.columns)
            connection.execute(f"CREATE INDEX {index.name} ON activity ({columns})")
    connection.close()
