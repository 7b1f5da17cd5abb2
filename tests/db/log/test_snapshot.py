"""The snapshot a new process starts from: what it saves, and everything that makes it be passed over."""

import os
import random
import shutil
import sqlite3
import threading
from contextlib import closing
from datetime import time
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from sqlalchemy import update

from db.engine import Store
from db.log import mirror, saved
from db.log.columns import fetching
from db.models import Activity, ChangeCounter, History
from metrics.definitions import interpret
from tests.support.builders import ZHAO
from tests.support.mirror_log import NEXT_MONTH, alter, define, everything, ids, put, withdraw
from tests.support.sweep import SEED, scaled

pytestmark = pytest.mark.both_engines


@pytest.fixture
def kept(local, tmp_path, monkeypatch):
    """A store with rows in two months whose snapshot is written, however small."""
    monkeypatch.setattr(saved, "WORTH_A_SNAPSHOT", 2)
    local.snapshots = tmp_path / "snapshots"
    for fields in ({}, {}, {"day": NEXT_MONTH}, {"manager_id": ZHAO}):
        put(local, **fields)
    mirror.of(local).refresh()
    mirror.of(local).wait()
    return local


def snapshot_of(store: Store):
    (path,) = store.snapshots.iterdir()
    return path


def new_process(store: Store, monkeypatch, **settings) -> tuple[mirror.Mirror, list[str]]:
    """A mirror that starts, and which SQL it sent for the log."""
    sent = []
    original = fetching.fetch

    def fetch(connection, statement, **values):
        sent.append(str(statement))
        return original(connection, statement, **values)

    monkeypatch.setattr(fetching, "fetch", fetch)
    one = mirror.Mirror(Store(store.url, mark=interpret, snapshots=store.snapshots))
    one.refresh()
    one.wait()
    monkeypatch.setattr(fetching, "fetch", original)
    return one, sent


def assert_read_from_the_log(store: Store, monkeypatch) -> None:
    started, sent = new_process(store, monkeypatch)
    assert len(sent) == 1 and "version >" not in sent[0]
    assert_frame_equal(everything(started), everything(mirror.Mirror(Store(store.url, mark=interpret))))


def test_a_new_process_starts_from_the_snapshot(kept, monkeypatch):
    started, sent = new_process(kept, monkeypatch)
    assert sent == []
    assert_frame_equal(everything(started), everything(mirror.of(kept)))


def test_a_new_process_adds_what_is_newer_than_the_snapshot(kept, monkeypatch):
    alter(kept, 1, day=NEXT_MONTH)
    withdraw(kept, 3)
    put(kept, time=time(8, 0))
    started, sent = new_process(kept, monkeypatch)
    assert len(sent) == 1 and "version >" in sent[0]
    assert_frame_equal(everything(started), everything(mirror.Mirror(Store(kept.url, mark=interpret))))


def test_a_snapshot_is_written_again_when_much_is_newer(kept, monkeypatch):
    for customer in (2, 3, 4):
        put(kept, customer_id=customer)
        mirror.of(kept).refresh()
    mirror.of(kept).wait()
    started, sent = new_process(kept, monkeypatch)
    assert sent == [] and everything(started).height == 7


def test_a_snapshot_marked_by_other_definitions_is_marked_again(kept, monkeypatch):
    define(kept, 2, effective=["customer", "decider"])
    alter(kept, 1, met_decider=False)
    started, _ = new_process(kept, monkeypatch)
    assert_frame_equal(everything(started), everything(mirror.Mirror(Store(kept.url, mark=interpret))))
    assert not everything(started).filter(pl.col("id") == 1)["counted"].item()


def test_a_snapshot_marked_by_other_code_is_marked_again(kept, monkeypatch):
    rules = saved.Saved.rules
    monkeypatch.setattr(saved.Saved, "rules", lambda self, definitions: "a new release " + rules(self, definitions))
    marked = []
    mark = mirror.Mirror._mark
    monkeypatch.setattr(mirror.Mirror, "_mark", lambda self, *log: marked.append(log[0].height) or mark(self, *log))
    new_process(kept, monkeypatch)
    assert sum(marked) == 4


