"""Excel workbooks: read in a child process with little memory and time, because a small file can inflate without
end."""

import json
import logging
import os
import re
import shutil
import struct
import subprocess
import sys
import zipfile
from collections import defaultdict
from contextlib import suppress
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, cast

import polars as pl

from db.errors import Refused
from db.files.layout import BOOK_PARTS, Layout, as_shown, layout, sheet_parts, shown_formats

if TYPE_CHECKING:
    import fastexcel

MB = 1_000_000

# 20 MB of workbook, the most that can be uploaded, unpack to 230 MB of XML.
MAX_INFLATED = 300 * MB
# The XML of a table shrinks about 11 times, of a repetitive one more; only padding shrinks 200 times. Small parts may shrink as they like.
MAX_RATIO = 200
SMALL_PART = 10 * MB
# A workbook has a handful of parts a sheet, plus one a picture; each costs memory before anything can be judged.
MAX_PARTS = 5_000
MAX_SHEETS = 200
# The product's own tables have fewer than 20 columns. A cell takes 16 bytes and its text: 500,000 rows of 40 columns.
MAX_COLUMNS = 500
MAX_CELLS = 20_000_000

# Address space: 700 MB before a cell is read, 1.5 GB for 300,000 rows of 18 columns, which take 5 seconds.
CHILD_MEMORY = 1_800 * MB
CHILD_SECONDS = 20
CHILD = [sys.executable, "-m", "db.files.workbook"]
# The child gets what Python needs to start and no secret: whoever breaks into it finds no database address.
CHILD_ENVIRONMENT = {
    **{key: os.environ[key] for key in ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "SYSTEMROOT") if key in os.environ},
    "PYTHONUTF8": "1",
    "POLARS_MAX_THREADS": "1",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
}
ROOT = Path(__file__).parents[2]

OLE = bytes.fromhex("d0cf11e0a1b11ae1")
ZIP = b"PK\x03\x04"

PROTECTED = "“{name}” is protected by a password or is an old .xls file. Open it in Excel and save it as .xlsx without a password."
NOT_A_WORKBOOK = (
    "“{name}” is not an Excel workbook, although its name ends in .xlsx. Open it in Excel and save it as .xlsx."
)
DAMAGED = "“{name}” is damaged or incomplete. Open it in Excel, save it again as .xlsx and upload the new file."
TOO_LARGE = (
    "“{name}” is too large or damaged. Copy the table alone into a new workbook or save it as CSV, and upload that."
)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Grid:
    """A worksheet that holds something. One row of `cells` is a row of the worksheet that is not blank, "row" its
    number there; the other columns are text from the table's first column on, null = empty cell; no cells of a
    worksheet that is hidden. `hidden_rows` are numbers, `hidden_columns` places among the columns; `merged` the blocks
    of cells shown as one: first and last row, first and last place."""

    name: str
    cells: pl.DataFrame | None
    hidden_rows: list[int]
    hidden_columns: list[int]
    merged: list[list[int]]


def read_workbook(name: str, content: bytes) -> list[Grid]:
    """Dates are "2026-11-20", times "10:30:00", moments "2026-11-20 10:30:00", faulty formulas "#N/A"; numbers that are
    formatted as 00000, as a percentage or with a unit are as they are shown: "00077", "80%", "8.5万元"."""
    _check_archive(name, content)
    with TemporaryDirectory(prefix="chenxi-") as folder:
        Path(folder, "upload.xlsx").write_bytes(content)
        try:
            subprocess.run(
                [*CHILD, folder],
                cwd=ROOT,
                env=CHILD_ENVIRONMENT,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=CHILD_SECONDS,
                check=True,
            )
            listing = json.loads(Path(folder, "sheets.json").read_bytes())
            files = [Path(folder, f"{number}.arrow") for number in range(len(listing))]
            return [
                Grid(**sheet | {"cells": pl.read_ipc(file) if file.exists() else None})
                for file, sheet in zip(files, listing, strict=True)
            ]
        except (subprocess.SubprocessError, OSError, ValueError, TypeError, pl.exceptions.PolarsError) as fault:
            # The exit status only: what the child says about a fault may quote the file.
            log.warning("The workbook reader failed: %s %s", type(fault).__name__, getattr(fault, "returncode", ""))
            raise Refused(TOO_LARGE, name=name) from None


