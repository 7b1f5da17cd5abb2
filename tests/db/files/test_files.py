"""What people bring: real files of every kind, and hostile ones, which are refused in plain words and at little
cost."""

import gzip
from datetime import date, datetime, time

import polars as pl
import pytest

from db.files.files import read_file
from tests.support.written_files import SHEET, excel, only, refusal, rows, table, with_parts, worksheet


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_csv_is_read_in_the_encodings_and_delimiters_that_excel_and_wps_write(encoding, delimiter):
    text = f"类型{delimiter}客户\r\n咨询{delimiter}张伟\r\n成交{delimiter}李娜\r\n"
    sheet = only("log.csv", text.encode(encoding))
    assert sheet.name == "log.csv"
    assert sheet.headers == ["类型", "客户"]
    assert rows(sheet) == [(2, "咨询", "张伟"), (3, "成交", "李娜")]
    assert sheet.cells.schema == {"row": pl.Int64, "0": pl.String, "1": pl.String}


def test_a_csv_without_other_letters_before_the_second_megabyte_keeps_its_encoding():
    text = "kind,customer\n" + "deal,Zhang\n" * 200_000 + "deal,张伟\n"
    for encoding in ("utf-8", "gbk"):
        assert rows(only("log.csv", text.encode(encoding)))[-1] == (200_002, "deal", "张伟")


def test_utf_8_that_breaks_later_is_refused_and_not_read_as_wrong_chinese():
    text = ("kind,customer\n" + "deal,张伟李娜\n" * 1000).encode()
    assert "not readable as text" in refusal("log.csv", text[:-3])


def test_a_comma_inside_quotes_does_not_choose_the_delimiter():
    sheet = only("log.csv", b'"kind, first, second";customer\ndeal;Zhang\n')
    assert sheet.headers == ["kind, first, second", "customer"]


def test_rows_are_numbered_as_a_spreadsheet_shows_them():
    sheet = only("log.csv", '\n\nkind,note\ndeal,"two\nlines"\n\n , \u3000\nconsultation,x\n'.encode())
    assert rows(sheet) == [(4, "deal", "two\nlines"), (7, "consultation", "x")]


def test_cells_are_stripped_of_every_kind_of_space_and_empty_ones_are_null():
    sheet = only("log.csv", "\ufeff kind\u3000,\xa0customer,note\n\u3000deal\u200b,张 伟\ufeff, \u3000\n".encode())
    assert sheet.headers == ["kind", "customer", "note"]
    assert rows(sheet) == [(2, "deal", "张 伟", None)]


def test_a_short_row_is_padded_with_null():
    assert rows(only("log.csv", b"a,b,c\n1\n1,2,3\n")) == [(2, "1", None, None), (3, "1", "2", "3")]


def test_a_longer_row_is_refused_and_empty_cells_after_the_table_are_not():
    assert rows(only("log.csv", b"a,b,,\n1,2,,\n")) == [(2, "1", "2")]
    told = refusal("log.csv", b"a,b\n1,2\n\n3,12,500.00\n")
    assert "Row 4 of “log.csv” has a value in its cell number 3" in told
    assert "2 headers" in told


def test_a_longer_row_far_behind_a_short_header_is_refused():
    text = "a,b\n" + "1,2\n" * 25_000 + "1,2,3,4\n"
    assert "Row 25002 of “log.csv” has a value in its cell number 4" in refusal("log.csv", text.encode())


def test_two_equal_headers_are_refused():
    assert "2 columns named “客户”" in refusal("log.csv", "客户,类型, 客户\n1,2,3\n".encode())


def test_headers_alone_are_a_sheet_without_rows():
    sheet = only("log.csv", b"kind,customer\n")
    assert (sheet.headers, sheet.cells.shape) == (["kind", "customer"], (0, 3))


@pytest.mark.parametrize("content", [b"\n\n\n", b",,,\n", b"\xef\xbb\xbf", b"\xff\xfe", b" \t \n"])
def test_a_csv_with_nothing_in_it_is_refused(content):
    assert "nothing in “log.csv”" in refusal("log.csv", content)


def test_a_nul_is_refused():
    assert "not readable as text" in refusal("log.csv", b"a,b\n1,\0\n")
    assert "not readable as text" in refusal("log.csv", "a,b\n1,\0\n".encode("utf-16"))


def test_an_open_quote_is_refused_instead_of_swallowing_the_rest():
    assert "double quote" in refusal("log.csv", b'a,b\n1,"x\n2,y\n3,z\n')
    assert "double quote" in refusal("log.csv", b'a,b\n1,"' + b"x,\n" * 100_000)


@pytest.mark.slow
def test_a_csv_has_limits_of_rows_columns_cells_and_line_length():
    assert "more than 500000 rows" in refusal("log.csv", b"a\n" + b"1\n" * 500_001)
    assert "more than 500000 rows" in refusal("log.csv", b"\n" * 1_100_000)
    assert "more than 500 columns" in refusal("log.csv", b"x," * 501 + b"\n")
    assert "too many cells" in refusal("log.csv", b"a,b\n" + (b"," * 499 + b"\n").replace(b",", b"1,", 1) * 41_000)
    assert "more than 1000000 characters" in refusal("log.csv", b"x" * 1_000_001)


