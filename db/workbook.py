"""Excel workbooks: read in a child process with little memory and time, because a small file can inflate without end."""

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
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from db.errors import Refused

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
CHILD = [sys.executable, "-m", "db.workbook"]
# The child gets what Python needs to start and no secret: whoever breaks into it finds no database address.
CHILD_ENVIRONMENT = {
    **{key: os.environ[key] for key in ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "SYSTEMROOT") if key in os.environ},
    "PYTHONUTF8": "1",
    "POLARS_MAX_THREADS": "1",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
}
ROOT = Path(__file__).parents[1]

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


def read_workbook(name: str, content: bytes) -> list[tuple[str, pl.DataFrame]]:
    """The visible worksheets that hold something: name and grid. One row of a grid is a row of the worksheet that is
    not blank, "row" its number there; the other columns are text from the table's first column on, null = empty cell.

    Dates are "2026-11-20", times "10:30:00", moments "2026-11-20 10:30:00", shares "0.25", faulty formulas "#N/A"."""
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
            return [(sheet, pl.read_ipc(Path(folder, f"{number}.arrow"))) for number, sheet in enumerate(listing)]
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
    if "xl/workbook.xml" not in {part.filename for part in parts}:
        raise Refused(NOT_A_WORKBOOK, name=name)
    padded = any(part.file_size > max(SMALL_PART, MAX_RATIO * part.compress_size) for part in parts)
    if padded or sum(part.file_size for part in parts) > MAX_INFLATED:
        raise Refused(TOO_LARGE, name=name)


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


def _unpack(upload: Path, plain: Path) -> None:
    """Copy the XML parts uncompressed. No part gets longer than it declares, so a lie about sizes ends here."""
    with zipfile.ZipFile(upload) as packed, zipfile.ZipFile(plain, "w") as unpacked:
        for part in packed.infolist():
            if part.filename.lower().endswith((".xml", ".rels")):
                with packed.open(part) as source, unpacked.open(part.filename, "w") as target:
                    if part.filename.lower() == "xl/styles.xml":
                        target.write(CHINESE_DATES.sub(rb"\g<1>14", source.read()))
                    else:
                        shutil.copyfileobj(source, target, 1 << 20)


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


def _cells(sheet) -> pl.DataFrame:
    """One row a row of the worksheet, the first one included even when blank."""
    batch, faults = sheet.to_arrow_with_errors()
    cells = pl.from_arrow(batch)
    cells.columns = [str(position) for position in range(cells.width)]
    return _with_errors(cells, faults.errors) if faults else cells


def _with_errors(cells: pl.DataFrame, faults: list) -> pl.DataFrame:
    """The reader leaves cells like #N/A empty; an amount that failed must not pass for one that was not entered."""
    by_column = defaultdict(dict)
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
    _unpack(folder / "upload.xlsx", plain)
    workbook = fastexcel.read_excel(plain)
    if len(workbook.sheet_names) > MAX_SHEETS:
        sys.exit("too many sheets")
    listing, size = [], 0
    for index in range(len(workbook.sheet_names)):
        # skip_rows=0: by default the blank rows on top are left out, and every row number would be wrong.
        sheet = workbook.load_sheet(index, header_row=None, skip_rows=0, dtypes="string")
        name, size = sheet.name, size + sheet.total_height * sheet.width
        if size > MAX_CELLS:
            sys.exit("too many cells")
        if sheet.visible != "visible" or not sheet.width:
            continue
        if sheet.width > MAX_COLUMNS:
            sys.exit("too many columns")
        cells = _cells(sheet)
        del sheet  # as large as the cells
        grid = _grid(cells)
        if grid.height:
            grid.write_ipc(folder / f"{len(listing)}.arrow", compression="uncompressed")
            listing.append(name)
    (folder / "sheets.json").write_text(json.dumps(listing), encoding="utf-8")


if __name__ == "__main__":
    _main(Path(sys.argv[1]))
