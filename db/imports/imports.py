"""Import: a file goes in whole or not at all, every refusal names its cell, and the same file again stores nothing."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from functools import partial

import polars as pl
from sqlalchemy import select

from db.access import DENIED, Viewer, may, refusal, scope, within, writing
from db.engine import BANK_TIME
from db.files.files import in_portions, many_rows, read_file, read_portions
from db.files.headings import Spellings
from db.files.table import read_table
from db.imports.kinds import BY_NAME, KINDS
from db.imports.large import intake
from db.imports.report import Report, finished, localised, open_batch, suitable, unresolved, unused
from db.imports.resolving import Progress
from db.models import ImportBatch
from db.rights import OPERATOR

STAGES = ("reading", "checking", "storing")
BATCH = {
    "id": pl.Int64,
    "kind": pl.String,
    "file_name": pl.String,
    "accepted": pl.Int64,
    "at": pl.Datetime,
    "account": pl.String,
    "undone_at": pl.Datetime,
    "version": pl.Int64,
}


class _NotStored(Exception):
    """Rolls the transaction back: a dry run, a refusal, or nothing new."""


def kinds(viewer: Viewer) -> tuple[str, ...]:
    """The kinds of file the viewer may bring; none without the right."""
    return brought_by(viewer.role) if may(viewer, "import_data") else ()


def brought_by(role: str) -> tuple[str, ...]:
    """Which files a role may bring, within its scope. The administrator sees no customers, and brings none."""
    return tuple(one.name for one in KINDS if role in (*one.roles, OPERATOR))


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
    mapping: Mapping[str, str] | None = None,
    progress: Progress | None = None,
    stage: Callable[[str], None] | None = None,
) -> Report:
    """Import one file of a kind (db.imports.kinds). Without `accept_valid` a file with a problem stores nothing;
    `create_missing` adds customers that are not known yet, for the operator also regions, branches, managers and
    products; a `dry_run` says what would happen. `mapping` says of headings which column they are, "" for none. Days
    after `today` are refused, and rows outside the viewer's scope. `stage` is told each of STAGES as it begins.

    Raises Refused when the file cannot be read at all, NotAllowed when the viewer may not import this kind."""
    scope(viewer, "import_data")
    if kind not in kinds(viewer):
        raise refusal(viewer, "import_data", DENIED)
    begins = stage or (lambda one: None)
    begins("reading")
    columns, steps = BY_NAME[kind].columns, BY_NAME[kind].portions
    spellings = Spellings(columns, mapping)
    large = partial(
        intake.import_large,
        create_missing=create_missing,
        accept_valid=accept_valid,
        dry_run=dry_run,
        mapping=mapping,
        progress=progress or (lambda done, total: None),
        begins=begins,
    )
    if steps is not None and many_rows(name, content, intake.ROWS):
        portions = partial(read_portions, name, content, spellings.known, intake.ROWS)
        return large(viewer, BY_NAME[kind], steps, name, content, portions, today)
    book = read_file(name, content, spellings.known)
    sheets = suitable(columns, spellings, book.sheets)
    if steps is not None and sum(one.cells.height for one in sheets) > intake.ROWS:
        portions = partial(in_portions, sheets, intake.ROWS)
        report = large(viewer, BY_NAME[kind], steps, name, content, portions, today)
        every = {one.name: one for one in (*book.sheets, *report.sheets)}
        others = unused(book.sheets, sheets, book.hidden, report.samples)
        return replace(report, sheets=tuple(every.values()), unused=others)
    begins("checking")
    tables = [read_table(columns, sheet, today, mapping) for sheet in sheets]
    report = unresolved(kind, tables, book.sheets, book.hidden)
    values = pl.concat([table.values.with_columns(sheet=pl.lit(table.sheet.name)) for table in tables])
    none = report.good
    if values.is_empty() or any(table.unreadable for table in tables):
        return finished(report, report.problems, none, 0)
    try:
        with writing(viewer) as write:
            found = BY_NAME[kind].resolve(viewer, write, values, report.problems, create_missing)
            problems = pl.concat([report.problems, localised(found.problems, tables)])
            warnings = pl.concat([report.warnings, localised(found.warnings, tables)])
            warnings = warnings.sort("sheet", "row", maintain_order=True)
            report = finished(replace(report, warnings=warnings), problems, found.rows, found.duplicates)
            if report.rejected and not accept_valid:
                report = finished(report, report.problems, none, found.duplicates)
            if dry_run or report.good.is_empty():
                raise _NotStored
            begins("storing")
            batch = open_batch(viewer, write, report, name, content, write.version)
            found.store(write, found.rows, batch, progress or (lambda done, total: None))
            write.audit("import", "import_batch", batch, None, {"kind": kind, "file": name, "rows": report.accepted})
    except _NotStored:
        return report
    return replace(report, batch=batch)


def batches(viewer: Viewer) -> pl.DataFrame:
    """The batches the viewer may undo, and those of other kinds of file from their scope, newest first (BATCH); moments
    are the bank's. `version` is null of one that is being taken in, or that broke off: then `undone_at` says when."""
    place = {"region": ImportBatch.region_id, "branch": ImportBatch.branch_id, "manager": ImportBatch.manager_id}
    columns = [getattr(ImportBatch, name) for name in BATCH]
    statement = select(*columns).where(within(viewer, "undo_import", **place)).order_by(ImportBatch.id.desc())
    with viewer.reading() as connection:
        rows = connection.execute(statement).all()
    found = pl.DataFrame([tuple(row) for row in rows], BATCH, orient="row")
    return found.with_columns(pl.col("at", "undone_at") + BANK_TIME)
