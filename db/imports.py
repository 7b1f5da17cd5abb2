"""Import: a file goes in whole or not at all, every refusal names its cell, and the same file again stores nothing."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import polars as pl
from sqlalchemy import insert, select, update

from db import import_activities, import_reference
from db.access import Viewer, scope, writing
from db.engine import Write
from db.errors import Refused
from db.files import Sheet, read_file
from db.formats import FORMATS, Table, heading, read_table
from db.models import Activity, ImportBatch

Progress = Callable[[int, int], None]
RESOLVE = {"activities": import_activities.resolve} | import_reference.RESOLVE


@dataclass(frozen=True)
class Report:
    """What became of a file. `problems` has one row a cell in error (PROBLEM); `rejected` counts the rows they stand in.
    `batch` is None where nothing was stored; `sheets` are as they were read, to be given back with the reasons."""

    kind: str
    batch: int | None
    rows: int
    accepted: int
    duplicates: int
    rejected: int
    problems: pl.DataFrame
    sheets: tuple[Sheet, ...]
    ignored: tuple[str, ...]

    @property
    def refused(self) -> bool:
        """Something is wrong and nothing was taken."""
        return self.problems.height > 0 and self.accepted == 0


class _NotStored(Exception):
    """Rolls the transaction back: a dry run, a refusal, or nothing new."""


def import_file(
    viewer: Viewer,
    kind: str,
    name: str,
    content: bytes,
    today: date,
    *,
    create_missing: bool = False,
    accept_valid: bool = False,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> Report:
    """Import one file of a kind (formats.FORMATS). Without `accept_valid` a file with a problem stores nothing;
    `create_missing` adds regions, branches, managers, customers and products that are not known yet; a `dry_run` says
    what would happen. Days after `today` are refused.

    Raises Refused when the file cannot be read at all, NotAllowed when the viewer may not import."""
    scope(viewer, "import_data")
    sheets = tuple(read_file(name, content))
    tables = [read_table(kind, sheet, today) for sheet in suitable(kind, sheets)]
    values = pl.concat([table.values.with_columns(sheet=pl.lit(table.sheet.name)) for table in tables])
    problems = pl.concat([table.problems for table in tables])
    report = Report(kind, None, values.height, 0, 0, 0, problems, sheets, sum((one.ignored for one in tables), ()))
    if values.is_empty() or (problems["row"] == 1).any():  # a missing column: nothing below it can be judged
        return finished(report, problems, 0, 0)
    try:
        with writing(viewer) as write:
            found = RESOLVE[kind](write, values, problems, create_missing)
            named = localised(found.problems, tables)
            report = finished(report, pl.concat([problems, named]), found.rows.height, found.duplicates)
            refused = report.rejected and not accept_valid
            report = finished(report, report.problems, 0 if refused else found.rows.height, found.duplicates)
            if refused or dry_run or found.rows.is_empty():
                raise _NotStored
            batch = open_batch(write, report, name, content)
            found.store(write, found.rows, batch, progress or (lambda done, total: None))
            write.audit("import", "import_batch", batch, None, {"kind": kind, "file": name, "rows": report.accepted})
    except _NotStored:
        return report
    return Report(**{**report.__dict__, "batch": batch})


def suitable(kind: str, sheets: tuple[Sheet, ...]) -> list[Sheet]:
    """The sheets that hold this kind of table; where none does, the first, so that its missing columns are named.
    Raises the sheet's own problem (equal headings, a value under no heading)."""
    known = {heading(spelling) for one in FORMATS[kind] for spelling in (one.name, *one.zh)}
    needed = [{heading(s) for s in (one.name, *one.zh)} for one in FORMATS[kind] if one.header]
    fitting = []
    for sheet in sheets:
        headings = {heading(written) for written in sheet.headers}
        if sum(bool(headings & one) for one in needed) * 2 > len(needed) and headings & known:
            fitting.append(sheet)
    chosen = fitting or list(sheets[:1])
    for sheet in chosen:
        if sheet.problem:
            raise sheet.problem
    return chosen


def localised(problems: pl.DataFrame, tables: list[Table]) -> pl.DataFrame:
    """Columns and values as the person wrote them, sheet by sheet."""
    parts = []
    for one in tables:
        here = problems.filter(pl.col("sheet") == one.sheet.name)
        here = here.with_columns(pl.col("column").replace(one.headings))
        places = {str(place): written for place, written in enumerate(one.sheet.headers)}
        cells = one.sheet.cells.join(here, on="row", how="semi").unpivot(index="row", variable_name="column")
        cells = cells.select("row", pl.col("column").replace(places), written="value")
        here = here.join(cells, on=["row", "column"], how="left", maintain_order="left")
        parts.append(here.with_columns(value="written").drop("written"))
    return pl.concat(parts)


def finished(report: Report, problems: pl.DataFrame, accepted: int, duplicates: int) -> Report:
    """The report with its problems in the order of the sheet, each cell once: the first thing wrong with it."""
    problems = problems.unique(["sheet", "row", "column"], keep="first", maintain_order=True)
    problems = problems.sort("sheet", "row", maintain_order=True)
    rejected = problems.select("sheet", "row").unique().height
    facts = {"problems": problems, "accepted": accepted, "duplicates": duplicates, "rejected": rejected}
    return Report(**{**report.__dict__, **facts})


def open_batch(write: Write, report: Report, name: str, content: bytes) -> int:
    facts = {
        "kind": report.kind,
        "file_name": name,
        "sha256": hashlib.sha256(content).hexdigest(),
        "rows": report.rows,
        "accepted": report.accepted,
        "duplicates": report.duplicates,
        "rejected": report.rejected,
        "at": write.now,
        "account": write.account,
    }
    return write.session.execute(insert(ImportBatch).values(facts).returning(ImportBatch.id)).scalar_one()


def undo(viewer: Viewer, batch: int) -> int:
    """Withdraws every activity of a batch that still holds, and frees its references so that the file may come again.
    Gives the number of rows withdrawn. Raises Refused for an unknown batch, one of another kind, or one undone."""
    scope(viewer, "undo_import")
    with writing(viewer) as write:
        found = write.session.get(ImportBatch, batch)
        if found is None:
            raise Refused("There is no import batch {batch}: check the number.", batch=batch)
        if found.kind != "activities":
            raise Refused("Batch {batch} holds {kind}: import a corrected file instead.", batch=batch, kind=found.kind)
        if found.undone_at is not None:
            raise Refused("Batch {batch} was undone already.", batch=batch)
        of_batch = Activity.batch_id == batch
        withdraw = update(Activity).where(of_batch, Activity.voided_at.is_(None))
        voided = write.session.execute(withdraw.values(voided_at=write.now, version=write.version)).rowcount
        write.session.execute(update(Activity).where(of_batch).values(reference=None))
        found.undone_at = write.now
        write.audit("undo", "import_batch", batch, None, {"rows": voided})
        return voided


def batches(viewer: Viewer) -> pl.DataFrame:
    """Import batches, newest first: id, kind, file_name, accepted, at, account, undone_at."""
    scope(viewer, "import_data")
    columns = [
        getattr(ImportBatch, name) for name in ("id", "kind", "file_name", "accepted", "at", "account", "undone_at")
    ]
    schema = {"id": pl.Int64, "kind": pl.String, "file_name": pl.String, "accepted": pl.Int64}
    schema |= {"at": pl.Datetime, "account": pl.String, "undone_at": pl.Datetime}
    with viewer.store.reading() as connection:
        rows = connection.execute(select(*columns).order_by(ImportBatch.id.desc())).all()
    return pl.DataFrame([tuple(row) for row in rows], schema, orient="row")
