"""Which columns a sheet has, by whatever heading, and what is said of a cell in error."""

from datetime import date

from db.files import columns, headings
from db.files.files import read_file
from db.files.table import read_table
from db.imports.kinds import BY_NAME

TODAY = date(2026, 11, 20)


def table(header: str, *rows: str, kind="absences"):
    (sheet,) = read_file("a.csv", "\n".join((header, *rows)).encode()).sheets
    return read_table(BY_NAME[kind].columns, sheet, TODAY)


def test_a_staff_number_keeps_its_zeros():
    assert table("工号,日期", "0042,2026-11-20").values["staff_no"].to_list() == ["0042"]


def test_headings_are_known_by_marks_width_and_case():
    read = table("＊工号：, Day ", "1,2026-11-20")
    assert read.headings == {"staff_no": "＊工号：", "day": "Day"} and read.problems.is_empty()


def test_of_two_columns_of_one_meaning_the_one_with_values_is_taken_and_two_with_values_are_refused():
    read = table("工号,staff_no,日期", ",2,2026-11-20")
    assert read.values["staff_no"].to_list() == ["2"] and list(read.ignored) == ["工号"]
    told = table("工号,staff_no,日期", "1,2,2026-11-20").problems.rows()
    assert told == [("a.csv", 1, "staff_no", None, columns.SAME_MEANING)]


def test_every_column_has_a_chinese_heading_and_no_heading_means_two_columns():
    for every in (one.columns for one in BY_NAME.values()):
        spellings = [headings.heading(one) for column in every for one in column.spellings]
        assert all(column.zh for column in every) and len(spellings) == len(set(spellings))
