"""What people bring: real files of every kind, and hostile ones, which are refused in plain words and at little cost."""

import csv
import gzip
import os
import random
import re
import struct
import sys
import zipfile
from contextlib import suppress
from datetime import date, datetime, time
from io import BytesIO, StringIO
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db import files, workbook
from db.errors import Refused
from db.files import BLANK, read_file

SHEET = "xl/worksheets/sheet1.xml"
STRINGS = "xl/sharedStrings.xml"


def excel(fill) -> bytes:
    """The bytes of a workbook that `fill(book)` has filled."""
    content = BytesIO()
    book = xlsxwriter.Workbook(content)
    fill(book)
    book.close()
    return content.getvalue()


def table(*rows, name="log", at=(0, 0)):
    """A `fill` for one worksheet."""

    def fill(book):
        sheet = book.add_worksheet(name)
        for place, row in enumerate(rows):
            sheet.write_row(at[0] + place, at[1], row)

    return fill


SMALL = excel(table(["kind", "customer"], ["deal", "张伟"]))


def with_parts(parts: dict[str, bytes], level: int = 6) -> bytes:
    """The small workbook with some of its parts exchanged or added."""
    content = BytesIO()
    with zipfile.ZipFile(BytesIO(SMALL)) as small:
        kept = {part: small.read(part) for part in small.namelist()}
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive:
        for part, text in (kept | parts).items():
            archive.writestr(part, text)
    return content.getvalue()


def worksheet(rows: bytes, dimension: bytes = b"A1:B2") -> bytes:
    with zipfile.ZipFile(BytesIO(SMALL)) as small:
        head, tail = re.split(rb"<sheetData>.*</sheetData>", small.read(SHEET))
    head = re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="%s"' % dimension, head)
    return head + b"<sheetData>" + rows + b"</sheetData>" + tail


def declaring(content: bytes, part: str, size: int) -> bytes:
    """The same archive, but its directory and the part's own header say the part has `size` bytes."""
    lying = bytearray(content)
    with zipfile.ZipFile(BytesIO(content)) as archive:
        header = archive.getinfo(part).header_offset
    entry = content.index(part.encode(), content.index(b"PK\x01\x02")) - 46
    struct.pack_into("<I", lying, header + 22, size)
    struct.pack_into("<I", lying, entry + 24, size)
    return bytes(lying)


def refusal(name: str, content: bytes) -> str:
    with pytest.raises(Refused) as refused:
        read_file(name, content)
    return str(refused.value)


def only(name: str, content: bytes) -> files.Sheet:
    (sheet,) = read_file(name, content)
    return sheet


def rows(sheet: files.Sheet) -> list[tuple]:
    return sheet.cells.rows()


def memory_mb() -> float:
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) / 1000


def children() -> set[str]:
    """The processes this one has started and not buried: zombies count."""
    found = set()
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has just ended
            state, parent = status.read_text().rpartition(")")[2].split()[:2]
            if int(parent) == os.getpid():
                found.add(f"{status.parent.name} {state}")
    return found


# CSV


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


# Workbooks


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

    numbers = ("13812345678", "0.3", "1000000000000000000000", "12000.5", "10862", "0.25", "true")
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

    sheets = read_file("log.xlsx", excel(fill))
    assert [(sheet.name, sheet.headers, sheet.cells.height) for sheet in sheets] == [
        ("流水", ["a"], 1),
        ("计划", ["a"], 0),
    ]


def test_a_page_of_instructions_does_not_spoil_the_table_beside_it():
    def fill(book):
        table(["How to fill in"], ["kind", "consultation, application or deal"], name="说明")(book)
        table(["kind"], ["deal"])(book)

    instructions, log = read_file("log.xlsx", excel(fill))
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


