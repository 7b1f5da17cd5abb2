"""The command line, as other programs use it: what it prints, what it returns, and never a traceback."""

import json
import subprocess
import sys
from datetime import date

import fastexcel
import polars as pl
import pytest
from sqlalchemy import func, select

from dashboard.shell.store import operator
from db.imports.kinds import BY_NAME
from db.models import Activity
from db.recording import recording
from tests.support.command_line import ROOT, call
from tests.support.sheets import counts, lines, row, sheet, workbook

GOOD = lines(sheet(row(customer="张三"), row(customer="李四", kind="成交", product="信用贷款", amount="120000")))
MIXED = lines(sheet(row(customer="张三"), row(customer="李四", date="十六号"), row(customer="", kind="没有")))
CONTRACT = ["batch", "rows", "accepted", "duplicates", "rejected", "errors", "ignored", "warnings"]
NOTHING_IGNORED = {"columns": [], "sheets": [], "rows": []}


@pytest.fixture
def run(configured, sqlite_url, capsys):
    """Runs a command on a database of its own: (exit code, what it printed, what it said about errors)."""
    return lambda *words, database=sqlite_url: call(capsys, *words, "--database", database)


@pytest.fixture
def brought(tmp_path):
    def write(content: bytes, name: str = "十一月.csv") -> str:
        (tmp_path / name).write_bytes(content)
        return str(tmp_path / name)

    return write


def imported(run, path: str, *options: str) -> tuple[int, dict]:
    code, said, _wrong = run("import", "activities", path, "--create-missing", "--json", *options)
    return code, json.loads(said)


def test_an_import_prints_the_contract(run, brought):
    code, said = imported(run, brought(GOOD))
    assert code == 0 and list(said) == CONTRACT
    assert said == dict(zip(CONTRACT, (1, 2, 2, 0, 0, [], NOTHING_IGNORED, []), strict=True))


def test_the_same_file_again_stores_nothing(run, brought, sqlite_store):
    path = brought(GOOD)
    imported(run, path)
    held = counts(sqlite_store)
    code, said = imported(run, path)
    assert code == 0
    assert said == dict(zip(CONTRACT, (None, 2, 0, 2, 0, [], NOTHING_IGNORED, []), strict=True))
    assert counts(sqlite_store) == held


def test_a_file_with_a_wrong_row_is_refused_whole_and_names_the_cells(run, brought, sqlite_store):
    held = counts(sqlite_store)
    code, said = imported(run, brought(MIXED))
    assert code == 1 and (said["batch"], said["accepted"], said["rejected"]) == (None, 0, 2)
    assert [(one["sheet"], one["row"], one["column"], one["value"]) for one in said["errors"]] == [
        ("十一月.csv", 3, "日期", "十六号"),
        ("十一月.csv", 4, "活动类型", "没有"),
    ]
    assert all(one["problem"] for one in said["errors"])
    assert counts(sqlite_store) == held


def test_the_rows_that_are_right_can_be_taken(run, brought, sqlite_store):
    code, said = imported(run, brought(MIXED), "--accept-valid")
    assert code == 0 and (said["accepted"], said["rejected"]) == (1, 2)
    assert counts(sqlite_store)["activity"] == 1


@pytest.mark.parametrize("content", [GOOD, MIXED], ids=["right", "wrong"])
def test_a_dry_run_stores_nothing(run, brought, sqlite_store, content):
    held = counts(sqlite_store)
    code, said = imported(run, brought(content), "--dry-run")
    assert (code, said["batch"]) == (0 if content is GOOD else 1, None)
    assert counts(sqlite_store) == held


@pytest.mark.parametrize("name", ["十一月.csv", "a[1].csv", "log (1).csv", "it's.csv"])
def test_a_rejected_file_comes_back_with_its_reasons(run, brought, tmp_path, name):
    target = tmp_path / "错误.xlsx"
    code, _said = imported(run, brought(MIXED, name), "--errors", str(target))
    found = pl.DataFrame(fastexcel.read_excel(target).load_sheet(0))
    assert code == 1 and found.columns[-1] == "错误原因"
    assert found["错误原因"].is_null().to_list() == [True, False, False]


def test_a_workbook_is_taken_as_well(run, brought):
    code, said = imported(run, brought(workbook(活动=sheet(row(customer="张三"))), "十一月.xlsx"))
    assert (code, said["accepted"]) == (0, 1)


def test_unknown_names_are_refused_unless_they_may_be_added(run, brought):
    code, said, _wrong = run("import", "activities", brought(GOOD), "--json")
    assert code == 1
    assert {one["column"] for one in json.loads(said)["errors"]} >= {"分行"}


def test_an_import_can_be_undone_once(run, brought, sqlite_store):
    imported(run, brought(GOOD))
    code, said, _wrong = run("undo", "1")
    assert code == 0 and "1" in said and "2" in said
    with sqlite_store.reading() as connection:
        still = select(func.count()).select_from(Activity).where(Activity.voided_at.is_(None))
        assert connection.scalar(still) == 0
    assert "保留" not in said and run("undo", "1")[0] == 1
    assert imported(run, brought(GOOD))[1]["accepted"] == 2


def test_an_undo_says_how_many_rows_it_kept(run, brought, sqlite_store):
    imported(run, brought(GOOD))
    recording.correct(operator(sqlite_store), 2, sqlite_store.counter(), date(2026, 11, 20), note="改过")
    code, said, _wrong = run("--lang", "en", "undo", "1")
    assert code == 0 and "1 row withdrawn" in said and "1 row was edited since and is kept: 2" in said


