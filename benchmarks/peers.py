"""The same table by other means: SQLite, DuckDB over Parquet, pandas. Each gives the totals, the rates and their
limits."""

import sqlite3
from pathlib import Path
from typing import cast

import duckdb
import numpy as np
import pandas as pd
import polars as pl

from metrics.catalog import FUNNEL
from metrics.intervals import Z_95
from metrics.metric import Ratio, with_ratios

RATES = [(one.name, one.of.name, one.to.name) for one in FUNNEL if isinstance(one, Ratio) and one.interval]
PLAIN = [(one.name, one.of.name, one.to.name) for one in FUNNEL if isinstance(one, Ratio) and not one.interval]
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


# What counts towards a total of cases, row by row; the store has to find it out.
MARKED = {name: f"kind = '{name[:-1]}' AND counted" for name in ("consultations", "applications")}
MARKED["deals"] = "kind = 'deal'"
STATED = MARKED | {
    "consultations": """kind = 'consultation' AND effective AND customer_id IS NOT NULL
        AND coalesce(met_decider, 1) AND coalesce(need_recorded, 1)""",
    "applications": FROM_THE_ROWS["applications"].removeprefix("sum(CASE WHEN ").removesuffix(" THEN 1 ELSE 0 END)"),
}


def query(source: str, suffix: str, counts: dict[str, str] = READY) -> str:
    """The month by manager in SQL that both databases take; ids end in `suffix`."""
    return sums(source, suffix, counts, "'2026-11-01' AND '2026-11-30'", columns())


def columns() -> str:
    """The totals and the rates with their limits."""
    plain = [f"CASE WHEN {to} > 0 THEN {of} * 1.0 / {to} END AS {name}" for name, of, to in PLAIN]
    return ", ".join([*TOTALS, *plain, *(rate_in_sql(*rate) for rate in RATES)])


def sums(source: str, suffix: str, counts: dict[str, str], days: str, columns: str) -> str:
    """These columns of the totals and shared cases of managers in the days between."""
    month = f"FROM {source} AS activity WHERE region{suffix} = 1 AND day BETWEEN {days}"
    cases = MARKED if counts is READY else STATED
    own = f"manager{suffix} AS manager, opportunity{suffix} AS opportunity"
    rows = ", ".join(f"{name}_rows AS (SELECT {own} {month} AND {true})" for name, true in cases.items())
    both = ", ".join(
        f"""{name}_both AS (SELECT manager, count(*) AS {name}_shared FROM {of}_rows
            WHERE (manager, opportunity) IN (SELECT manager, opportunity FROM {to}_rows
                WHERE opportunity IS NOT NULL) AND opportunity IS NOT NULL GROUP BY manager)"""
        for name, of, to in RATES
    )
    joins = " ".join(f"LEFT JOIN {name}_both USING (manager)" for name, _of, _to in RATES)
    return f"""
        WITH summed AS (
            SELECT manager{suffix} AS manager,
                   sum(CASE WHEN kind = 'consultation' THEN 1 ELSE 0 END) AS contacts,
                   {counts["consultations"]} AS consultations,
                   {counts["applications"]} AS applications,
                   sum(CASE WHEN kind = 'deal' THEN 1 ELSE 0 END) AS deals,
                   sum(CASE WHEN kind = 'deal' THEN amount_cents ELSE 0 END) AS deal_amount
            {month}
            GROUP BY manager{suffix}), {rows}, {both}
        SELECT manager, {columns} FROM summed {joins} ORDER BY manager"""


def rate_in_sql(name: str, of: str, to: str) -> str:
    """The rate and its limits (metrics.intervals.period_rate)."""
    low, high = wilson_in_sql(of, f"({of} + {to})", f"({Z_95} * sqrt(({apart(name, of, to)}) * 1.0 / ({of} + {to})))")
    share_low, share_high = wilson_in_sql(of, to, str(Z_95))
    return f"""CASE WHEN {to} > 0 THEN {of} * 1.0 / {to} END AS {name},
        CASE WHEN {to} = 0 THEN NULL WHEN {apart(name, of, to)} > 0 THEN max_of(0.0, {low}) / (1 - max_of(0.0, {low}))
            ELSE {share_low} END AS {name}_low,
        CASE WHEN {to} = 0 THEN NULL WHEN {apart(name, of, to)} > 0 THEN {high} / (1 - {high})
            ELSE min_of(1.0, {share_high}) END AS {name}_high"""


