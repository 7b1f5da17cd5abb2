"""A backup that is put back is the moment it was made at: for whoever was running, whoever starts, and nobody's session."""

import random
import sqlite3
import time
from pathlib import Path

import pytest
from sqlalchemy import text

from db.accounts import sign_in
from db.audit.check import check
from db.backup import restore
from db.backup.backup import take
from db.backup.restore import restore as put_back
from db.delivery import messages, sending
from db.engine import Store, now
from db.errors import Refused, StorageError
from db.log import mirror
from db.log.columns.partitions import ACTIVITY
from db.migrations.migrate import migrate
from db.models import AllowedHost
from metrics.definitions import DEFAULT, from_record, interpret
from metrics.periods import Period
from tests.support.builders import EAST, MONDAY, bank, enter, head, signed_in
from tests.support.groups import group, message
from tests.support.moments import record, written_until
from tests.support.sweep import SEED, scaled


def restored(url: str, file, **said):
    return put_back(url, file, DEFAULT, said.get("passphrase"), said.get("other_bank", False))


def shown(store: Store) -> list[int]:
    """The entries that reports see."""
    log = mirror.of(store).read(Period(MONDAY, MONDAY), {}, [*ACTIVITY])
    return sorted(log.collect()["id"])


def stored(store: Store) -> list[int]:
    with store.reading() as connection:
        return sorted(connection.execute(text("SELECT id FROM activity WHERE voided_at IS NULL")).scalars())


def is_sound(store: Store) -> bool:
    return not any(findings for _rows, findings in check(store, lambda one: from_record(*one)).values())


@pytest.mark.both_engines
def test_the_moment_comes_back_for_whoever_is_running_and_whoever_starts(store, url, tmp_path):
    record(head(bank(store)), 3)
    before, held = shown(store), store.version()
    made = take(url, tmp_path / "one.backup")
    record(head(store), 4, "later")
    assert len(shown(store)) == 7
    done = restored(url, made.file)
    assert done.kept is not None
    assert store.version() != held and store.version().counter == held.counter + 1
    other = Store(url, mark=interpret)
    assert shown(store) == shown(other) == stored(other) == before
    record(head(store), 2, "anew")
    record(head(other), 2, "anew too")
    assert shown(store) == shown(other) == stored(store) and len(stored(store)) == 7
    assert is_sound(store) and is_sound(other)
    other.close()


@pytest.mark.both_engines
def test_what_waited_to_be_sent_when_it_was_made_is_not_sent_a_second_time(store, url, tmp_path):
    bank(store)
    with store.noting("test") as write:
        write.session.add(AllowedHost(host="qyapi.weixin.qq.com", internal=False, added_by="t", added_at=write.now))
        write.session.add(group(1, EAST, "东湖群"))
        write.session.flush()
        write.session.add(message(1, 1, "waiting", write.now))
    made = take(url, tmp_path / "one.backup")
    assert sending.claim(store).message == 1
    restored(url, made.file)
    assert sending.claim(store) is None
    assert messages.listing(head(store))["status"].to_list() == ["unconfirmed"] and is_sound(store)


@pytest.mark.both_engines
@pytest.mark.slow
def test_backups_under_writers_are_put_back_under_writers(store, url, tmp_path):
    """Whatever is acknowledged after it was put back is there; nothing of what came between is, and it is sound."""
    bank(store)
    chosen = random.Random(SEED)
    for number in range(scaled(25 if store.is_sqlite else 10, 2)):
        with written_until(store, writers=scaled(20, 3)):
            time.sleep(chosen.random() / 5)
            made = take(url, tmp_path / f"{number}.backup")
            time.sleep(chosen.random() / 5)
            restored(url, made.file)
            came_back = store.version().counter
            time.sleep(chosen.random() / 5)
        assert came_back > made.facts.version and shown(store) == stored(store)
        with store.reading() as connection:
            up_to = text("SELECT count(*) FROM activity WHERE version <= :version")
            there = connection.execute(up_to, {"version": made.facts.version}).scalar_one()
        assert there == made.facts.rows["activity"]
        fresh = Store(url, mark=interpret)
        assert shown(fresh) == stored(fresh) and is_sound(fresh)
        fresh.close()


@pytest.mark.both_engines
def test_everybodys_session_ends_and_its_number_is_nobodys_again(store, url, tmp_path):
    person = signed_in(bank(store), "auditor")
    made = take(url, tmp_path / "one.backup")
    late = enter(store, person.account)
    restored(url, made.file)
    assert [sign_in.viewer(store, one.sign_in, MONDAY) for one in (person, late)] == [None, None]
    with pytest.raises(Refused):
        sign_in.extend(late) or record(late, 1)
    anew = enter(store, person.account)
    assert anew.sign_in > late.sign_in


