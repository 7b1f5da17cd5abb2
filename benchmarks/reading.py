"""Reports: what a fresh read takes, alone, beside peers, as the log grows, after changes, and in a new process."""

import statistics
from pathlib import Path

import numpy as np
import polars as pl
from polars.testing import assert_frame_equal
from sqlalchemy import text

from benchmarks import data, peers
from benchmarks.figures import Figure, against, seconds, shown, side_by_side, within
from dashboard.standing import gather
from dashboard.standing.part import Part
from db.access import Viewer
from db.engine import Store
from db.log import activity, mirror, saved
from db.log.columns import fetching, snapshot
from db.log.columns.partitions import ROW
from metrics.catalog import FUNNEL
from metrics.definitions import interpret
from metrics.metric import measure
from metrics.periods import month

NOVEMBER = month(data.NOVEMBER)


def by_manager(viewer: Viewer) -> pl.DataFrame:
    """As a page asks it, of a period's cases put together once a change of its rows."""
    return measure(gather.done(viewer, NOVEMBER, Part(), NOVEMBER.last), FUNNEL, by=["manager"])


def from_the_log(viewer: Viewer) -> pl.DataFrame:
    return measure(activity.read(viewer, NOVEMBER), FUNNEL, by=["manager"])


def head(store: Store) -> Viewer:
    return Viewer(store, "head", "branch_head", 1, 7)


def summary(store: Store, path: Path, log: pl.DataFrame, times: int) -> list[Figure]:
    """One region-month by manager, ours and the peers' in turn; all give the same numbers."""
    folder = path.parent / "months"
    folder.mkdir()
    for first in data.MONTHS:
        log.filter(pl.col("day").dt.month() == first.month).write_parquet(folder / f"{first:%Y-%m}.parquet")
    connection, ready = peers.sqlite(path)
    store_connection, as_stored = peers.sqlite(path, peers.FROM_THE_ROWS)
    region = Viewer(store, "region", "regional", 1)
    acts = {"ours": lambda: by_manager(region), "SQLite": as_stored, "SQLite, marked": ready}
    acts |= {"DuckDB, Parquet": peers.parquet(folder), "pandas, in memory": peers.in_memory(log)}
    acts |= {"DuckDB, cube": peers.cube(folder), "ours, from the log": lambda: from_the_log(region)}
    expected = by_manager(region)
    for act in acts.values():
        assert_frame_equal(act().select(expected.columns), expected, check_dtypes=False, rel_tol=1e-9)
    taken = side_by_side(acts, times)
    store_connection.close()
    connection.execute("ANALYZE")
    connection.close()
    connection, sqlite = peers.sqlite(path)
    assert_frame_equal(sqlite().select(expected.columns), expected, check_dtypes=False, rel_tol=1e-9)
    analysed = side_by_side({"ours": acts["ours"], "SQLite": sqlite}, times)
    connection.execute("DELETE FROM sqlite_stat1")
    connection.commit()
    connection.close()
    what = f"region-month by manager, {log.height:,} rows"
    return [
        within(what, taken["ours"], 0.004),
        against(what, taken["ours"], "the same GROUP BY in the store (SQLite)", taken["SQLite"], 100),
        against(what, taken["ours"], "SQLite, with what counts marked beforehand", taken["SQLite, marked"]),
        against(what, analysed["ours"], "the same, after ANALYZE", analysed["SQLite"]),
        against(what, taken["ours"], "DuckDB over Parquet", taken["DuckDB, Parquet"], 5),
        against(what, taken["ours"], "pandas in memory", taken["pandas, in memory"], 5),
        against(what, taken["ours"], "DuckDB, months and managers summed beforehand", taken["DuckDB, cube"], 1.5),
        against(what, taken["ours"], "ours, nothing put together", taken["ours, from the log"]),
    ]


def after_a_write(store: Store, times: int) -> list[Figure]:
    """The region's month by manager after each visit that somebody records in it: mirror, cases and rates anew."""
    one = """INSERT INTO activity (day, region_id, branch_id, manager_id, kind, customer_id, effective, recorded_at,
        recorded_by, version) SELECT '2026-11-30', 1, branch_id, manager_id, 'consultation', customer_id, 1,
        recorded_at, 'x', :version FROM activity WHERE kind = 'consultation' AND customer_id IS NOT NULL LIMIT 1"""
    region, taken = Viewer(store, "region", "regional", 1), []
    for _ in range(times):
        with store.writing("benchmark") as write:
            write.session.execute(text(one), {"version": write.version})
        taken.append(seconds(lambda: by_manager(region)))
    return [Figure("region-month by manager, after a write", shown(statistics.median(taken)))]