@pytest.mark.parametrize("damage", ["cut", "empty", "text", "footer", "folder"])
def test_a_damaged_snapshot_is_passed_over(kept, monkeypatch, damage):
    path = snapshot_of(kept)
    whole = path.read_bytes()
    path.unlink()
    match damage:
        case "folder":
            path.mkdir()
        case "footer":
            path.write_bytes(whole[:-200] + bytes(192) + whole[-8:])
        case _:
            path.write_bytes({"cut": whole[: len(whole) // 2], "empty": b"", "text": b"PAR1 of nothing PAR1"}[damage])
    assert_read_from_the_log(kept, monkeypatch)


def test_a_snapshot_of_another_shape_is_passed_over(kept, monkeypatch):
    path = snapshot_of(kept)
    facts = pl.read_parquet_metadata(path)
    pl.read_parquet(path).drop("second").write_parquet(path, metadata=facts)
    assert_read_from_the_log(kept, monkeypatch)


def test_a_snapshot_of_another_database_is_never_taken(kept, monkeypatch):
    path = snapshot_of(kept)
    with kept.writing("test") as write:
        write.session.execute(update(ChangeCounter).values(store_id="another"))
    with kept.reading() as connection:
        path.rename(saved.Saved(kept).place(connection).path)
    assert_read_from_the_log(kept, monkeypatch)


def test_a_snapshot_of_another_database_that_calls_itself_ours_is_never_taken(kept, monkeypatch):
    """A database restored under this name has the same version, and another past."""
    with kept.engine.begin() as connection:
        connection.execute(update(History).values(token="of another past"))
    assert_read_from_the_log(kept, monkeypatch)


def test_a_snapshot_with_a_flipped_bit_is_passed_over(kept, monkeypatch):
    path, chosen = snapshot_of(kept), random.Random(SEED)
    whole = path.read_bytes()
    for bit in [8 * whole.rfind(b"digest") - 1, *chosen.choices(range(8 * len(whole)), k=scaled(100, 25))]:
        flipped = bytearray(whole)
        flipped[bit // 8] ^= 1 << bit % 8
        path.write_bytes(flipped)
        with kept.reading() as connection:
            assert saved.Saved(kept).read(connection, fetching.read_definitions(connection)) is None, f"bit {bit}"
    path.write_bytes(whole)
    with kept.reading() as connection:
        assert saved.Saved(kept).read(connection, fetching.read_definitions(connection)) is not None


def test_a_backup_put_back_and_written_on_shows_what_is_stored(kept, monkeypatch, tmp_path):
    """The snapshot lies ahead of the backup; the new writes come up to its version, then past it."""
    place = kept.engine.url.database
    with closing(sqlite3.connect(place)) as connection, closing(sqlite3.connect(tmp_path / "backup.db")) as backup:
        connection.backup(backup)
    for customer in (2, 3, 4, 2, 3, 4):
        put(kept, customer_id=customer)
    mirror.of(kept).refresh()
    mirror.of(kept).wait()
    ahead = kept.counter()
    kept.close()
    for name in (place, f"{place}-wal", f"{place}-shm"):
        Path(name).unlink(missing_ok=True)
    shutil.copy(tmp_path / "backup.db", place)
    monkeypatch.setattr(saved.Saved, "save_if_worth", lambda *_: False)
    while kept.counter() <= ahead:
        assert_read_from_the_log(kept, monkeypatch)
        put(kept, day=NEXT_MONTH)


@pytest.mark.parametrize("again", [39, 40, 41])
def test_a_counter_set_back_and_written_on_unread_shows_what_is_stored(local, again):
    for _ in range(45):
        put(local)
    ids(local)
    with local.engine.begin() as connection:
        connection.execute(Activity.__table__.delete().where(Activity.version > local.counter() - 40))
        connection.execute(update(ChangeCounter).values(value=ChangeCounter.value - 40))
    for _ in range(again):
        put(local, customer_id=2)
    assert_frame_equal(everything(mirror.of(local)), everything(mirror.Mirror(local)))
    assert len(ids(local)) == 5 + again


def test_starting_reading_and_noting_draw_nothing(kept, monkeypatch):
    """Another process, a tick or an import that is refused costs nobody their mirror."""
    version = kept.version()
    new_process(kept, monkeypatch)
    with kept.noting("test"):
        pass
    with pytest.raises(ZeroDivisionError), kept.writing("test"):
        raise ZeroDivisionError
    assert kept.version() == version and Store(kept.url).version() == version


def test_a_version_without_a_token_is_believed_by_nobody(local):
    put(local)
    with local.engine.begin() as connection:
        connection.execute(History.__table__.delete())
    assert local.version() != local.version()
    assert len(ids(local)) == len(ids(local)) == 1


def test_a_copied_database_goes_on_without_the_snapshot_of_its_model(kept, monkeypatch, tmp_path):
    with closing(sqlite3.connect(kept.engine.url.database)) as connection:
        connection.execute(f"VACUUM INTO '{tmp_path / 'copy.db'}'")
    copy = Store(f"sqlite:///{tmp_path / 'copy.db'}", mark=interpret, snapshots=kept.snapshots)
    assert_read_from_the_log(copy, monkeypatch)


def test_a_snapshot_newer_than_its_database_is_passed_over(kept, monkeypatch):
    """The database was put back from a backup."""
    with kept.engine.begin() as connection:
        connection.execute(update(ChangeCounter).values(value=ChangeCounter.value - 1))
    assert_read_from_the_log(kept, monkeypatch)


def test_a_database_put_back_under_a_running_process_is_read_again(local):
    put(local)
    put(local, customer_id=2)
    assert len(ids(local)) == 2
    with local.engine.connect().execution_options(immediate=True) as connection, connection.begin():
        connection.exec_driver_sql("DELETE FROM activity WHERE id = 2")
        connection.execute(update(ChangeCounter).values(value=ChangeCounter.value - 1))
    assert ids(local) == [1]


def test_processes_that_save_at_once_leave_one_whole_snapshot(kept, monkeypatch):
    for customer in (2, 3, 4):
        put(kept, customer_id=customer)
    processes = [mirror.Mirror(Store(kept.url, mark=interpret, snapshots=kept.snapshots)) for _ in range(4)]
    threads = [threading.Thread(target=one.refresh) for one in processes]
    for one in threads:
        one.start()
    for one, process in zip(threads, processes, strict=True):
        one.join()
        process.wait()
    assert snapshot_of(kept).suffix == ".parquet"
    started, sent = new_process(kept, monkeypatch)
    assert sent == [] and everything(started).height == 7


def test_what_a_killed_process_left_half_written_is_cleared_away(kept):
    path = snapshot_of(kept)
    left, under_way = (path.with_name(f"{path.name}.{number}.new") for number in (1, 2))
    left.write_bytes(b"half")
    under_way.write_bytes(b"half")
    os.utime(left, (0, 0))
    for customer in (2, 3, 4):
        put(kept, customer_id=customer)
    mirror.of(kept).refresh()
    mirror.of(kept).wait()
    assert sorted(kept.snapshots.iterdir()) == [path, under_way]


def test_a_disk_that_refuses_the_snapshot_stops_nothing(local, tmp_path, monkeypatch):
    monkeypatch.setattr(saved, "WORTH_A_SNAPSHOT", 0)
    (tmp_path / "taken").write_text("a file where the folder should be")
    local.snapshots = tmp_path / "taken"
    row = put(local)
    assert ids(local) == [row]
    mirror.of(local).wait()