@pytest.mark.both_engines
def test_what_was_there_before_is_kept(store, url, tmp_path):
    record(head(bank(store)), 3)
    made = take(url, tmp_path / "one.backup")
    record(head(store), 4, "later")
    kept = restored(url, made.file).kept
    if store.is_sqlite:
        with sqlite3.connect(kept) as connection:
            assert connection.execute("SELECT count(*) FROM activity").fetchone() == (7,)
        connection.close()
        return
    with store.engine.connect() as connection:
        assert connection.execute(text(f"SELECT count(*) FROM {kept}.activity")).scalar_one() == 7
        connection.execute(text(f"DROP SCHEMA {kept} CASCADE"))
        connection.commit()


@pytest.mark.both_engines
def test_two_restores_in_one_second_keep_what_was_there_before_each(store, url, tmp_path, monkeypatch):
    bank(store)
    made, moment = take(url, tmp_path / "one.backup"), now()
    monkeypatch.setattr(restore, "now", lambda: moment)
    store.close()
    kept = [restored(url, made.file).kept for _time in range(2)]
    assert None not in kept and len(set(kept)) == 2
    if not store.is_sqlite:
        with store.engine.begin() as connection:
            for one in kept:
                connection.execute(text(f"DROP SCHEMA {one} CASCADE"))


@pytest.mark.both_engines
def test_a_backup_of_a_newer_schema_is_refused(store, url, tmp_path):
    bank(store)
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    made = take(url, tmp_path / "one.backup")
    version = store.version()
    with pytest.raises(Refused, match="newer version"):
        restored(url, made.file)
    assert store.version() == version


def test_another_engines_or_another_banks_is_refused(sqlite_store, sqlite_url, tmp_path, monkeypatch):
    bank(sqlite_store)
    migrate(other := f"sqlite:///{tmp_path / 'other.db'}", DEFAULT)
    made = take(other, tmp_path / "one.backup")
    with pytest.raises(Refused, match="another bank"):
        restored(sqlite_url, made.file)
    assert len(sqlite_store.version().parts) > 0 and sqlite_store.version().counter == 1
    assert restored(sqlite_url, made.file, other_bank=True).kept
    with sqlite_store.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM manager")).scalar_one() == 0


def test_a_machine_without_a_database_gets_it(sqlite_store, sqlite_url, tmp_path):
    record(head(bank(sqlite_store)), 3)
    made = take(sqlite_url, tmp_path / "one.backup", "four words of ours")
    place = f"sqlite:///{tmp_path / 'new' / 'bank.db'}"
    (tmp_path / "new").mkdir()
    done = restored(place, made.file, passphrase="four words of ours")
    anew = Store(place, mark=interpret)
    assert done.kept is None and shown(anew) == shown(sqlite_store) and is_sound(anew)
    anew.close()


def test_a_damaged_database_makes_room_and_is_kept(sqlite_store, sqlite_url, tmp_path):
    record(head(bank(sqlite_store)), 3)
    made = take(sqlite_url, tmp_path / "one.backup")
    sqlite_store.close()
    path = tmp_path / "test.db"
    path.write_bytes(b"not a database any more" * 1000)
    done = restored(sqlite_url, made.file)
    assert Path(done.kept).read_bytes()[:5] == b"not a"
    anew = Store(sqlite_url, mark=interpret)
    assert len(shown(anew)) == 3 and is_sound(anew)
    anew.close()


def test_a_restore_that_does_not_get_its_turn_changes_nothing(sqlite_store, sqlite_url, tmp_path, monkeypatch):
    record(head(bank(sqlite_store)), 3)
    made = take(sqlite_url, tmp_path / "one.backup")
    record(head(sqlite_store), 4, "later")
    version = sqlite_store.version()
    other = sqlite3.connect(tmp_path / "test.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    monkeypatch.setattr(restore, "BUSY_SECONDS", 0.2)
    with pytest.raises(StorageError, match="busy"):
        restored(sqlite_url, made.file)
    other.execute("ROLLBACK")
    other.close()
    assert sqlite_store.version() == version and len(shown(sqlite_store)) == 7
    assert list(tmp_path.glob("*before-restore*")) == []


@pytest.mark.both_engines
def test_the_trail_says_that_it_was_put_back(store, url, tmp_path):
    bank(store)
    made = take(url, tmp_path / "one.backup")
    restored(url, made.file)
    with store.reading() as connection:
        rows = connection.execute(text("SELECT action, entity, after FROM audit ORDER BY id DESC")).first()
    assert tuple(rows)[:2] == ("restore", "database") and str(made.facts.version) in str(rows[2])
