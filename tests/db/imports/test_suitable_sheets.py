"""Which sheets of a workbook are read, and that the others are named."""

import pytest
import xlsxwriter

from dashboard.shell.store import operator
from tests.db.imports.test_wild import taken
from tests.support.builders import bank
from tests.support.sheets import row, sheet
from tests.support.written_files import excel


@pytest.fixture
def viewer(sqlite_store):
    return operator(bank(sqlite_store))


def test_a_hidden_sheet_and_one_that_is_no_table_are_named(viewer):
    def fill(book: xlsxwriter.Workbook) -> None:
        book.add_worksheet("说明").write(0, 0, "请按月填写")
        page = book.add_worksheet("log")
        for number, cells in enumerate(sheet(row(customer="甲店"))):
            page.write_row(number, 0, cells)
        old = book.add_worksheet("旧数据")
        old.write(0, 0, "日期")
        old.hide()

    report = taken(viewer, "activities", excel(fill))
    assert report.accepted == 1 and set(report.unused) == {"说明", "旧数据"}


def test_a_roster_beside_the_log_is_no_log_with_columns_missing(viewer):
    def fill(book: xlsxwriter.Workbook) -> None:
        roster = book.add_worksheet("花名册")
        roster.write_row(0, 0, ["分行", "支行", "工号", "客户经理"])
        for number, cells in enumerate(sheet(row(customer="甲店")), 0):
            (book.get_worksheet_by_name("log") or book.add_worksheet("log")).write_row(number, 0, cells)

    report = taken(viewer, "activities", excel(fill))
    assert report.accepted == 1 and report.unused == ("花名册",)