def _check_archive(name: str, content: bytes) -> None:
    """What the zip directory tells, before anything is unpacked."""
    if content.startswith(OLE):
        raise Refused(PROTECTED, name=name)
    if not content.startswith(ZIP):
        raise Refused(NOT_A_WORKBOOK, name=name)
    if content.count(b"PK\x01\x02") > MAX_PARTS:
        raise Refused(TOO_LARGE, name=name)
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error, OSError):
        raise Refused(DAMAGED, name=name) from None
    if "xl/workbook.xml" not in {part_name(part) for part in parts}:
        raise Refused(NOT_A_WORKBOOK, name=name)
    padded = any(part.file_size > max(SMALL_PART, MAX_RATIO * part.compress_size) for part in parts)
    if padded or sum(part.file_size for part in parts) > MAX_INFLATED:
        raise Refused(TOO_LARGE, name=name)


def part_name(part: zipfile.ZipInfo) -> str:
    """A part's name as it is looked for: some programs write backslashes, or other letter case."""
    return part.filename.replace("\\", "/").lower()


# From here on: the child. It writes one Arrow file a sheet and their list, or fails.

# The Chinese date and time formats that Excel knows by number alone ("2026年11月20日" is 31). The reader does not know
# them and would give 46346, so they become number 14, a date everywhere.
CHINESE_DATES = re.compile(rb"""(<(?:\w+:)?xf\b[^>]*\bnumFmtId=["'])(?:2[7-9]|3[0-6]|5[0-8])(?=["'])""")

ERRORS = {
    "Div0": "#DIV/0!",
    "NA": "#N/A",
    "Name": "#NAME?",
    "Null": "#NULL!",
    "Num": "#NUM!",
    "Ref": "#REF!",
    "Value": "#VALUE!",
}


def _limit_self() -> None:
    with suppress(ImportError):  # Windows has no limits; there the parent's clock and the checks of sizes remain.
        import resource

        for what, most in (
            (resource.RLIMIT_AS, CHILD_MEMORY),
            (resource.RLIMIT_CPU, CHILD_SECONDS),
            (resource.RLIMIT_FSIZE, MAX_INFLATED + 10 * MB),
            (resource.RLIMIT_CORE, 0),  # a core file would hold customers' names
        ):
            with suppress(ValueError, OSError):  # a lower limit is already set, or macOS, which has no RLIMIT_AS
                resource.setrlimit(what, (most, most))


def _unpack(upload: Path, plain: Path) -> dict[str, Layout]:
    """Copy the XML parts uncompressed, and note the layout of each worksheet by the name of its part. No part gets
    longer than it declares, so a lie about sizes ends here."""
    layouts: dict[str, Layout] = {}
    with zipfile.ZipFile(upload) as packed, zipfile.ZipFile(plain, "w") as unpacked:
        parts = {part_name(part): part for part in packed.infolist()}
        styled = shown_formats(packed.read(parts["xl/styles.xml"])) if "xl/styles.xml" in parts else {}
        for name, part in parts.items():
            if not name.endswith((".xml", ".rels")):
                continue
            with packed.open(part) as source, unpacked.open(part.filename.replace("\\", "/"), "w") as target:
                if name == "xl/styles.xml":
                    target.write(CHINESE_DATES.sub(rb"\g<1>14", source.read()))
                elif name.startswith("xl/worksheets/"):
                    xml = source.read()
                    layouts[name] = layout(xml, styled)
                    target.write(xml)
                else:
                    shutil.copyfileobj(source, target, 1 << 20)
    return layouts