def test_the_sample_row_of_a_template_is_left_out_and_said(run, brought):
    path = brought(lines(sheet(row(customer="张三"), row(date="【示例】2026-11-16"))))
    code, said, _wrong = run("--lang", "en", "import", "activities", path, "--create-missing")
    assert code == 0 and "1 row read: 1 accepted" in said and "sample row" in said


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"", "empty.csv"),
        (b"\x00\xff\xfe\x00garbage", "binary.csv"),
        (b"PK\x03\x04 not a workbook", "broken.xlsx"),
        (b"\x1f\x8b broken", "broken.csv.gz"),
        (b"%PDF-1.4", "report.pdf"),
        (GOOD, "没有扩展名"),
    ],
)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_file_that_cannot_be_read_is_refused_with_a_reason(run, brought, content, name, language):
    code, said, wrong = run("--lang", language, "import", "activities", brought(content, name), "--json")
    answer = json.loads(said)
    assert code == 1 and (answer["batch"], answer["accepted"]) == (None, 0)
    assert answer["errors"][0]["problem"] == wrong.strip()
    assert name in wrong and "Traceback" not in wrong
    assert ("请" in wrong) == (language == "zh")


@pytest.mark.parametrize("kind", BY_NAME)
def test_every_kind_of_file_names_its_missing_columns(run, brought, kind):
    code, said, _wrong = run("import", kind, brought("什么\n1\n".encode()), "--json")
    assert code == 1
    assert {one["row"] for one in json.loads(said)["errors"]} == {1}


def test_an_import_in_words_says_what_to_do(run, brought):
    code, said, _wrong = run("import", "activities", brought(MIXED), "--create-missing")
    assert code == 1 and "--accept-valid" in said and "十六号" in said
    code, said, _wrong = run("--lang", "en", "import", "activities", brought(MIXED), "--create-missing")
    assert code == 1 and "Nothing was stored" in said


@pytest.mark.parametrize(
    "words",
    [
        ("import", "activities", "/no/such/file.csv"),
        ("import", "activities", "/tmp"),
        ("import", "everything", "/etc/hostname"),
        ("undo", "99999999999999999999"),
        ("undo", "one"),
        ("report", "summary", "--from", "2026-11-20", "--to", "2026-11-01"),
        ("report", "summary", "--from", "2026-13-01", "--to", "2026-11-20"),
        ("report", "summary", "--from", "2026-11-01", "--to", "9999-12-31"),
        ("report", "summary", "--from", "2026-11-01", "--to", "2026-11-20", "--by", "weather"),
        ("report", "summary", "--from", "2026-11-01", "--to", "2026-11-20", "--by", "day,week"),
        ("report", "summary", "--from", "2026-11-01", "--to", "2026-11-20", "--by", "branch,branch"),
        ("report", "summary", "--from", "2026-11-01", "--to", "2026-11-20", "--as-of", "soon"),
        ("report", "summary"),
        ("dance",),
    ],
    ids=" ".join,
)
def test_an_unusable_call_returns_two(run, words):
    code, _said, wrong = run(*words)
    assert code == 2 and "Traceback" not in wrong


@pytest.mark.parametrize(
    "database",
    [
        "nonsense",
        "mysql://bank/chenxi",
        "sqlite:////tmp",
        "sqlite:////proc/nowhere/chenxi.db",
        "postgresql://nobody@127.0.0.1:1/x",
    ],
)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_database_that_is_none_is_refused_with_a_reason(run, database, language):
    code, said, wrong = run("--lang", language, "migrate", database=database)
    assert code == 1 and said == ""
    assert ("数据库" in wrong) == (language == "zh") and "Traceback" not in wrong


def test_a_file_of_another_kind_is_not_taken_for_a_database(run, tmp_path):
    (tmp_path / "letter.db").write_text("Dear bank, " * 1000)
    code, _said, wrong = run("migrate", database=f"sqlite:///{tmp_path / 'letter.db'}")
    assert code == 1 and wrong
    assert (tmp_path / "letter.db").read_text().startswith("Dear bank")


@pytest.mark.parametrize("option", ["--xlsx", "--csv"])
def test_a_report_that_cannot_be_written_is_refused(run, option):
    code, _said, wrong = run("report", "summary", "--from", "2026-11-01", "--to", "2026-11-20", option, "/no/where.x")
    assert code == 1 and "/no/where.x" in wrong


@pytest.mark.parametrize("name", ["--region", "--branch", "--manager"])
def test_a_name_that_is_not_known_is_refused(run, name):
    code, said, wrong = run("report", "summary", "--from", "2026-11-01", "--to", "2026-11-20", name, "火星", "--json")
    assert code == 1 and "火星" in wrong and "火星" in json.loads(said)["errors"][0]["problem"]


def module(*words: str, **environment: str) -> subprocess.CompletedProcess:
    surroundings = {"PATH": "/usr/bin:/bin", **environment}
    command = [sys.executable, "-m", "dashboard", *words]
    return subprocess.run(command, cwd=ROOT, env=surroundings, capture_output=True, text=True)


def test_the_module_runs_on_its_own(sqlite_url, tmp_path):
    answer = module(
        "report", "summary", "--from", "2026-11-01", "--to", "2026-11-30", "--json", DATABASE_URL=sqlite_url
    )
    assert answer.returncode == 0 and json.loads(answer.stdout)["rows"]


def test_a_setting_that_cannot_be_read_is_named(sqlite_url):
    answer = module("migrate", DATABASE_URL=sqlite_url, CHENXI_NOW="garbage")
    assert answer.returncode == 2
    assert answer.stderr.startswith("CHENXI_NOW: ") and "Traceback" not in answer.stderr
