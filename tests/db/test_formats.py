"""Which columns a sheet has, by whatever heading, and what is said of a cell in error."""

from datetime import date

from db import formats
from db.files import read_file
from db.formats import FORMATS, read_table

TODAY = date(2026, 11, 20)


def table(header: str, *rows: str, kind="absences"):
    (sheet,) = read_file("a.csv", "\n".join((header, *rows)).encode())
    return read_table(kind, sheet, TODAY)


def test_a_staff_number_keeps_its_zeros():
    assert table("工号,日期", "0042,2026-11-20").values["staff_no"].to_list() == ["0042"]


def test_headings_are_known_by_marks_width_and_case():
    read = table("＊工号：, Day ", "1,2026-11-20")
    assert read.headings == {"staff_no": "＊工号：", "day": "Day"} and read.problems.is_empty()


def test_a_second_column_of_the_same_meaning_is_ignored_by_name():
    assert table("工号,staff_no,日期", "1,2,2026-11-20").ignored == ("staff_no",)


def test_every_column_has_a_chinese_heading_and_no_heading_means_two_columns():
    for columns in FORMATS.values():
        headings = [formats.heading(one) for column in columns for one in (column.name, *column.zh)]
        assert all(column.zh for column in columns) and len(headings) == len(set(headings))