def apart(name: str, of: str, to: str) -> str:
    shared = f"coalesce({name}_shared, 0)"
    return f"({of} + {to} - 2 * min_of({shared}, min_of({of}, {to})))"


def wilson_in_sql(of: str, to: str, z: str) -> tuple[str, str]:
    share, square = f"({of} * 1.0 / {to})", f"({z} * {z})"
    centre = f"({share} + {square} / (2.0 * {to})) / (1 + {square} / {to})"
    half = f"{z} / (1 + {square} / {to}) * sqrt({share} * (1 - {share}) / {to} + {square} / (4.0 * {to} * {to}))"
    return f"({centre} - {half})", f"({centre} + {half})"


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


def cube(folder: Path):
    """DuckDB with the totals and shared cases of each month and manager made beforehand, in memory. The rates and limits are
    ours: in SQL it takes DuckDB longer to plan them than everything else takes."""
    connection = duckdb.connect()
    made = ", ".join([*TOTALS, *(f"coalesce({name}_shared, 0) AS {name}_shared" for name, _of, _to in RATES)])
    for place, file in enumerate(sorted(folder.glob("*.parquet"))):
        rows = sums(f"'{file}'", "", READY, "'2026-01-01' AND '2026-12-31'", f"'{file.stem}' AS month, {made}")
        connection.execute(f"INSERT INTO cube {rows}" if place else f"CREATE TABLE cube AS {rows}")
    kept = ", ".join([*TOTALS, *(f"{name}_shared" for name, _of, _to in RATES)])
    statement = f"SELECT manager, {kept} FROM cube WHERE month = '2026-11' ORDER BY manager"
    return lambda: with_ratios(cast(pl.DataFrame, pl.from_arrow(connection.sql(statement).to_arrow_table())), FUNNEL)


def in_memory(log: pl.DataFrame):
    """pandas with the columns the question needs, kinds as categories."""
    columns = ("day", "region", "manager", "kind", "counted", "opportunity", "amount_cents")
    held = log.select(columns).to_pandas()
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
        for name, of, to in PLAIN:
            summed[name] = summed[of] / summed[to].where(summed[to] > 0)
        own = ["manager", "opportunity"]
        cases = {"deals": deal, "applications": columns["applications"], "consultations": columns["consultations"]}
        known = {one: month.loc[rows & month["opportunity"].notna(), own] for one, rows in cases.items()}
        for name, of, to in RATES:
            both = known[of].merge(known[to].drop_duplicates(), on=own).groupby("manager").size()
            shared = both.reindex(summed.index, fill_value=0)
            apart = summed[of] + summed[to] - 2 * np.minimum(shared, np.minimum(summed[of], summed[to]))
            summed[name] = summed[of] / summed[to].where(summed[to] > 0)
            n = (summed[of] + summed[to]).astype(float)
            low, high = wilson(summed[of], n, Z_95 * np.sqrt(apart / n))
            share_low, share_high = wilson(summed[of], summed[to].where(summed[to] > 0).astype(float), Z_95)
            low, high = low.clip(0, 1), high.clip(0, 1)
            summed[f"{name}_low"] = (low / (1 - low)).where(apart > 0, share_low).where(summed[to] > 0)
            summed[f"{name}_high"] = (high / (1 - high)).where(apart > 0, share_high.clip(0, 1)).where(summed[to] > 0)
        return pl.from_pandas(summed.reset_index(), nan_to_null=True)

    return table


def wilson(of, n, z):
    share = of / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * np.sqrt((share * (1 - share) / n + z * z / (4 * n * n)).clip(lower=0))
    return centre - half, centre + half
