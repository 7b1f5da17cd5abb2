"""Names that mean something to a library are names to us; and a program always gets its JSON."""

import json

import polars as pl

from dashboard import export, report, stores
from db.engine import Store
from metrics.periods import Period
from tests.builders import MONDAY
from tests.dashboard.command import call
from tests.db.sheets import file

DAY = Period(MONDAY, MONDAY)
PEOPLE = """region,branch,staff_no,manager
示例分行,东街支行,1,[/b]甲
他乡分行,东街支行,2,乙
"""


def peopled(sqlite_url: str) -> Store:
    store = stores.open_store(sqlite_url)
    file(stores.operator(store), "people", PEOPLE)
    return store


def test_a_name_in_brackets_is_printed_as_it_is(sqlite_url, capsys):
    peopled(sqlite_url)
    words = ("report", "summary", "--from", f"{MONDAY}", "--to", f"{MONDAY}", "--by", "manager")
    code, said, _error = call(capsys, *words, "--database", sqlite_url)
    assert code == 0 and "[/b]甲" in said


def test_a_branch_is_looked_for_within_its_region(sqlite_url):
    viewer = stores.operator(peopled(sqlite_url))
    found = report.find_part(viewer, "他乡分行", "东街支行", None, DAY)
    assert (found.region, found.branch) == (2, 2)


def test_sheets_whose_names_meet_in_excel_are_told_apart():
    table = pl.DataFrame({"a": [1]})
    assert export.sheet_names(["甲'乙", "甲_乙", "A", "a", ""]) == ["甲_乙", "甲_乙 2", "A", "a 2", "_"]
    assert export.workbook({"甲'乙": table, "甲_乙": table})


def test_a_file_that_cannot_be_read_is_answered_in_json_too(sqlite_url, tmp_path, capsys):
    (tmp_path / "log.xlsx").write_bytes(b"")
    code, said, error = call(
        capsys, "import", "activities", str(tmp_path / "log.xlsx"), "--json", "--database", sqlite_url
    )
    answer = json.loads(said)
    assert code == 1 and answer["batch"] is None and answer["accepted"] == 0
    assert answer["errors"][0]["sheet"] == "log.xlsx" and "0 字节" in answer["errors"][0]["problem"] and error


def test_a_password_is_not_printed_with_a_wrong_address(capsys):
    code, said, error = call(capsys, "migrate", "--database", "postgres://u:secretpw@h/db")
    assert code == 1 and "secretpw" not in said + error
