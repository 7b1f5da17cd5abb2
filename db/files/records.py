"""The records of a CSV, some at a time: each with the number of its row as a spreadsheet shows it."""

import codecs
import csv
import gzip
import re
from collections.abc import Iterable, Iterator
from io import StringIO, TextIOBase, TextIOWrapper
from itertools import chain, islice, zip_longest
from typing import BinaryIO

import polars as pl

from db.errors import Refused
from db.files.sheets import BLANK, too_many_columns, too_many_rows
from db.files.workbook import MAX_COLUMNS

# Rows with and without content, as many as a spreadsheet can show.
MAX_ROW_NUMBER = 1_048_576
# 500 columns of a paragraph each. Without a limit a file without line ends would be read as one row.
MAX_LINE = 1_000_000
BATCH = 10_000  # rows
BLOCK = 1 << 20  # characters that are looked at together
SEPARATOR = re.compile(r'^"?sep=(.?)"?\s*$', re.IGNORECASE)  # Excel's own line for which sign divides the cells


def batches(name: str, stream: BinaryIO | gzip.GzipFile, most: int) -> Iterator[pl.DataFrame]:
    """The grid, some rows at a time: "row" is the number, "0", "1", … are the texts. Raises Refused for more than `most`
    rows."""
    text = TextIOWrapper(stream, _encoding(stream), newline="")
    delimiter = _delimiter(name, text)
    text.seek(0)
    rows, last = 0, 0
    while block := _block(name, text):
        plain = _plain(block, delimiter)
        first = block.partition("\n")[0].replace(delimiter, "").rstrip("\r")
        if plain is None or (last == 0 and SEPARATOR.match(first)):
            break
        plain = plain.with_row_index("row", last + 1).with_columns(pl.col("row").cast(pl.Int64))
        last += plain.height
        if last > max(MAX_ROW_NUMBER, most):
            raise too_many_rows(name, most)
        plain = plain.filter(pl.any_horizontal(pl.exclude("row").is_not_null()))
        rows += plain.height
        _check_rows(name, rows, most)
        yield from plain.iter_slices(BATCH)
    lines = chain(_lines(name, StringIO(block, newline="")), _lines(name, text))
    records = _records(name, lines, delimiter, last, most)
    while batch := list(islice(records, BATCH)):
        numbers, *columns = zip_longest(*batch)
        rows += len(batch)
        _check_rows(name, rows, most)
        texts = {str(place): pl.Series(column, dtype=pl.String) for place, column in enumerate(columns)}
        yield pl.DataFrame({"row": pl.Series(numbers, dtype=pl.Int64), **texts})


def _check_rows(name: str, rows: int, most: int) -> None:
    if rows > most + 1:
        raise too_many_rows(name, most)


def _block(name: str, text: TextIOWrapper) -> str:
    """The next lines, whole."""
    try:
        block = text.read(BLOCK)
        return block + text.readline(MAX_LINE) if block else ""
    except UnicodeError:
        raise not_text(name) from None


def _plain(block: str, delimiter: str) -> pl.DataFrame | None:
    """Lines of which each is one record and no cell is quoted, at once; None for others, which are read one by one."""
    block = block.replace("\r\n", "\n")
    if any(sign in block for sign in ('"', "\r", "\0", "\n\n")) or block.startswith(("\n", "\ufeff")):
        return None
    if (
        max(map(len, block.split("\n"))) > csv.field_size_limit()
        or block.partition("\n")[0].count(delimiter) >= MAX_COLUMNS
    ):
        return None
    try:
        cells = pl.read_csv(block.encode(), has_header=False, separator=delimiter, quote_char=None, infer_schema=False)
    except pl.exceptions.ComputeError:  # a line has more cells than the first one
        return None
    return cells.rename({one: str(place) for place, one in enumerate(cells.columns)})


def _records(
    name: str, lines: Iterable[str], delimiter: str, before: int, most: int
) -> Iterator[tuple[int | str, ...]]:
    """Row number and cells of every row that is not blank, where as many rows were read `before`, each of one line."""
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    try:
        for number, row in enumerate(reader, before + 1):
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
            line=before + reader.line_num,
        ) from None


def _lines(name: str, text: TextIOBase) -> Iterator[str]:
    try:
        while line := text.readline(MAX_LINE):
            if "\0" in line:
                raise not_text(name)
            if len(line) == MAX_LINE:
                raise Refused("“{name}” has a line of more than {limit} characters.", name=name, limit=MAX_LINE)
            yield line
    except UnicodeError:
        raise not_text(name) from None


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


def not_text(name: str) -> Refused:
    return Refused("“{name}” is not readable as text. Open it in Excel and save it as “CSV UTF-8”.", name=name)