# What is not what it says


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("log.pdf", b"%PDF-1.7", "not a kind of file"),
        ("log.xls", SMALL, "not a kind of file"),
        ("log", b"a,b", "not a kind of file"),
        ("log.csv", b"", "0 bytes"),
        ("log.xlsx", b"", "0 bytes"),
        ("log.csv.gz", b"", "0 bytes"),
        ("log.xlsx", b"a,b\n1,2\n", "not an Excel workbook"),
        ("log.xlsx", b"%PDF-1.7 and more", "not an Excel workbook"),
        ("log.xlsx", b"\x89PNG\r\n\x1a\n", "not an Excel workbook"),
        ("log.xlsx", bytes.fromhex("d0cf11e0a1b11ae1") + bytes(4096), "without a password"),
        ("log.csv", bytes.fromhex("d0cf11e0a1b11ae1") + bytes(4096), "is an Excel file"),
        ("log.csv", SMALL, "is an Excel file"),
        ("log.csv", b"%PDF-1.7\nand text", "not readable as text"),
        ("log.csv", gzip.compress(b"a,b", mtime=0), "not readable as text"),
        ("log.csv.gz", b"a,b\n1,2\n", "damaged or incomplete"),
        ("log.csv.gz", gzip.compress(random.Random(7).randbytes(9000), mtime=0)[:5000], "damaged or incomplete"),
        ("log.csv.gz", gzip.compress(b"a,b\n", mtime=0) * 2, "damaged or incomplete"),
        ("log.xlsx", SMALL[:3000], "damaged or incomplete"),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused_with_what_to_do(name, content, told):
    assert told in refusal(name, content)


def test_a_zip_without_a_workbook_is_refused():
    content = BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("word/document.xml", "<a/>")
    assert "not an Excel workbook" in refusal("log.xlsx", content.getvalue())


def test_a_name_is_only_a_name():
    assert "“{name}.txt”" in refusal("{name}.txt", b"a")


def test_files_beyond_the_limit_are_refused_before_they_are_looked_at():
    for kind, most in files.MAX_BYTES.items():
        assert f"at most {most // files.MB} MB" in refusal("log" + kind, bytes(most + 1))


# Hostile


def far_cell(place: bytes) -> bytes:
    row = re.sub(rb"\D", b"", place)
    return worksheet(b'<row r="1"><c r="A1"><v>1</v></c></row><row r="%s"><c r="%s"><v>1</v></c></row>' % (row, place))


def repeated_string(length: int) -> dict[str, bytes]:
    cells = b"".join(b'<row r="%d"><c r="A%d" t="s"><v>0</v></c></row>' % (row, row) for row in range(1, 100_001))
    main = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    strings = b'<sst xmlns="%s"><si><t>%s</t></si></sst>' % (main, b"x" * length)
    return {SHEET: worksheet(cells), STRINGS: strings}


def sheets_with_a_far_cell(book):
    for _ in range(100):
        book.add_worksheet().write("A1048576", 1)


ENTITY_CELL = b'<row r="1"><c r="A1" t="str"><v>&a;</v></c></row>'
HOSTILE = {
    "padding": lambda: with_parts({SHEET: worksheet(b" " * 200_000_000)}),
    "many padded parts": lambda: with_parts({f"xl/{number}.xml": b" " * 9_000_000 for number in range(40)}),
    "a lie about sizes": lambda: declaring(with_parts({SHEET: worksheet(b"<row/>" * 60_000_000)}), SHEET, 5_000),
    "many small parts": lambda: with_parts({f"xl/{number}.txt": b"" for number in range(6_000)}),
    "the last cell": lambda: with_parts({SHEET: far_cell(b"XFD1048576")}),
    "a far cell": lambda: with_parts({SHEET: far_cell(b"XFD1000")}),
    "a long string in every cell": lambda: with_parts(repeated_string(32_000)),
    "entities": lambda: with_parts({SHEET: b'<!DOCTYPE a [<!ENTITY a "aa">]>' + worksheet(ENTITY_CELL)}),
    "no XML": lambda: with_parts({SHEET: b"\0\xff" * 1000}),
    "too many worksheets": lambda: excel(lambda book: [book.add_worksheet() for _ in range(201)]),
    "worksheets with a far cell": lambda: excel(sheets_with_a_far_cell),
}


