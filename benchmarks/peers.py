"""The same table by other means: SQLite, DuckDB over Parquet, pandas. Each gives the totals, the rates and their limits."""

import sqlite3
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import polars as pl

from metrics.catalog import FUNNEL
from metrics.intervals import Z_95
from metrics.metric import Ratio

RATES = [(one.name, one.of.name, one.to.name) for one in FUNNEL if isinstance(one, Ratio)]
TOTALS = [one.name for one in FUNNEL if not isinstance(one, Ratio)]


READY = {
    "consultations": "sum(CASE WHEN kind = 'consultation' AND counted THEN 1 ELSE 0 END)",
    "applications": "sum(CASE WHEN kind = 'application' AND counted THEN 1 ELSE 0 END)",
}
# The same two on the store as it stands, where what counts is not marked but follows from the rows.
FROM_THE_ROWS = {
    "consultations": """count(DISTINCT CASE WHEN kind = 'consultation' AND effective AND customer_id IS NOT NULL
        AND coalesce(met_decider, 1) AND coalesce(need_recorded, 1) THEN customer_id || day END)""",
    "applications": """sum(CASE WHEN kind = 'application' AND NOT EXISTS (SELECT 1 FROM activity AS earlier
        WHERE earlier.opportunity_id = activity.opportunity_id AND earlier.kind = 'application'
        AND earlier.voided_at IS NULL AND (earlier.day, coalesce(earlier.time, '24'), earlier.id)
            < (activity.day, coalesce(activity.time, '24'), activity.id)) THEN 1 ELSE 0 END)""",
}


def query(source: str, suffix: str, counts: dict[str, str] = READY) -> str:
    """The month by manager in SQL that both databases take; ids end in `suffix`."""
    rates = ", ".join(rate_in_sql(*rate) for rate in RATES)
    return f"""
        WITH summed AS (
            SELECT manager{suffix} AS manager,
                   sum(CASE WHEN kind = 'consultation' THEN 1 ELSE 0 END) AS contacts,
                   {counts["consultations"]} AS consultations,
                   {counts["applications"]} AS applications,
                   sum(CASE WHEN kind = 'deal' THEN 1 ELSE 0 END) AS deals,
                   sum(CASE WHEN kind = 'deal' THEN amount_cents ELSE 0 END) AS deal_amount
            FROM {source}
            WHERE region{suffix} = 1 AND day BETWEEN '2026-11-01' AND '2026-11-30'
            GROUP BY manager{suffix})
        SELECT manager, {", ".join(TOTALS)}, {rates} FROM summed ORDER BY manager"""


def rate_in_sql(name: str, of: str, to: str) -> str:
    share, z = f"({of} * 1.0 / {to})", Z_95
    centre = f"({share} + {z * z} / (2.0 * {to})) / (1 + {z * z} / {to})"
    half = f"{z} / (1 + {z * z} / {to}) * sqrt({share} * (1 - {share}) / {to} + {z * z} / (4.0 * {to} * {to}))"
    possible = f"{to} > 0 AND {of} <= {to}"
    return f"""CASE WHEN {to} > 0 THEN {share} END AS {name},
        CASE WHEN {possible} THEN max_of(0.0, {centre} - {half}) END AS {name}_low,
        CASE WHEN {possible} THEN min_of(1.0, {centre} + {half}) END AS {name}_high"""


def sqlite(path: Path, counts: dict[str, str] = READY):
    connection = sqlite3.connect(path)
    statement = query("activity", "_id", counts).replace("max_of", "max").replace("min_of", "min")
    statement = statement.replace("WHERE region", "WHERE voided_at IS NULL AND region")

    def table() -> pl.DataFrame:
        cursor = connection.execute(statement)
        return pl.DataFrame(cursor.fetchall(), [one[0] for one in cursor.description], orient="row")

    return connection, table


def parquet(folder: Path):
    """DuckDB over month-partitioned files; statistics let it skip the other months."""
    connection = duckdb.connect()
    statement = query(f"'{folder}/*.parquet'", "").replace("max_of", "greatest").replace("min_of", "least")
    return lambda: pl.from_arrow(connection.sql(statement).to_arrow_table())


def in_memory(log: pl.DataFrame):
    """pandas with the columns the question needs, kinds as categories."""
    held = log.select("day", "region", "manager", "kind", "counted", "amount_cents").to_pandas()
    held["day"] = held["day"].astype("datetime64[s]")

    def table() -> pl.DataFrame:
        month = held[held["day"].between("2026-11-01", "2026-11-30") & (held["region"] == 1)]
        deal, counted = month["kind"] == "deal", month["counted"]
        consultation = month["kind"] == "consultation"
        columns = {
            "manager": month["manager"],
            "contacts": consultation,
            "consultations": consultation & counted,
            "applications": (month["kind"] == "application") & counted,
            "deals": deal,
            "deal_amount": month["amount_cents"].where(deal, 0),
        }
        summed = pd.DataFrame(columns).groupby("manager").sum()
        for name, of, to in RATES:
            n = summed[to].where(summed[to] > 0).astype(float)
            share, z = summed[of] / n, Z_95
            centre = (share + z * z / (2 * n)) / (1 + z * z / n)
            possible = summed[of] <= n
            half = z / (1 + z * z / n) * np.sqrt((share * (1 - share) / n + z * z / (4 * n * n)).where(possible))
            summed[name] = share
            summed[f"{name}_low"] = (centre - half).clip(0, 1).where(possible)
            summed[f"{name}_high"] = (centre + half).clip(0, 1).where(possible)
        return pl.from_pandas(summed.reset_index(), nan_to_null=True)

    return table
