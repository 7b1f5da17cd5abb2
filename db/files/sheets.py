"""A sheet as it was written: where its headers stand, what is above, hidden and merged."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import polars as pl

from db.errors import Refused
from db.files.workbook import MAX_COLUMNS, Grid

# Read in 3.5 seconds and 370 MB at 18 columns; more comes in several files.
MAX_ROWS = 500_000
HEADERS_WITHIN = 30  # rows: above the headers stand a title, a unit, a note
NOTHING_MERGED = pl.DataFrame(schema={"row": pl.Int64, "place": pl.Int64, "beside": pl.Boolean})
# What looks empty: spaces of every width, line ends, byte order marks and the marks chat programs leave at the ends.
BLANK = " \t\n\v\f\r\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2028\u2029\u202f\u205f\u2060\u3000\ufeff" + "".join(
    chr(code) for code in range(0x2000, 0x2010)
)


@dataclass(frozen=True)
class Sheet:
    """A table as it was written. `headers` are stripped, `header_row` is the number of the row they stand in; `cells` has
    one row a data row: "row" (Int64) is its number in the spreadsheet, "0", "1", … are the texts under each header
    (String, stripped, null = empty cell).

    `problem` says why the table cannot be relied on: two equal headers, or a value under no header. Whoever uses the
    sheet raises it; a page of instructions beside the table may have one and harm nobody. `above` are the rows over the
    headers: number and text. `hidden_rows` and `hidden_columns` (places among the headers) are not in view; `merged` has
    one row a cell that a merged block covers: row, place, and whether it is `beside` the one that holds the value."""

    name: str
    headers: list[str]
    cells: pl.DataFrame
    problem: Refused | None = None
    header_row: int = 1
    above: tuple[tuple[int, str], ...] = ()
    hidden_rows: tuple[int, ...] = ()
    hidden_columns: tuple[int, ...] = ()
    merged: pl.DataFrame = field(default_factory=NOTHING_MERGED.clear)


def sheet_of(file: str, grid: Grid, cells: pl.DataFrame, known: Callable[[str], bool]) -> Sheet | None:
    """`cells`: one row a row of the file, "row" its number, all else text, headers included. None if they hold
    nothing."""
    texts = pl.exclude("row")
    cells = cells.with_columns(texts.str.strip_chars(BLANK))
    cells = cells.with_columns(pl.when(texts != "").then(texts))
    cells = cells.filter(pl.any_horizontal(texts.is_not_null()))
    if cells.is_empty():
        return None
    if cells.height - 1 > MAX_ROWS:
        raise too_many_rows(file)

    last, header_row = _header_row(cells.head(HEADERS_WITHIN).drop("row").rows(), known)
    headed = [column for column, header in enumerate(header_row) if header]
    if len(headed) > MAX_COLUMNS:
        raise too_many_columns(file)
    headers = [header_row[column] or "" for column in headed]
    rows, before = cells.slice(last + 1), cells.head(last + 1).rows()
    above = tuple((row, " ".join(filter(None, one))) for row, *one in before[:-1])
    table = rows.select("row", *(pl.col(str(column)).alias(str(place)) for place, column in enumerate(headed)))
    places = {column: place for place, column in enumerate(headed)}
    return Sheet(
        grid.name,
        headers,
        table,
        _twice(grid.name, headers) or _headless(grid.name, headers, rows, header_row),
        before[-1][0],
        above,
        tuple(grid.hidden_rows),
        tuple(places[column] for column in grid.hidden_columns if column in places),
        _merged(grid.merged, places, rows),
    )


def _header_row(rows: list[tuple[str | None, ...]], known: Callable[[str], bool]) -> tuple[int, tuple[str | None, ...]]:
    """Which of the first rows is the last of the headers, and the headers: those of one row, or of two where the second
    divides some of the first's."""
    best, found = sum(known(cell) for cell in rows[0] if cell), (0, rows[0])
    for place in range(1, len(rows)):
        both = tuple(below or over for over, below in zip(rows[place - 1], rows[place], strict=True))
        for headers in (rows[place], both):
            score = sum(known(cell) for cell in headers if cell)
            if score > best:
                best, found = score, (place, headers)
    return found


def _merged(blocks: list[list[int]], places: dict[int, int], rows: pl.DataFrame) -> pl.DataFrame:
    """The data cells that merged blocks cover, without the one that holds the value."""
    if not blocks or rows.is_empty():
        return NOTHING_MERGED
    first, last = rows["row"].min(), rows["row"].max()
    covered = [
        (row, places[column], column > left)
        for top, bottom, left, right in blocks
        for row in range(max(top, first), min(bottom, last) + 1)  # ty: ignore[invalid-argument-type]
        for column in range(left, min(right, left + MAX_COLUMNS) + 1)
        if column in places and (row, column) != (top, left)
    ]
    return pl.DataFrame(covered, NOTHING_MERGED.schema, orient="row")


def _twice(sheet: str, headers: list[str]) -> Refused | None:
    header, times = Counter(headers).most_common(1)[0]
    if times == 1:
        return None
    return Refused(
        "“{sheet}” has {times} columns named “{header}”. Rename or delete all but one.",
        sheet=sheet,
        times=times,
        header=header,
    )


def _headless(sheet: str, headers: list[str], rows: pl.DataFrame, header_row: Sequence[str | None]) -> Refused | None:
    """The first row with a value that no header stands above, such as a CSV row with a comma too many."""
    headless = [str(column) for column, header in enumerate(header_row) if header is None]
    strays = rows.select("row", *headless).filter(pl.any_horizontal(pl.col(headless).is_not_null()))
    if strays.is_empty():
        return None
    first = strays.row(0, named=True)
    return Refused(
        "Row {row} of “{sheet}” has a value in its cell number {cell}, but no header stands above it ({headers} headers "
        "were found). Give that column a header or clear the cell; in a CSV, put a value that contains a comma between "
        "double quotes.",
        row=first["row"],
        sheet=sheet,
        cell=max(int(column) for column in headless if first[column] is not None) + 1,
        headers=len(headers),
    )


def too_many_rows(name: str, limit: int = MAX_ROWS) -> Refused:
    return Refused("“{name}” has more than {limit} rows. Split it into several files.", name=name, limit=limit)


def too_many_columns(name: str) -> Refused:
    return Refused(
        "“{name}” has more than {limit} columns. Keep only the columns of the table.", name=name, limit=MAX_COLUMNS
    )
