"""Months beyond memory: they lie in files, and whoever reads them sees the log as if all of it were in memory."""

import os
import random
import time
from datetime import date, timedelta

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from db.engine import Store
from db.log import mirror, saved
from db.log.columns import filed, snapshot
from db.log.columns.filed import Filed, held_since
from db.spans import Stretch
from metrics.definitions import interpret
from tests.support.builders import EAST, LI, SOUTH, WANG, ZHAO
from tests.support.mirror_log import alter, define, everything, ids, put, withdraw
from tests.support.sweep import parts, scaled

pytestmark = pytest.mark.both_engines
MONTHS = [date(2026, month, 9) for month in (7, 8, 9, 10, 11)]
HELD = 2


@pytest.fixture(autouse=True)
def short(monkeypatch):
    """Two months stay in memory, and every change is worth a snapshot."""
    monkeypatch.setattr(filed, "HELD_MONTHS", HELD)
    monkeypatch.setattr(saved, "WORTH_A_SNAPSHOT", 0)
    monkeypatch.setattr(saved, "UNSAVED_SHARE", 0.0)


@pytest.fixture
def long(local, tmp_path):
    """A log of five months, saved."""
    local.snapshots = tmp_path / "snapshots"
    for day in MONTHS:
        put(local, day=day)
        put(local, day=day, manager_id=ZHAO, customer_id=2)
        put(local, day=day, kind="application", opportunity_id=1, product_id=1)
    return save(local)


def save(store: Store) -> Store:
    mirror.of(store).refresh()
    mirror.of(store).wait()
    return store


def where(one: mirror.Mirror) -> list[type]:
    """In which form each month is held, the oldest first."""
    return [type(month) for _first, month in sorted(one.refresh().months.items())]


def started(store: Store) -> mirror.Mirror:
    return mirror.Mirror(Store(store.url, mark=interpret, snapshots=store.snapshots))


def assert_as_if_read_anew(one: mirror.Mirror, store: Store) -> None:
    assert_frame_equal(everything(one), everything(mirror.Mirror(Store(store.url, mark=interpret))))


def files(store: Store) -> list:
    return [path for path in store.snapshots.iterdir() if "-20" in path.name]


def test_the_months_before_the_last_ones_lie_in_files(long):
    assert where(mirror.of(long))[: -HELD or None] == [Filed] * 3 and Filed not in where(mirror.of(long))[-HELD:]
    assert len(files(long)) == 3
    assert_as_if_read_anew(mirror.of(long), long)


def test_a_new_process_finds_them(long):
    one = started(long)
    assert where(one) == where(mirror.of(long)) and len(files(long)) == 3
    assert_as_if_read_anew(one, long)


def test_without_a_snapshot_they_are_filed_as_they_are_read(long):
    for path in long.snapshots.iterdir():
        path.unlink()
    one = started(long)
    assert where(one)[:3] == [Filed] * 3
    one.wait()
    assert_as_if_read_anew(one, long)


def test_without_a_folder_all_stay_in_memory(long):
    assert Filed not in where(mirror.Mirror(Store(long.url, mark=interpret)))


def test_a_place_is_read_out_of_a_file_alone(long):
    july = Stretch(MONTHS[0], MONTHS[0])
    assert ids(long, july) == [1, 2, 3]
    assert ids(long, july, branch=SOUTH) == [2] and ids(long, july, manager=WANG) == [1, 3]
    assert ids(long, Stretch(date(2026, 7, 1), date(2026, 8, 31)), branch=EAST) == [1, 3, 4, 6]


def test_the_steps_of_opportunities_are_read_from_the_months_that_may_hold_them(long):
    put(long, day=MONTHS[-1], kind="deal", opportunity_id=4, product_id=1)
    one, ever = mirror.of(long), Stretch(MONTHS[0], MONTHS[-1])
    for wanted in ([1], [1, 4], [4], []):
        asked = pl.Series("opportunity", wanted, pl.Int32)
        expected = one.read(ever, {}).filter(pl.col("opportunity").is_in(wanted)).collect()
        assert_frame_equal(one.steps(asked, {}).collect().sort("id"), expected.sort("id"))
    for path in files(long):
        path.unlink()
    assert one.steps(pl.Series("opportunity", [4], pl.Int32), {}).collect().height == 1, "no file was needed"


