"""The open database is the one on disk: nothing is acknowledged that lies in a file nobody finds again."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from db.engine import Store
from db.errors import Unavailable
from db.store import faults
from tests.support.builders import bank, head
from tests.support.chaos.files import WITHOUT_ROOTS_RIGHTS
from tests.support.moments import record
from tests.support.servers import ROOT


@pytest.fixture
def path(sqlite_url) -> Path:
    return Path(sqlite_url.removeprefix("sqlite:///"))


def test_a_file_that_is_removed_takes_no_entry_with_it(sqlite_store, path):
    record(head(bank(sqlite_store)), 2)
    path.rename(path.with_name("elsewhere.db"))
    for _ in range(3):
        with pytest.raises(Unavailable, match="removed or renamed"):
            record(head(sqlite_store), 1, "lost")
    assert not path.exists(), "a new one was begun in its place"
    path.with_name("elsewhere.db").rename(path)
    assert len(record(head(sqlite_store), 1, "put back")) == 1


def test_another_file_in_its_place_is_not_taken_for_it(sqlite_store, path, sqlite_template):
    record(head(bank(sqlite_store)), 2)
    path.rename(path.with_name("elsewhere.db"))
    shutil.copy(sqlite_template, path)
    with pytest.raises(Unavailable, match="Another file"):
        record(head(sqlite_store), 1, "lost")
    with pytest.raises(Unavailable, match="Another file"):
        sqlite_store.version()


def test_at_rest_too_another_file_is_not_taken_for_it(sqlite_store, path, sqlite_template):
    record(head(bank(sqlite_store)), 2)
    sqlite_store.rest(unasked=0.0)
    path.unlink()
    shutil.copy(sqlite_template, path)
    with pytest.raises(Unavailable, match="Another file"):
        record(head(sqlite_store), 1, "lost")


def test_a_file_that_goes_while_a_write_is_under_way_refuses_it(sqlite_store, path):
    bank(sqlite_store)
    with pytest.raises(Unavailable, match="removed or renamed"), sqlite_store.writing("somebody"):
        path.rename(path.with_name("elsewhere.db"))
    path.with_name("elsewhere.db").rename(path)
    assert sqlite_store.version().counter == 1


READ_ONLY_FOR_A_WHILE = """import sys
from pathlib import Path
from db.engine import Store
from db.errors import Unavailable
store, file = Store(sys.argv[1]), Path(sys.argv[1].removeprefix("sqlite:///"))
for mode in (0o444, 0o644):
    for one in file.parent.glob(file.name + "*"):  # the journal is made with the rights of the file
        one.chmod(mode)
    try:
        with store.writing("test"):
            print("stored")
    except Unavailable as error:
        print(error)
"""


def test_what_was_opened_while_it_was_read_only_is_written_to_once_it_is_not(sqlite_url):
    command = [*WITHOUT_ROOTS_RIGHTS, sys.executable, "-c", READ_ONLY_FOR_A_WHILE, sqlite_url]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert said.stdout.splitlines() == [faults.READ_ONLY, "stored"], said.stderr


def test_a_database_that_is_not_there_is_not_begun_by_looking(tmp_path):
    store = Store(f"sqlite:///{tmp_path / 'no such.db'}")
    with pytest.raises(Unavailable, match="run --new"):
        store.version()
    assert list(tmp_path.iterdir()) == []
