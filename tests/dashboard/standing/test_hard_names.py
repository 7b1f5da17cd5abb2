"""Names that mean something to a library are names to us; and a program always gets its JSON."""

import json

import polars as pl
import pytest

from dashboard.shell.store import open_store, operator
from dashboard.standing import part
from dashboard.widgets import workbooks
from db.engine import Store
from db.errors import Refused
from metrics.periods import Period
from tests.support.builders import MONDAY
from tests.support.command_line import call
from tests.support.sheets import file

DAY = Period(MONDAY, MONDAY)
PEOPLE = """region,branch,staff_no,manager
示例分行,东街支行,1,[/b]甲
他乡分行,东街支行,2,乙
示例分行,东街支行,3,丙
他乡分行,东街支行,4,丙
"""


def peopled(sqlite_url: str) -> Store:
    store = open_store(sqlite_url)
    file(operator(store), "people", PEOPLE)
    return store


def test_a_name_in_brackets_is_printed_as_it_is(sqlite_url, capsys):
    peopled(sqlite_url)
    words = ("report", "summary", "--from", f"{MONDAY}", "--to", f"{MONDAY}", "--by", "manager")
    code, said, _error = call(capsys, *words, "--database", sqlite_url)
    assert code == 0 and "[/b]甲" in said


def test_a_branch_is_looked_for_within_its_region(sqlite_url):
    viewer = operator(peopled(sqlite_url))
    found = part.find_part(viewer, "他乡分行", "东街支行", None, DAY)
    assert (found.region, found.branch) == (2, 2)


def test_a_manager_is_looked_for_within_the_part_above_them(sqlite_url):
    viewer = operator(peopled(sqlite_url))
    found = part.find_part(viewer, "他乡分行", None, "丙", DAY)
    assert (found.region, found.manager) == (2, 4)
    with pytest.raises(Refused, match="not unique"):
        part.find_part(viewer, None, None, "丙", DAY)


def test_sheets_whose_names_meet_in_excel_are_told_apart():
    table = pl.DataFrame({"a": [1]})
    assert workbooks.sheet_names(["甲'乙", "甲_乙", "A", "a", ""]) == ["甲_乙", "甲_乙 2", "A", "a 2", "_"]
    assert workbooks.workbook({"甲'乙": table, "甲_乙": table})


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