def refreshes(store: Store, times: int) -> list[Figure]:
    """50 new visits, then 50 corrections of old rows, each by one write; timed is the mirror alone."""
    new = """INSERT INTO activity (day, region_id, branch_id, manager_id, kind, customer_id, effective, recorded_at,
        recorded_by, version) SELECT '2026-12-15', 1, branch_id, manager_id, 'consultation', customer_id, 1,
        recorded_at, 'x', :version FROM activity WHERE id BETWEEN :start AND :start + 400 AND kind = 'consultation'
        AND customer_id IS NOT NULL LIMIT 50"""
    few = """UPDATE activity SET need_recorded = NOT coalesce(need_recorded, 0), version = :version
        WHERE id IN (SELECT id FROM activity WHERE id BETWEEN :start AND :start + 4000 ORDER BY id LIMIT 50)"""
    far = """UPDATE activity SET need_recorded = NOT coalesce(need_recorded, 0), version = :version
        WHERE id IN (SELECT :start + value * :stride FROM json_each(:numbers))"""
    figures, stride = [], mirror.of(store).refresh().height // 60
    for what, statement, hold in (
        ("refresh after 50 new rows, marking included", new, 0.020),
        ("refresh after 50 corrections in one month", few, None),
        ("refresh after 50 corrections spread over the year", far, None),
    ):
        taken = []
        for start in range(1, times + 2):
            with store.writing("benchmark") as write:
                facts = {
                    "version": write.version,
                    "start": start * 307,
                    "numbers": str(list(range(50))),
                    "stride": stride,
                }
                wanted = {name: value for name, value in facts.items() if f":{name}" in statement}
                assert write.session.execute(text(statement), wanted).rowcount == 50
            taken.append(seconds(mirror.of(store).refresh))
        median = statistics.median(taken[1:])
        figures.append(within(what, median, hold) if hold else Figure(what, shown(median)))
    return figures


def starts(store: Store) -> list[Figure]:
    """A new process: from SQL, from the snapshot; then what a row takes in memory."""
    bare = mirror.Mirror(Store(store.url, mark=interpret))
    from_sql = seconds(bare.refresh)
    writer = mirror.Mirror(Store(store.url, mark=interpret, snapshots=store.snapshots))
    writer.refresh()
    writer.wait()
    from_snapshot = seconds(mirror.Mirror(Store(store.url, mark=interpret, snapshots=store.snapshots)).refresh)
    state = mirror.of(store).refresh()
    size = sum(
        held.base.estimated_size() + held.recent.estimated_size() + held.applied.nbytes + held.applied_at.nbytes
        for held in state.months.values()
    )
    a_row = size / state.height
    return [
        Figure(
            "start of a process: from its snapshot",
            shown(from_snapshot),
            f"from SQL: {shown(from_sql)}",
            f"{from_sql / from_snapshot:.0f}×",
        ),
        Figure("memory of the mirror", f"{a_row:.0f} bytes a row", target="≤ 150", held=a_row <= 150),
    ]


def growth(small: Store, folder: Path, managers: int, times: int) -> list[Figure]:
    """One branch's month beside the same in a log that is much larger, held from a snapshot written month by month."""
    large = data.fill(folder / "grown.db", managers)
    rng, size, parts = np.random.default_rng(7), managers * data.ROWS_A_MONTH, {}
    for place, first in enumerate(data.MONTHS):
        rows = data.month_of_log(first, managers, 1 + place * size, rng)
        rows = rows.with_columns(counted=pl.Series(rng.random(rows.height) < 0.6)).select(list(ROW))
        parts[first] = rows.sort("branch", "id")
    held = saved.Saved(large)
    with large.reading() as connection:
        definitions = fetching.read_definitions(connection)
        here = held.place(connection)
    assert snapshot.write(here.path, snapshot.Snapshot(large.version(), held.rules(definitions), parts), here.identity)
    del parts, rows
    loaded = seconds(mirror.of(large).refresh)
    state = mirror.of(large).refresh()
    assert state.height == 12 * size
    taken = side_by_side({"small": lambda: by_manager(head(small)), "large": lambda: by_manager(head(large))}, times)
    assert by_manager(head(large)).height == data.MANAGERS_A_BRANCH
    ratio = taken["large"] / taken["small"]
    what = f"branch-month by manager, {state.height:,} rows instead of {mirror.of(small).refresh().height:,}"
    return [
        Figure(
            what,
            shown(taken["large"]),
            f"smaller log: {shown(taken['small'])}",
            f"{ratio:.2f}× slower",
            "≤ 1.5×",
            ratio <= 1.5,
        ),
        Figure(f"start of a process with {state.height:,} rows, from its snapshot", shown(loaded)),
    ]