def test_what_makes_an_application_count_may_be_withdrawn_in_a_file(long):
    counted = mirror.of(long).read(Stretch(MONTHS[0], MONTHS[-1]), {}).filter(kind="application", counted=True)
    assert counted.collect()["id"].to_list() == [3]
    withdraw(long, 3)
    counted = mirror.of(long).read(Stretch(MONTHS[0], MONTHS[-1]), {}).filter(kind="application", counted=True)
    assert counted.collect()["id"].to_list() == [6]
    assert_as_if_read_anew(mirror.of(long), long)


def test_a_month_that_changed_is_filed_anew_and_its_old_file_is_kept_while_it_may_be_read(long):
    before = set(files(long))
    put(long, day=MONTHS[0], customer_id=3)
    save(long)
    after = set(files(long))
    assert before < after and len(after) == 4
    for path in before:
        os.utime(path, (0, 0))
    put(long, day=MONTHS[1], customer_id=3)
    save(long)
    left = set(files(long))
    assert len(left & before) == 1 and len(left) == 3, "what nobody has used for a day is taken away"
    assert_as_if_read_anew(started(long), long)


def test_a_process_says_that_it_uses_its_files(long, monkeypatch):
    for path in files(long):
        os.utime(path, (0, 0))
    monkeypatch.setattr(saved, "LOOKED_EVERY", 0.0)
    monkeypatch.setattr(saved, "TOUCHED_EVERY", 0.0)
    mirror.of(long).refresh()
    assert all(time.time() - path.stat().st_mtime < 60 for path in files(long))


def test_a_file_that_is_gone_is_read_from_the_log_again(long, monkeypatch):
    for path in files(long):
        path.unlink()
    monkeypatch.setattr(saved, "LOOKED_EVERY", 0.0)
    assert_as_if_read_anew(mirror.of(long), long)


def test_a_snapshot_with_a_damaged_month_is_passed_over(long):
    path = files(long)[0]
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with long.reading() as connection:
        assert saved.Saved(long).read(connection, ()) is None
    assert_as_if_read_anew(started(long), long)


def test_a_disk_that_refuses_a_month_leaves_it_in_memory(local, tmp_path, monkeypatch):
    local.snapshots = tmp_path / "snapshots"
    write = snapshot.write

    def refuse(path, *rest) -> bool:
        return "-20" not in path.name and write(path, *rest)

    monkeypatch.setattr(snapshot, "write", refuse)
    for day in MONTHS:
        put(local, day=day)
    save(local)
    assert Filed not in where(mirror.of(local)) and Filed not in where(started(local))
    assert_as_if_read_anew(started(local), local)


def test_the_months_in_memory_are_counted_from_the_newest(monkeypatch):
    monkeypatch.setattr(filed, "HELD_MONTHS", 25)
    assert held_since(date(2026, 11, 1)) == date(2024, 11, 1)
    assert held_since(date(2026, 1, 1)) == date(2024, 1, 1)


@pytest.mark.parametrize("seed", parts(25, 3))
def test_whatever_happens_it_is_as_if_read_anew(local, tmp_path, seed):
    """Rows put, changed and withdrawn in any month, definitions set, snapshots written and processes started between."""
    local.snapshots, chosen, put_in = tmp_path / "snapshots", random.Random(seed), []
    version = 1

    def add() -> None:
        day = chosen.choice(MONTHS) + timedelta(chosen.randrange(-2, 3))
        kind = chosen.choice(["consultation", "application", "deal"])
        fields = {} if kind == "consultation" else {"opportunity_id": chosen.randrange(1, 5), "product_id": 1}
        who = chosen.choice([WANG, LI, ZHAO])
        put_in.append(put(local, day=day, kind=kind, customer_id=chosen.randrange(1, 5), manager_id=who, **fields))

    for _row in range(10):
        add()
    for _step in range(scaled(60, 25)):
        match chosen.randrange(8):
            case 0 | 1 | 2:
                add()
            case 3:
                withdraw(local, chosen.choice(put_in))
            case 4:
                alter(local, chosen.choice(put_in), met_decider=chosen.choice([True, False, None]))
            case 5:
                version += 1
                define(local, version, effective=chosen.choice([["customer"], ["customer", "decider"]]))
            case 6:
                save(local)
            case 7:
                save(local)
                assert_as_if_read_anew(started(local), local)
        if chosen.random() < 0.5:
            assert_as_if_read_anew(mirror.of(local), local)
    assert Filed in where(mirror.of(save(local)))
    assert_as_if_read_anew(mirror.of(local), local)
