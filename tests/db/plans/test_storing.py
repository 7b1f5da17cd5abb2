"""A file of plans is stored at once as it would be plan by plan."""

import random
import shutil
from datetime import date

import polars as pl
import pytest
from sqlalchemy import insert, select

from db.audit_chain import find_breaks
from db.engine import Store
from db.models import Audit, Plan, Posting
from db.plans.storing import KEY, put, put_all
from metrics.definitions import interpret
from tests.support.builders import EAST, LI, SOUTH, WANG, ZHAO, bank
from tests.support.sweep import parts

MOVES = date(2026, 11, 16)
HOLDERS = [("manager_id", one) for one in (WANG, LI, ZHAO)]
HOLDERS += [("branch_id", EAST), ("branch_id", SOUTH), ("region_id", 1)]


def moving(store: Store) -> Store:
    """The cast; 李强 moves in November, and is away from the bank for a week of December."""
    bank(store)
    with store.writing("test") as write:
        held = write.session.scalars(select(Posting).where(Posting.manager_id == LI)).one()
        held.to_day = date(2026, 11, 15)
        stays = [(MOVES, date(2026, 12, 4)), (date(2026, 12, 14), None)]
        there = [{"manager_id": LI, "branch_id": SOUTH, "from_day": one, "to_day": last} for one, last in stays]
        write.session.execute(insert(Posting), there)
    return store


def wanted(rng: random.Random, many: int) -> list[dict]:
    found = {}
    for _ in range(many):
        level, holder = rng.choice(HOLDERS)
        key = dict.fromkeys(("region_id", "branch_id", "manager_id")) | {level: holder}
        key |= {"month": date(2026, rng.choice([11, 12]), 1), "measure": rng.choice(["deals", "applications"])}
        key |= {"product_id": rng.choice([None, 1]), "tier": rng.choice(["target", "stretch"])}
        found[tuple(key.values())] = key | {"target": rng.randrange(5)}
    return [*found.values()]


def content(store: Store) -> tuple[list, list]:
    columns = [getattr(Plan, name) for name in (*KEY, "target", "from_day", "to_day")]
    with store.reading() as connection:
        plans = {repr(row) for row in connection.execute(select(*columns))}
        said = select(Audit.action, Audit.before, Audit.after).where(Audit.entity == "plan")
        trail = sorted(repr(tuple(row)) for row in connection.execute(said))
        assert not find_breaks(connection)
    return sorted(plans), trail


@pytest.mark.parametrize("seed", parts(50, 3))
def test_it_is_stored_as_one_by_one(sqlite_store, sqlite_template, tmp_path, seed):
    rng = random.Random(seed)
    shutil.copy(sqlite_template, tmp_path / "other.db")
    other = moving(Store(f"sqlite:///{tmp_path / 'other.db'}", mark=interpret))
    store = moving(sqlite_store)
    for some in (wanted(rng, 12), wanted(rng, 25)):
        with other.writing("test") as write:
            for one in some:
                key = {name: one[name] for name in KEY}
                put(write, key, one["target"])
            expected = write.touched
        with store.writing("test") as write:
            put_all(write, pl.DataFrame(some, KEY | {"target": pl.Int64}), lambda done, total: None)
            assert write.touched == expected
        assert content(store) == content(other)
    assert content(store)[0]
    other.close()


@pytest.mark.both_engines
def test_plans_that_are_set_next_have_ids_of_their_own(store):
    moving(store)
    rows = pl.DataFrame(wanted(random.Random(1), 10), KEY | {"target": pl.Int64})
    with store.writing("test") as write:
        put_all(write, rows.head(4), lambda done, total: None)
        for row in rows.slice(4).iter_rows(named=True):
            put(write, {name: row[name] for name in KEY}, row["target"])
    with store.reading() as connection:
        assert len(connection.scalars(select(Plan.id)).all()) == rows.height