def test_exactly_the_most_rows_are_read():
    assert only("log.csv", b"a\n" + b"1\n" * 500_000).cells.height == 500_000


def test_a_packed_csv_is_read():
    assert rows(only("LOG.CSV.GZ", gzip.compress("a,b\n1,张伟\n".encode("gbk")))) == [(2, "1", "张伟")]


def test_a_workbook_gives_every_cell_as_the_text_a_person_means():
    def fill(book):
        sheet = book.add_worksheet("log")
        day, moment, clock, share = (
            book.add_format({"num_format": form}) for form in ("yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss", "hh:mm", "0%")
        )
        chinese_day, chinese_month_day = (book.add_format({"num_format": number}) for number in (31, 58))
        sheet.write_row(0, 0, [f"column {place}" for place in range(16)])
        sheet.write_number(1, 0, 13812345678)
        sheet.write_number(1, 1, 0.1 + 0.2)
        sheet.write_number(1, 2, 1e21)
        sheet.write_number(1, 3, 12000.5)
        sheet.write_number(1, 4, 10862)
        sheet.write_number(1, 5, 0.25, share)
        sheet.write_boolean(1, 6, True)
        sheet.write_datetime(1, 7, date(2026, 11, 20), day)
        sheet.write_datetime(1, 8, datetime(2026, 11, 20, 10, 30, 5), moment)
        sheet.write_datetime(1, 9, time(10, 30), clock)
        sheet.write_number(1, 10, 46346, chinese_day)
        sheet.write_number(1, 11, 46346, chinese_month_day)
        sheet.write_formula(1, 12, "=NA()", None, "#N/A")
        sheet.write_formula(1, 13, "=1/0", None, "#DIV/0!")
        sheet.write_formula(1, 14, '="成" & "交"', None, "成交")
        sheet.write_string(1, 15, " \u300000123\xa0")

    numbers = ("13812345678", "0.3", "1000000000000000000000", "12000.5", "10862", "25%", "true")
    moments = ("2026-11-20", "2026-11-20 10:30:05", "10:30:00", "2026-11-20", "2026-11-20")
    others = ("#N/A", "#DIV/0!", "成交", "00123")
    assert rows(only("log.xlsx", excel(fill))) == [(2, *numbers, *moments, *others)]


def test_a_table_in_the_middle_of_a_worksheet_keeps_its_row_numbers():
    fill = table(["kind", "amount"], ["deal", "1"], [], ["deal", "2"], at=(2, 1))

    def with_fault(book):
        fill(book)
        book.get_worksheet_by_name("log").write_formula("C4", "=NA()", None, "#N/A")

    sheet = only("log.xlsx", excel(with_fault))
    assert sheet.headers == ["kind", "amount"]
    assert rows(sheet) == [(4, "deal", "#N/A"), (6, "deal", "2")]


def test_visible_worksheets_with_something_in_them_are_read_in_order():
    def fill(book):
        table(["a"], ["1"], name="流水")(book)
        book.add_worksheet("空")
        table(["secret"], ["1"], name="hidden")(book)
        book.get_worksheet_by_name("hidden").hide()
        table(["a"], name="计划")(book)

    sheets = read_file("log.xlsx", excel(fill)).sheets
    assert [(sheet.name, sheet.headers, sheet.cells.height) for sheet in sheets] == [
        ("流水", ["a"], 1),
        ("计划", ["a"], 0),
    ]


def test_a_page_of_instructions_does_not_spoil_the_table_beside_it():
    def fill(book):
        table(["How to fill in"], ["kind", "consultation, application or deal"], name="说明")(book)
        table(["kind"], ["deal"])(book)

    instructions, log = read_file("log.xlsx", excel(fill)).sheets
    assert "Row 2 of “说明”" in str(instructions.problem)
    assert log.problem is None


def test_a_value_beside_the_table_of_a_worksheet_is_refused():
    content = excel(table(["kind", "", "amount"], ["deal", "stray", "1"]))
    assert "Row 2 of “log” has a value in its cell number 2" in refusal("log.xlsx", content)


def test_cells_with_a_colour_and_no_value_are_not_rows():
    def fill(book):
        table(["kind"], ["deal"])(book)
        book.worksheets()[0].write_blank(900_000, 0, None, book.add_format({"bg_color": "red"}))

    assert rows(only("log.xlsx", excel(fill))) == [(2, "deal")]


def test_a_workbook_with_nothing_in_it_is_refused():
    assert "nothing in “log.xlsx”" in refusal("log.xlsx", excel(lambda book: book.add_worksheet()))


def test_a_wrong_dimension_does_no_harm():
    cell = b'<row r="2"><c r="A2"><v>7</v></c></row>'
    content = with_parts({SHEET: worksheet(cell, dimension=b"A1:XFD1048576")})
    assert only("log.xlsx", content).headers == ["7"]
