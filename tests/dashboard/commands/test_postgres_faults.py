"""A PostgreSQL store that is read-only, loses its connection, takes too long or is not there is said in one sentence, in the
JSON shape where that was asked for, with exit code 1."""

import json

import psycopg
import pytest
from sqlalchemy import event, make_url

from db.store import connecting
from tests.support.command_line import call
from tests.support.sheets import lines, row, sheet

pytestmark = pytest.mark.postgres


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "log.csv"
    path.write_bytes(lines(sheet(*(row(customer=f"客户{one}") for one in range(200)))))
    return path


def setting(url: str, **options: object) -> str:
    """The same database, whose sessions begin with these settings."""
    said = " ".join(f"-c {name}={value}" for name, value in options.items())
    return make_url(url).update_query_dict({"options": said}).render_as_string(hide_password=False)


def refused(capsys, url: str, log) -> str:
    """What an import says, the same with and without JSON, in one line."""
    words = ("import", "activities", str(log), "--database", url, "--create-missing")
    code, out, err = call(capsys, *words, "--json")
    assert code == 1 and "Traceback" not in out + err and len(err.strip().splitlines()) <= 1
    answer = json.loads(out)
    assert {"accepted", "rejected", "duplicates", "errors", "ignored", "warnings"} <= set(answer)
    assert answer["accepted"] == 0
    (error,) = answer["errors"]
    code, out, err = call(capsys, *words)
    assert code == 1 and "Traceback" not in out + err and len((out + err).strip().splitlines()) == 1
    assert error["problem"] in out + err
    return error["problem"]


def stored(url: str) -> int:
    with psycopg.connect(
        make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    ) as connection:
        return connection.execute("SELECT count(*) FROM activity").fetchone()[0]


def test_a_read_only_store(postgres_url, log, capsys):
    assert "只读" in refused(capsys, setting(postgres_url, default_transaction_read_only="on"), log)
    assert stored(postgres_url) == 0


def on_insert(monkeypatch, do) -> None:
    """Before rows of the log are stored, something happens to the connection."""
    original = connecting.connect

    def watched(url):
        connection = original(url)

        @event.listens_for(connection, "before_cursor_execute")
        def before(connection, _cursor, statement, *_rest):
            if statement.startswith("INSERT INTO activity"):
                do(connection)

        return connection

    monkeypatch.setattr(connecting, "connect", watched)


def test_a_connection_that_is_ended_in_the_middle(postgres_url, log, capsys, monkeypatch):
    def end(connection) -> None:
        process = connection.connection.dbapi_connection.info.backend_pid
        url = make_url(postgres_url).set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(url) as other:
            other.execute("SELECT pg_terminate_backend(%s)", [process])

    on_insert(monkeypatch, end)
    assert "数据库暂时无法使用" in refused(capsys, postgres_url, log)
    assert stored(postgres_url) == 0


def test_a_statement_that_takes_too_long(postgres_url, log, capsys, monkeypatch):
    on_insert(monkeypatch, lambda connection: connection.exec_driver_sql("SET LOCAL statement_timeout = 1"))
    on_insert(monkeypatch, lambda connection: connection.exec_driver_sql("SELECT pg_sleep(1)"))
    assert "数据库正忙" in refused(capsys, postgres_url, log)
    assert stored(postgres_url) == 0


def test_a_server_that_is_not_there(postgres_url, log, capsys):
    gone = make_url(postgres_url).set(port=1).render_as_string(hide_password=False)
    assert "Connection refused" in refused(capsys, gone, log)


def test_what_only_reads_goes_on_in_a_read_only_store(postgres_url, capsys):
    url = setting(postgres_url, default_transaction_read_only="on")
    month = ("--from", "2026-11-01", "--to", "2026-11-30")
    code, out, err = call(capsys, "report", "summary", *month, "--json", "--database", url)
    assert (code, err) == (0, "") and json.loads(out)["total"]["deals"] == 0
    code, out, err = call(capsys, "undo", "1", "--database", url)
    assert code == 1 and len(err.strip().splitlines()) == 1
