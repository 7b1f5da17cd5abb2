"""Whatever happens to the file while people submit: what was acknowledged is there once, what was refused was refused
truly, and a moment later everybody goes on. `SEED=7` plays another course of events, the same one each time."""

import random
import sqlite3
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select

from db.audit.check import check
from db.models import Activity
from metrics.definitions import from_record
from tests.support.builders import bank, head
from tests.support.moments import record, written_until
from tests.support.sweep import parts, scaled

pytestmark = pytest.mark.slow
LONGEST = scaled(30, 1)  # seconds of somebody else's lock


def locked(path: Path, chosen: random.Random) -> None:
    """Another program writes, for longer than anybody waits."""
    with closing(sqlite3.connect(path, isolation_level=None, timeout=60)) as other:
        other.execute("BEGIN IMMEDIATE")
        time.sleep(LONGEST * chosen.random())
        other.execute("ROLLBACK")


def taken_away(path: Path, chosen: random.Random) -> None:
    elsewhere = path.with_name("elsewhere.db")
    path.rename(elsewhere)
    time.sleep(chosen.random() / 4)
    elsewhere.rename(path)


def replaced(path: Path, chosen: random.Random) -> None:
    """By a file with nothing in it, and put back."""
    elsewhere = path.with_name("elsewhere.db")
    path.rename(elsewhere)
    path.touch()
    time.sleep(chosen.random() / 4)
    elsewhere.replace(path)


@pytest.mark.parametrize("seed", parts(sweep=20))
def test_what_is_acknowledged_is_there_once_whatever_happens(sqlite_store, sqlite_url, seed):
    path, chosen = Path(sqlite_url.removeprefix("sqlite:///")), random.Random(seed)
    bank(sqlite_store)
    sqlite_store.patience = 0.5
    with written_until(sqlite_store, writers=scaled(20, 3)) as acknowledged:
        for fault in chosen.choices((locked, taken_away, replaced), k=scaled(25, 4)):
            time.sleep(chosen.random() / 4)
            fault(path, chosen)
    sqlite_store.patience = 60
    assert len(record(head(sqlite_store), 1, "afterwards")) == 1
    with sqlite_store.reading() as connection:
        stored = Counter(connection.execute(select(Activity.reference)).scalars())
    assert set(stored.values()) == {1}
    lost = {one for one in acknowledged if one not in stored}
    assert len(acknowledged) > 0 and lost == set()
    assert not any(found for _rows, found in check(sqlite_store, lambda one: from_record(*one)).values())
