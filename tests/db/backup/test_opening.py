"""A bank begins when somebody says so, and never because a file is missing."""

import sqlite3
import stat

import pytest

from db.backup.opening import prepare
from db.engine import Store
from db.errors import Refused, StorageError
from metrics.definitions import DEFAULT


def opened(path, new: bool = False) -> None:
    prepare(f"sqlite:///{path}", DEFAULT, new, path.parent / "backups")


@pytest.mark.parametrize("there", [None, b""])
def test_nothing_is_no_bank(tmp_path, there):
    path = tmp_path / "folder" / "bank.db"
    if there is not None:
        path.parent.mkdir()
        path.write_bytes(there)
    with pytest.raises(Refused, match="run --new"):
        opened(path)
    assert path.exists() == (there is not None)
    opened(path, new=True)
    opened(path)
    assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0 or there is not None


def test_a_bank_is_not_begun_over_another(tmp_path):
    opened(tmp_path / "bank.db", new=True)
    with pytest.raises(Refused, match="leave out --new"):
        opened(tmp_path / "bank.db", new=True)


def test_a_database_without_tables_is_empty(tmp_path):
    with sqlite3.connect(tmp_path / "bank.db") as connection:
        connection.execute("PRAGMA user_version = 1")
    connection.close()
    with pytest.raises(Refused, match="missing or empty"):
        opened(tmp_path / "bank.db")


def test_the_last_entries_of_a_lost_file_are_not_swept_away(tmp_path):
    """SQLite deletes what it finds beside an empty file."""
    path = tmp_path / "bank.db"
    opened(path, new=True)
    store = Store(f"sqlite:///{path}")
    with store.writing("somebody"):
        pass
    wal = path.with_name("bank.db-wal")
    last, _gone = wal.read_bytes(), path.rename(tmp_path / "elsewhere.db")
    with pytest.raises(StorageError, match="last entries"):
        opened(path, new=True)
    assert wal.read_bytes() == last and last
    (tmp_path / "elsewhere.db").rename(path)
    store.close()