@pytest.mark.parametrize("build", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_workbook_is_refused_and_costs_this_process_no_memory(build):
    content = build()
    before = memory_mb()
    assert "too large or damaged" in refusal("log.xlsx", content)
    assert memory_mb() - before < 150


def test_a_packed_csv_that_inflates_without_end_is_refused_and_costs_no_memory():
    content = gzip.compress(bytes(500_000_000), compresslevel=1)
    before = memory_mb()
    assert "unpacks to too much" in refusal("log.csv.gz", content)
    assert memory_mb() - before < 150


@pytest.mark.parametrize(
    "program",
    [
        "import os; os.abort()",
        "import os; os.kill(os.getpid(), 9)",
        "raise SystemExit(3)",
        "pass",
        "import sys; open(sys.argv[1] + '/sheets.json', 'w').write('not a list')",
        "import sys; open(sys.argv[1] + '/sheets.json', 'w').write('7')",
        "import sys; open(sys.argv[1] + '/sheets.json', 'w').write('[\"log\"]')",
        "import sys; [open(sys.argv[1] + n, 'w').write('[\"log\"]') for n in ('/sheets.json', '/0.arrow')]",
        "import time; time.sleep(60)",
    ],
)
def test_whatever_the_child_does_is_a_refusal_and_leaves_nothing_behind(program, monkeypatch, tmp_path, capfd):
    monkeypatch.setattr(workbook, "CHILD", [sys.executable, "-c", "import sys; print(99, file=sys.stderr);" + program])
    monkeypatch.setattr(workbook, "CHILD_SECONDS", 1)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    before = children()
    assert "too large or damaged" in refusal("log.xlsx", SMALL)
    assert list(tmp_path.iterdir()) == []
    assert children() == before
    assert "99" not in capfd.readouterr().err


def test_the_child_gets_no_secret(monkeypatch, tmp_path):
    monkeypatch.setenv("CHENXI_DATABASE_URL", "postgresql://chenxi:secret@db")
    seen = tmp_path / "seen"
    program = f"import os; open({str(seen)!r}, 'w').write(str(os.environ))"
    monkeypatch.setattr(workbook, "CHILD", [sys.executable, "-c", program])
    refusal("log.xlsx", SMALL)
    assert "PATH" in seen.read_text()
    assert "secret" not in seen.read_text()


# Laws

CELL = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12).map(lambda text: text.strip(BLANK))


@settings(deadline=None)
@given(st.lists(st.tuples(CELL, CELL, CELL), max_size=20), st.sampled_from([",", ";", "\t"]))
def test_a_table_written_as_csv_comes_back_equal(written, delimiter):
    text = StringIO()
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerows([("a", "b", "c"), *written])
    expected = [(number, *(cell or None for cell in row)) for number, row in enumerate(written, 2) if any(row)]
    assert rows(only("log.csv", text.getvalue().encode())) == expected


@settings(deadline=None, max_examples=300)
@given(
    st.sampled_from(["log.csv", "log.xlsx", "log.csv.gz", "log.txt"]),
    st.sampled_from([b"", b"PK\x03\x04", b"\x1f\x8b\x08", b"\xff\xfe", b"\xef\xbb\xbf", b"a,b\n"]),
    st.binary(max_size=300),
)
def test_random_bytes_are_read_or_refused(name, start, content):
    with suppress(Refused):
        assert read_file(name, start + content)


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, len(SMALL) - 1), st.binary(min_size=1, max_size=40))
def test_a_workbook_with_wrong_bytes_is_read_or_refused(place, wrong):
    with suppress(Refused):
        assert read_file("log.xlsx", SMALL[:place] + wrong + SMALL[place + len(wrong) :])
