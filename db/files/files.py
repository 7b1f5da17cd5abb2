"""Files that people bring: a CSV or an Excel workbook becomes sheets of plain text, every row with its true number."""

import codecs
import csv
import gzip
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from io import BytesIO, TextIOWrapper
from itertools import islice, zip_longest
from typing import TYPE_CHECKING, BinaryIO

import polars as pl

from db.errors import Refused
from db.files.sheets import BLANK, HEADERS_WITHIN, MAX_ROWS, Sheet, sheet_of, too_many_columns, too_many_rows
from db.files.workbook import MAX_CELLS, MAX_COLUMNS, MAX_RATIO, MB, OLE, SMALL_PART, ZIP, Grid, read_workbook

if TYPE_CHECKING:
    import _csv

# Rows with and without content, as many as a spreadsheet can show.
MAX_ROW_NUMBER = 1_048_576
# 500 columns of a paragraph each. Without a limit a file without line ends would be read as one row.
MAX_LINE = 1_000_000
# Uploads end at 20 MB. The command line takes a year of CSV; what unpacks is kept near the size of an upload.
MAX_BYTES = {".csv": 200 * MB, ".csv.gz": 30 * MB, ".xlsx": 30 * MB}
MAX_INFLATED_CSV = 400 * MB

MAX_ROWS_IN_PORTIONS = 2_000_000  # of a CSV that is read and stored a portion at a time
BATCH = 10_000
SEPARATOR = re.compile(r'^"?sep=(.?)"?\s*$', re.IGNORECASE)  # Excel's own line for which sign divides the cells


@dataclass(frozen=True)
class Book:
    """What a file holds: its sheets, and the names of those that are hidden."""

    sheets: tuple[Sheet, ...]
    hidden: tuple[str, ...] = ()


def read_file(name: str, content: bytes, known: Callable[[str], bool] = lambda header: False) -> Book:
    """The sheets of a .csv, .csv.gz or .xlsx that hold something; a CSV is one sheet with the file's name. Headers stand
    in the row, or the two rows one over the other, in which most is `known`; else in the first that is not blank. Blank
    rows are left out. With headers only, a sheet has no rows.

    Raises Refused when the file is not what its name says, is protected, damaged, empty or too large, or when none of
    its sheets is free of problems."""
    kind = check_size(name, content)
    match kind:
        case ".xlsx":
            grids = read_workbook(name, content)
        case ".csv.gz":
            _check_gzip(name, content)
            grids = [Grid(name, _read_csv(name, gzip.GzipFile(fileobj=BytesIO(content))), [], [], [])]
        case _:
            _check_text(name, content)
            grids = [Grid(name, _read_csv(name, BytesIO(content)), [], [], [])]
    sheets = [sheet for grid in grids if grid.cells is not None and (sheet := sheet_of(name, grid, grid.cells, known))]
    hidden = tuple(grid.name for grid in grids if grid.cells is None)
    if not sheets and hidden:
        raise Refused("All that “{name}” holds is hidden: show the worksheet and upload it again.", name=name)
    if not sheets:
        raise nothing_in(name)
    problems = [sheet.problem for sheet in sheets if sheet.problem]
    if len(problems) == len(sheets):
        raise problems[0]
    return Book(tuple(sheets), hidden)


