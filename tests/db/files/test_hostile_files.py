"""Files that are not what they say, or mean harm: refused in plain words, at little cost, leaving nothing behind."""

import csv
import gzip
import os
import random
import re
import struct
import sys
import zipfile
from contextlib import suppress
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.errors import Refused
from db.files import files, workbook
from db.files.files import read_file
from db.files.sheets import BLANK
from tests.support.sweep import sampled, scaled
from tests.support.written_files import SHEET, SMALL, excel, only, refusal, rows, with_parts, worksheet

STRINGS = "xl/sharedStrings.xml"


def declaring(content: bytes, part: str, size: int) -> bytes:
    """The same archive, but its directory and the part's own header say the part has `size` bytes."""
    lying = bytearray(content)
    with zipfile.ZipFile(BytesIO(content)) as archive:
        header = archive.getinfo(part).header_offset
    entry = content.index(part.encode(), content.index(b"PK\x01\x02")) - 46
    struct.pack_into("<I", lying, header + 22, size)
    struct.pack_into("<I", lying, entry + 24, size)
    return bytes(lying)


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


@pytest.mark.parametrize("name", sampled(list(HOSTILE), 3))
@pytest.mark.slow
def test_a_hostile_workbook_is_refused_and_costs_this_process_no_memory(name):
    content = HOSTILE[name]()
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


CELL = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12).map(lambda text: text.strip(BLANK))


@settings(deadline=None)
@given(st.lists(st.tuples(CELL, CELL, CELL), max_size=20), st.sampled_from([",", ";", "\t"]))
@pytest.mark.slow
def test_a_table_written_as_csv_comes_back_equal(written, delimiter):
    text = StringIO()
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerows([("a", "b", "c"), *written])
    expected = [(number, *(cell or None for cell in row)) for number, row in enumerate(written, 2) if any(row)]
    assert rows(only("log.csv", text.getvalue().encode())) == expected


@settings(deadline=None, max_examples=scaled(sweep=3_000, test=60))
@given(
    st.sampled_from(["log.csv", "log.xlsx", "log.csv.gz", "log.txt"]),
    st.sampled_from([b"", b"PK\x03\x04", b"\x1f\x8b\x08", b"\xff\xfe", b"\xef\xbb\xbf", b"a,b\n"]),
    st.binary(max_size=300),
)
def test_random_bytes_are_read_or_refused(name, start, content):
    with suppress(Refused):
        assert read_file(name, start + content)


@settings(deadline=None, max_examples=scaled(sweep=300, test=8), suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, len(SMALL) - 1), st.binary(min_size=1, max_size=40))
@pytest.mark.slow
def test_a_workbook_with_wrong_bytes_is_read_or_refused(place, wrong):
    with suppress(Refused):
        assert read_file("log.xlsx", SMALL[:place] + wrong + SMALL[place + len(wrong) :])
