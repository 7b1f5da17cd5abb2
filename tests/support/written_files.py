"""Files as Excel and WPS write them, and as nobody should."""

import re
import zipfile
from io import BytesIO

import pytest
import xlsxwriter

from db.errors import Refused
from db.files import files
from db.files.files import read_file

SHEET = "xl/worksheets/sheet1.xml"


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


def refusal(name: str, content: bytes) -> str:
    with pytest.raises(Refused) as refused:
        read_file(name, content)
    return str(refused.value)


def only(name: str, content: bytes) -> files.Sheet:
    (sheet,) = read_file(name, content).sheets
    return sheet


def rows(sheet: files.Sheet) -> list[tuple]:
    return sheet.cells.rows()
