"""A store that is busy, read-only or full is said in one sentence, with exit code 1, whatever was asked of it."""

import json
import sqlite3
from io import StringIO

import pytest
from sqlalchemy import event

from db.store import connecting
from tests.support.command_line import call
from tests.support.sheets import lines, row, sheet


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "log.csv"
    path.write_bytes(lines(sheet(*(row(customer=f"客户{one}") for one in range(500)))))
    return path


def answered(capsys, database, log, json_too: bool = True) -> dict:
    words = [
        "import",
        "activities",
        str(log),
        "--database",
        database,
        "--create-missing",
        *(["--json"] if json_too else []),
    ]
    code, out, err = call(capsys, *words)
    assert code == 1 and "Traceback" not in out + err and len(err.strip().splitlines()) == 1
    return json.loads(out) if json_too else {"errors": [{"problem": err.strip()}]}


@pytest.mark.parametrize("json_too", [True, False])
def test_a_busy_store(sqlite_url, log, capsys, monkeypatch, json_too):
    monkeypatch.setattr(connecting, "BUSY_SECONDS", 0.2)
    other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    answer = answered(capsys, sqlite_url, log, json_too=json_too)
    assert "数据库正忙" in answer["errors"][0]["problem"]
    other.rollback()
    other.close()


def test_a_read_only_store(sqlite_url, log, capsys):
    path = sqlite_url.removeprefix("sqlite:///")
    answer = answered(capsys, f"sqlite:///file:{path}?mode=ro&uri=true", log)
    assert "只读" in answer["errors"][0]["problem"] and answer["accepted"] == 0 and answer["ignored"]["sheets"] == []


def test_a_full_store(sqlite_url, log, capsys, monkeypatch):
    original = connecting.connect

    def small(url):
        connection = original(url)

        @event.listens_for(connection, "connect")
        def limit(raw, _record):
            raw.execute("PRAGMA max_page_count=1")  # no more than there are

        return connection

    monkeypatch.setattr(connecting, "connect", small)
    answer = answered(capsys, sqlite_url, log)
    assert "磁盘已满" in answer["errors"][0]["problem"]


def test_every_command_says_it_so(sqlite_url, capsys, monkeypatch):
    monkeypatch.setattr(connecting, "BUSY_SECONDS", 0.2)
    other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    for words in (("undo", "1"), ("account", "add", "anna", "--role", "administrator", "--password-stdin")):
        monkeypatch.setattr("sys.stdin", StringIO("right-horse-battery\n"))
        code, out, err = call(capsys, *words, "--database", sqlite_url)
        assert code == 1 and "数据库正忙" in err and "Traceback" not in out + err
    other.rollback()
    other.close()
