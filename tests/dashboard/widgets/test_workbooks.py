"""What is taken away opens as text and numbers, never as a formula."""

import csv
import io
import re
from datetime import date

import fastexcel
import polars as pl
import pytest

from dashboard.widgets import workbooks
from db.files.files import Sheet, read_file
from db.files.table import PROBLEM

FORMULAS = ("=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1+1", "\r=1+1", "{=1+1}", '=HYPERLINK("http://127.0.0.1:9")')
TABLE = pl.DataFrame(
    {
        "客户经理": ["王芳", "=1+1"],
        "成交量": [3, None],
        "成交金额": [12.5, 0.0],
        "日期": [date(2026, 11, 16), None],
        "计划": ["无计划", "130.0%"],
    },
    schema_overrides={"成交量": pl.Int64},
)


def back(content: bytes, name: str) -> pl.DataFrame:
    return pl.DataFrame(fastexcel.read_excel(content).load_sheet(name))


def parts(content: bytes) -> str:
    import zipfile

    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return "".join(book.read(name).decode() for name in book.namelist() if name.startswith("xl/"))


def test_a_workbook_reads_back_as_it_was_written():
    found = back(workbooks.workbook({"汇总": TABLE}), "汇总")
    assert found.columns == TABLE.columns
    assert found["客户经理"].to_list() == ["王芳", "=1+1"]
    assert found["成交量"].to_list() == [3, None]
    assert found["成交金额"].to_list() == [12.5, 0.0]
    assert found["日期"].cast(pl.Date).to_list() == [date(2026, 11, 16), None]


@pytest.mark.parametrize("text", FORMULAS)
def test_no_text_becomes_a_formula_or_a_link(text):
    content = workbooks.workbook({"汇总": pl.DataFrame({"客户": [text], text: ["x"]})})
    assert "<f>" not in parts(content) and "<hyperlink" not in parts(content)
    if text.isprintable():
        assert back(content, "汇总")["客户"].to_list() == [text]


def test_shares_are_percentages_and_stay_numbers():
    content = workbooks.workbook({"汇总": pl.DataFrame({"转化率": [0.125]})}, ["转化率"])
    assert "0.0%" in parts(content)
    assert back(content, "汇总")["转化率"].item() == 0.125


def test_a_workbook_has_a_sheet_a_purpose_in_order():
    book = fastexcel.read_excel(workbooks.workbook({"汇总": TABLE, "说明": TABLE.head(0)}))
    assert book.sheet_names == ["汇总", "说明"]


@pytest.mark.parametrize("name", ["a[1]", "11/16", "'x'", "很长" * 30, "a:b*c?d\\e"])
def test_any_file_name_can_name_a_sheet(name):
    (sheet,) = fastexcel.read_excel(workbooks.workbook({name: TABLE})).sheet_names
    assert 0 < len(sheet) <= 31


def lines(table: pl.DataFrame) -> list[list[str]]:
    content = workbooks.comma_separated(table)
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("text", [one for one in FORMULAS if one[0] != "{"])
def test_a_quote_stands_before_what_could_begin_a_formula(text):
    assert lines(pl.DataFrame({"客户": [text]})) == [["客户"], [f"'{text}"]]


@pytest.mark.parametrize("before", ["", " ", "\u3000", "\u00a0", "\u200b", " \ufeff "])
@pytest.mark.parametrize("sign", "=+-@＝＋－＠")
def test_a_sign_of_full_width_or_behind_blanks_begins_none_either_not_in_a_heading(before, sign):
    text = f"{before}{sign}1+1"
    assert lines(pl.DataFrame({text: [text]})) == [[f"'{text}"], [f"'{text}"]]


def test_numbers_keep_their_sign_and_nothing_stays_empty():
    table = pl.DataFrame({"客户": ["王,芳", None], "差": [-3, 4], "率": [-0.5, None]})
    assert lines(table) == [["客户", "差", "率"], ["王,芳", "-3", "-0.5"], ["", "4", ""]]


def problems(*rows: tuple) -> pl.DataFrame:
    return pl.DataFrame(rows, PROBLEM, orient="row")


def sheet(content: str, name: str = "十一月.csv") -> tuple[Sheet, ...]:
    return read_file(name, content.encode()).sheets


def test_a_rejected_sheet_comes_back_with_its_reasons():
    sheets = sheet("日期,客户\n2026-11-16,=1+1\n十六号,王芳\n")
    said = problems(
        ("十一月.csv", 3, "日期", "十六号", "Not a date: write 2026-11-20"),
        ("十一月.csv", 3, "客户", None, "The cell is empty: fill it in"),
    )
    found = back(workbooks.with_reasons(sheets, said), "十一月")
    assert found.columns == ["日期", "客户", "错误原因"]
    assert found["客户"].to_list() == ["=1+1", "王芳"]
    assert found["错误原因"].to_list() == [
        None,
        "日期: 日期无法识别：请写成 2026-11-20 (十六号)；客户: 单元格为空：请填写",
    ]


def test_a_sheet_sent_in_again_has_one_column_of_reasons():
    sheets = sheet("日期,错误原因\n十六号,以前的\n")
    said = problems(("十一月.csv", 2, "日期", "十六号", "Not a date: write 2026-11-20"))
    found = back(workbooks.with_reasons(sheets, said), "十一月")
    assert found.columns == ["日期", "错误原因"]
    assert "以前的" not in found["错误原因"][0]


def test_a_missing_column_is_said_on_every_row():
    sheets = sheet("日期\n2026-11-16\n2026-11-17\n")
    said = problems(("十一月.csv", 1, "支行", None, "The column is missing: add it"))
    found = back(workbooks.with_reasons(sheets, said), "十一月")
    assert found["错误原因"].null_count() == 0 and found.height == 2


def test_a_page_of_instructions_beside_the_table_does_no_harm():
    table = pl.DataFrame({"row": [2], "0": ["x"], "1": ["y"]})
    from db.errors import Refused

    odd = Sheet("填写说明", ["说明", "说明"], table, Refused("twice"))
    good = sheet("日期\n十六号\n")
    said = problems(("十一月.csv", 2, "日期", "十六号", "Not a date: write 2026-11-20"))
    assert fastexcel.read_excel(workbooks.with_reasons((odd, *good), said)).sheet_names == ["十一月"]


def test_of_a_returned_sheet_only_the_wrong_rows_are_in_view_and_their_cells_red():
    sheets = sheet("日期,客户\n2026-11-16,甲\n十六号,乙\n2026-11-18,丙\n")
    said = problems(("十一月.csv", 3, "日期", "十六号", "Not a date: write 2026-11-20"))
    content = workbooks.with_reasons(sheets, said)
    xml = parts(content)
    rows = dict(re.findall(r'<row r="(\d)"([^>]*)>', xml))
    assert [row for row in "1234" if "hidden" in rows[row]] == ["2", "4"]
    style = re.search(r'<c r="A3" s="(\d+)"', xml)
    assert style and not re.search(r'<c r="B3" s=', xml) and "FFFFD6D6" in xml
    assert back(content, "十一月").height == 3


def test_a_sheet_in_which_every_row_is_wrong_hides_none():
    said = problems(("十一月.csv", 2, "日期", "十六号", "Not a date: write 2026-11-20"))
    assert (
        "hidden"
        not in parts(workbooks.with_reasons(sheet("日期\n十六号\n"), said))
        .split("<sheetData>")[1]
        .split("</sheetData>")[0]
    )