def _grid(cells: pl.DataFrame) -> pl.DataFrame:
    """Readable dates and times, row numbers, no blank rows."""
    midnight, time_alone = r"^(\d{4}-\d\d-\d\d) 00:00:00$", r"^1899-12-3[01] (\d\d:\d\d:\d\d)"
    dated = [column.name for column in cells if column.str.contains(r"^\d{4}-\d\d-\d\d \d\d:").any()]
    return (
        cells.with_columns(pl.col(dated).str.replace(time_alone, "$1").str.replace(midnight, "$1"))
        .with_row_index("row", offset=1)
        .cast({"row": pl.Int64})
        .filter(pl.any_horizontal(pl.exclude("row").is_not_null()))
    )


def _cells(sheet: "fastexcel.ExcelSheet") -> pl.DataFrame:
    """One row a row of the worksheet, the first one included even when blank."""
    batch, faults = sheet.to_arrow_with_errors()
    cells = cast(pl.DataFrame, pl.from_arrow(batch))
    cells.columns = [str(position) for position in range(cells.width)]
    return _with_errors(cells, faults.errors) if faults else cells


def _with_errors(cells: pl.DataFrame, faults: "list[fastexcel.CellError]") -> pl.DataFrame:
    """The reader leaves cells like #N/A empty; an amount that failed must not pass for one that was not entered."""
    by_column: dict[int, dict[int, str]] = defaultdict(dict)
    for fault in faults:
        row, column = fault.offset_position
        kind = re.search(r"Error\((\w+)\)", fault.detail)
        by_column[column][row] = ERRORS.get(kind and kind[1], "#ERROR!")
    for column, texts in by_column.items():
        values = cells[:, column].to_list()
        for row, text in texts.items():
            values[row] = text
        cells = cells.with_columns(pl.Series(str(column), values, dtype=pl.String))
    return cells


def _main(folder: Path) -> None:
    _limit_self()
    import fastexcel

    plain = folder / "plain.xlsx"
    layouts = _unpack(folder / "upload.xlsx", plain)
    with zipfile.ZipFile(plain) as book:
        parts = sheet_parts({name.lower(): book.read(name) for name in book.namelist() if name.lower() in BOOK_PARTS})
    workbook = fastexcel.read_excel(plain)
    if len(workbook.sheet_names) > MAX_SHEETS:
        sys.exit("too many sheets")
    listing: list[dict[str, object]] = []
    size = 0
    for index in range(len(workbook.sheet_names)):
        # skip_rows=0: by default the blank rows on top are left out, and every row number would be wrong.
        sheet = workbook.load_sheet(index, header_row=None, skip_rows=0, dtypes="string")
        name, size = sheet.name, size + sheet.total_height * sheet.width
        if size > MAX_CELLS:
            sys.exit("too many cells")
        if not sheet.width:
            continue
        if sheet.visible != "visible":
            listing.append(asdict(Grid(name, None, [], [], [])))
            continue
        if sheet.width > MAX_COLUMNS:
            sys.exit("too many columns")
        first = min(column.absolute_index for column in sheet.available_columns())
        seen = layouts.get(parts.get(name, ""), Layout())
        cells = _as_shown(_cells(sheet), seen, first)
        del sheet  # as large as the cells
        grid = _grid(cells)
        if grid.height:
            grid.write_ipc(folder / f"{len(listing)}.arrow", compression="uncompressed")
            blocks = [[top, bottom, left - first, right - first] for top, bottom, left, right in seen.merged]
            hidden = [column - first for column in seen.hidden_columns]
            listing.append(asdict(Grid(name, None, seen.hidden_rows, hidden, blocks)))
    (folder / "sheets.json").write_text(json.dumps(listing), encoding="utf-8")


def _as_shown(cells: pl.DataFrame, seen: Layout, first: int) -> pl.DataFrame:
    """Numbers as their formats show them."""
    for column, rows in seen.formatted.items():
        place = str(column - first)
        if place not in cells.columns:
            continue
        values = cells[place].to_list()
        for row, style in rows:
            if row <= len(values) and values[row - 1] is not None:
                values[row - 1] = as_shown(values[row - 1], style)
        cells = cells.with_columns(pl.Series(place, values, dtype=pl.String))
    return cells


if __name__ == "__main__":
    _main(Path(sys.argv[1]))
