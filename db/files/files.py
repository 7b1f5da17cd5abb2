"""Files that people bring: a CSV or an Excel workbook becomes sheets of plain text, every row with its true number."""

import gzip
import zlib
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from itertools import pairwise
from typing import BinaryIO

import polars as pl

from db.errors import Refused
from db.files.records import batches, not_text
from db.files.sheets import HEADERS_WITHIN, MAX_ROWS, Sheet, sheet_of
from db.files.workbook import MAX_CELLS, MAX_RATIO, MB, OLE, SMALL_PART, ZIP, Grid, read_workbook

# Uploads end at 20 MB. The command line takes a year of CSV; what unpacks is kept near the size of an upload.
MAX_BYTES = {".csv": 200 * MB, ".csv.gz": 30 * MB, ".xlsx": 30 * MB}
MAX_INFLATED_CSV = 400 * MB

MAX_ROWS_IN_PORTIONS = 2_000_000  # of a CSV that is read and stored a portion at a time


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


def _check_text(name: str, content: bytes) -> None:
    if content.startswith((ZIP, OLE)):
        raise Refused("“{name}” is an Excel file, although its name ends in .csv. Save it as .xlsx.", name=name)
    if content.startswith((b"\x1f\x8b", b"%PDF", b"\x89PNG", b"\xff\xd8\xff")):
        raise not_text(name)


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
    for cells in _portions(batches(name, stream, MAX_ROWS_IN_PORTIONS), rows):
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


def in_portions(sheets: Iterable[Sheet], rows: int) -> Iterator[Sheet]:
    """Sheets some rows at a time, as `read_portions` gives those of a CSV; no block of merged cells is divided."""
    for sheet in sheets:
        for start, end in pairwise(_cuts(sheet, rows)):
            first = sheet if start == 0 else replace(sheet, above=(), hidden_columns=())  # said once
            yield replace(first, cells=sheet.cells.slice(start, end - start))


def _cuts(sheet: Sheet, rows: int) -> list[int]:
    """Where portions of the sheet's cells begin and end."""
    inside = sheet.merged.filter(~pl.col("beside"))["row"]
    possible = sheet.cells.with_row_index("place").filter(~pl.col("row").is_in(inside.implode()))["place"].to_list()
    cuts = [0]
    while (following := bisect_left(possible, cuts[-1] + rows)) < len(possible):
        cuts.append(possible[following])
    return [*cuts, sheet.cells.height]


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
    found, cells = [pl.DataFrame(schema={"row": pl.Int64, "0": pl.String})], 0
    for batch in batches(name, stream, MAX_ROWS):
        cells += batch.height * (batch.width - 1)
        if cells > MAX_CELLS:
            raise Refused("“{name}” has too many cells. Keep only the columns of the table.", name=name)
        found.append(batch)
    return pl.concat(found, how="diagonal")
