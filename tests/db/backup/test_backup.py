"""A backup is one moment of the store, taken while others write, and looked through before anybody relies on it."""

import random
import sqlite3
import stat
import time
from contextlib import closing

import pytest
from sqlalchemy import func, make_url, select

from db.backup import archive, backup, content, postgres
from db.backup.backup import take, take_into
from db.errors import StorageError
from db.models import Activity
from tests.support.builders import bank, head
from tests.support.moments import record, written_until
from tests.support.sweep import SEED, scaled


@pytest.mark.both_engines
def test_a_backup_says_what_it_holds(store, url, tmp_path):
    record(head(bank(store)), 3)
    made = take(url, tmp_path / "one.backup")
    version = store.version()
    assert (made.facts.version, made.facts.token) == (version.counter, version.token)
    assert made.facts.rows["activity"] == 3 and made.facts.rows["manager"] == 3 and made.facts.rows["promise"] == 0
    assert stat.S_IMODE(made.file.stat().st_mode) == 0o600
    assert content.digest(made.file) == made.sha256
    manifest = archive.read(made.file, tmp_path / "content", None)
    assert manifest["rows"] == made.facts.rows and manifest["content"] == content.digest(tmp_path / "content")
    assert sorted(one.name for one in tmp_path.iterdir() if one.name.startswith(".chenxi")) == []


@pytest.mark.both_engines
@pytest.mark.slow
def test_a_backup_under_writers_is_of_one_moment(store, url, tmp_path):
    """Every row up to its version is in it, and none that came later."""
    bank(store)
    chosen, made = random.Random(SEED), []
    with written_until(store, writers=scaled(20, 4)):
        for number in range(scaled(25, 2)):
            time.sleep(chosen.random() / 5)
            made.append(take(url, tmp_path / f"{number}.backup"))
    for one in made:
        with store.reading() as connection:
            statement = select(func.count()).select_from(Activity).where(Activity.version <= one.facts.version)
            assert one.facts.rows["activity"] == connection.execute(statement).scalar_one()


def test_of_a_folders_backups_the_newest_of_this_store_stay(sqlite_store, sqlite_url, tmp_path):
    folder = tmp_path / "disk"
    folder.mkdir()
    others = [folder / "chenxi-ffffffff-20200101T000000-v1.backup", folder / "notes.txt"]
    for one in others:
        one.write_text("")
    made = []
    for _ in range(3):
        bank(sqlite_store) if not made else record(head(sqlite_store), 1, str(len(made)))
        made.append(take_into(sqlite_url, folder, keep=2).file)
    assert set(folder.iterdir()) == {*others, *made[1:]}


def test_a_damaged_database_is_not_backed_up(sqlite_url, tmp_path):
    path = tmp_path / "test.db"
    with closing(sqlite3.connect(path)) as connection:
        page = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'calendar_day'").fetchone()[0]
    with path.open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xff" * 4096)
    with pytest.raises(StorageError, match="is damaged"):
        take(sqlite_url, tmp_path / "one.backup")
    assert not (tmp_path / "one.backup").exists()


def test_what_was_written_wrongly_is_removed(sqlite_url, tmp_path, monkeypatch):
    """A disk that loses a bit on the way: the file is not there afterwards, and the older one is not taken for it."""
    write = archive.write

    def losing(path, *rest):
        said = write(path, *rest)
        with path.open("r+b") as file:
            file.seek(500)
            file.write(b"\x00")
        return said

    monkeypatch.setattr(backup.archive, "write", losing)
    with pytest.raises(StorageError, match="is removed"):
        take(sqlite_url, tmp_path / "one.backup")
    assert not (tmp_path / "one.backup").exists()


@pytest.mark.postgres
def test_without_postgresqls_programs_it_is_said_which_to_install(postgres_url, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StorageError, match="“pg_dump” is not installed"):
        take(postgres_url, tmp_path / "one.backup")


@pytest.mark.postgres
def test_the_password_goes_by_the_environment(postgres_url):
    url = make_url(postgres_url).set(password="geheim")
    assert "geheim" not in postgres.address(url) and postgres.environment(url)["PGPASSWORD"] == "geheim"