def check_size(name: str, content: bytes) -> str:
    """How the name of a file that may be read ends; raises Refused for any other."""
    kind = next((kind for kind in MAX_BYTES if name.lower().endswith(kind)), None)
    if kind is None:
        raise Refused("“{name}” is not a kind of file that can be read here. Save it as .xlsx or CSV.", name=name)
    if not content:
        raise Refused("“{name}” is empty: it has 0 bytes. Save it again and upload the new file.", name=name)
    if len(content) > MAX_BYTES[kind]:
        raise Refused(
            "“{name}” has {size} MB, and at most {limit} MB can be read. Split it into several files.",
            name=name,
            size=-(-len(content) // MB),
            limit=MAX_BYTES[kind] // MB,
        )
    return kind


def nothing_in(name: str) -> Refused:
    return Refused("There is nothing in “{name}”. Fill in the table and upload it again.", name=name)


def _damaged(name: str) -> Refused:
    return Refused("“{name}” is damaged or incomplete. Save it again as CSV and upload the new file.", name=name)


def _not_text(name: str) -> Refused:
    return Refused("“{name}” is not readable as text. Open it in Excel and save it as “CSV UTF-8”.", name=name)


def _check_text(name: str, content: bytes) -> None:
    if content.startswith((ZIP, OLE)):
        raise Refused("“{name}” is an Excel file, although its name ends in .csv. Save it as .xlsx.", name=name)
    if content.startswith((b"\x1f\x8b", b"%PDF", b"\x89PNG", b"\xff\xd8\xff")):
        raise _not_text(name)


def _check_gzip(name: str, content: bytes) -> None:
    """Unpack once and keep nothing, to know the size before a row is read."""
    inflater, size = zlib.decompressobj(wbits=31), 0
    for start in range(0, len(content), 1 << 16):
        packed = content[start : start + (1 << 16)]
        while packed and not inflater.eof:
            try:
                size += len(inflater.decompress(packed, 1 << 20))
            except zlib.error:
                raise _damaged(name) from None
            if size > MAX_INFLATED_CSV or size > max(SMALL_PART, MAX_RATIO * len(content)):
                raise Refused("“{name}” unpacks to too much. Split it into several files.", name=name)
            packed = inflater.unconsumed_tail
    # Cut short, or with more behind the end: gzip would read a million tiny parts one by one.
    if not inflater.eof or inflater.unused_data:
        raise _damaged(name)


def many_rows(name: str, content: bytes, rows: int) -> bool:
    """Whether it is a CSV with more lines than that."""
    kind = name.lower()
    if kind.endswith(".csv"):
        return content.count(b"\n") > rows
    if not kind.endswith(".csv.gz") or not content:
        return False
    _check_gzip(name, content)
    with gzip.GzipFile(fileobj=BytesIO(content)) as stream:
        return sum(chunk.count(b"\n") for chunk in iter(lambda: stream.read(1 << 20), b"")) > rows


def read_portions(name: str, content: bytes, known: Callable[[str], bool], rows: int) -> Iterator[Sheet]:
    """A CSV as `read_file` reads it, some rows at a time: each portion is the sheet with nothing but these rows. Raises
    Refused as soon as something is wrong."""
    zipped = name.lower().endswith(".gz")
    check_size(name, content)
    (_check_gzip if zipped else _check_text)(name, content)
    stream = gzip.GzipFile(fileobj=BytesIO(content)) if zipped else BytesIO(content)
    top, found = None, False
    for cells in _portions(_batches(name, stream, MAX_ROWS_IN_PORTIONS), rows):
        below = cells if top is None else pl.concat([top, cells], how="diagonal")
        sheet = sheet_of(name, Grid(name, below, [], [], []), below, known)
        if sheet is None:
            continue
        if sheet.problem:
            raise sheet.problem
        if top is not None:
            sheet = replace(sheet, cells=sheet.cells.filter(pl.col("row") > top["row"].max()), above=())
        found = True
        yield sheet
        top = cells.head(HEADERS_WITHIN) if top is None else top  # the headings of every portion
    if not found:
        raise nothing_in(name)


def _portions(batches: Iterator[pl.DataFrame], rows: int) -> Iterator[pl.DataFrame]:
    """Batches put together until they have that many rows."""
    waiting: list[pl.DataFrame] = []
    for batch in batches:
        waiting.append(batch)
        if sum(one.height for one in waiting) >= rows:
            yield pl.concat(waiting, how="diagonal")
            waiting = []
    if waiting:
        yield pl.concat(waiting, how="diagonal")


def _read_csv(name: str, stream: BinaryIO | gzip.GzipFile) -> pl.DataFrame:
    """The grid of a CSV, see `_sheet`. Rows are counted as a spreadsheet shows them: a quoted line break adds none."""
    batches, cells = [pl.DataFrame(schema={"row": pl.Int64, "0": pl.String})], 0
    for batch in _batches(name, stream, MAX_ROWS):
        cells += batch.height * (batch.width - 1)
        if cells > MAX_CELLS:
            raise Refused("“{name}” has too many cells. Keep only the columns of the table.", name=name)
        batches.append(batch)
    return pl.concat(batches, how="diagonal")


def _batches(name: str, stream: BinaryIO | gzip.GzipFile, most: int) -> Iterator[pl.DataFrame]:
    """The grid, some rows at a time. Raises Refused for more than `most` rows."""
    text = TextIOWrapper(stream, _encoding(stream), newline="")
    delimiter = _delimiter(name, text)
    text.seek(0)
    records = _records(name, csv.reader(_lines(name, text), delimiter=delimiter, strict=True), most)
    rows = 0
    while batch := list(islice(records, BATCH)):
        numbers, *columns = zip_longest(*batch)
        rows += len(batch)
        if rows > most + 1:
            raise too_many_rows(name, most)
        texts = {str(place): pl.Series(column, dtype=pl.String) for place, column in enumerate(columns)}
        yield pl.DataFrame({"row": pl.Series(numbers, dtype=pl.Int64), **texts})


def _records(name: str, reader: "_csv.Reader", most: int) -> Iterator[tuple[int | str, ...]]:
    """Row number and cells of every row that is not blank. `reader` is a csv.reader."""
    try:
        for number, row in enumerate(reader, 1):
            if number > max(MAX_ROW_NUMBER, most):
                raise too_many_rows(name, most)
            if number == 1 and SEPARATOR.match("".join(row)):
                continue
            if len(row) > MAX_COLUMNS:
                raise too_many_columns(name)
            if any(row):
                yield (number, *row)
    except csv.Error:
        raise Refused(
            "“{name}” cannot be read near line {line}: a double quote is missing or misplaced, or a cell is too long. "
            "Open it in Excel and save it as “CSV UTF-8”.",
            name=name,
            line=reader.line_num,
        ) from None


def _lines(name: str, text: TextIOWrapper) -> Iterator[str]:
    try:
        while line := text.readline(MAX_LINE):
            if "\0" in line:
                raise _not_text(name)
            if len(line) == MAX_LINE:
                raise Refused("“{name}” has a line of more than {limit} characters.", name=name, limit=MAX_LINE)
            yield line
    except UnicodeError:
        raise _not_text(name) from None


def _delimiter(name: str, text: TextIOWrapper) -> str:
    """What a line sep= says; else comma, semicolon or tab, whichever the first line with one of them has most of outside
    quotes; a comma when there is none."""
    first = ""
    for line in islice(_lines(name, text), 1_000):
        if (said := SEPARATOR.match(line)) and said[1]:
            return said[1]
        first = re.sub('"[^"]*"', "", line)
        if line.strip(BLANK + ',;"') and re.search("[,;\t]", first):
            break
    return max(",;\t", key=first.count)


def _encoding(stream: BinaryIO | gzip.GzipFile) -> str:
    """By the byte order mark, else by the first kilobyte from the first character that is not ASCII: UTF-8 or GB18030.

    A file that is UTF-8 there and not later is damaged. Read as GB18030 it would give wrong names, not an error."""
    start = stream.read(3)
    stream.seek(0)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if start.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    encoding = "utf-8"
    while chunk := stream.read(1 << 20):
        if other := re.search(rb"[^\x00-\x7f]", chunk):
            sample = (chunk + stream.read(1_000))[other.start() :][:1_000]
            try:
                codecs.getincrementaldecoder("utf-8")().decode(sample)
            except UnicodeDecodeError:
                encoding = "gb18030"
            break
    stream.seek(0)
    return encoding
