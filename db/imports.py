"""Import: a file goes in whole or not at all, every refusal names its cell, and the same file again stores nothing."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

import polars as pl
from sqlalchemy import insert, select

from db import import_activities, import_reference
from db.access import DENIED, OPERATOR, Viewer, may, refusal, scope, within, writing
from db.engine import BANK_TIME, Write
from db.files import Sheet, read_file
from db.formats import FORMATS, Table, heading, read_table
from db.models import ImportBatch

Progress = Callable[[int, int], None]
RESOLVE = {"activities": import_activities.resolve} | import_reference.RESOLVE
# Which files a role may bring, within its scope. The administrator sees no customers, and brings none.
KINDS_BY = {
    "manager": ("activities",),
    "branch_head": ("activities", "absences"),
    "regional": ("activities", "plans", "territories"),
    "administrator": ("people", "plans", "territories", "calendar", "absences"),
    OPERATOR: tuple(FORMATS),
}
STAGES = ("reading", "checking", "storing")
BATCH = {
    "id": pl.Int64,
    "kind": pl.String,
    "file_name": pl.String,
    "accepted": pl.Int64,
    "at": pl.Datetime,
    "account": pl.String,
    "undone_at": pl.Datetime,
}


@dataclass(frozen=True)
class Report:
    """What became of a file. `problems` has one row a cell in error (PROBLEM); `rejected` counts the rows they stand in.
    `good` names the rows (sheet, row) that were taken or would be, `samples` counts those a template brought along.
    `batch` is None where nothing was stored; `sheets` are as they were read, to be given back with the reasons."""

    kind: str
    batch: int | None
    rows: int
    accepted: int
    duplicates: int
    rejected: int
    problems: pl.DataFrame
    good: pl.DataFrame
    sheets: tuple[Sheet, ...]
    ignored: tuple[str, ...]
    samples: int

    @property
    def refused(self) -> bool:
        """Something is wrong and nothing was taken."""
        return self.problems.height > 0 and self.accepted == 0


class _NotStored(Exception):
    """Rolls the transaction back: a dry run, a refusal, or nothing new."""


def kinds(viewer: Viewer) -> tuple[str, ...]:
    """The kinds of file (FORMATS) the viewer may bring; none without the right."""
    return KINDS_BY.get(viewer.role, ()) if may(viewer, "import_data") else ()


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
    stage: Callable[[str], None] | None = None,
) -> Report:
    """Import one file of a kind (formats.FORMATS). Without `accept_valid` a file with a problem stores nothing;
    `create_missing` adds customers that are not known yet, for the operator also regions, branches, managers and
    products; a `dry_run` says what would happen. Days after `today` are refused, and rows outside the viewer's scope.
    `stage` is told each of STAGES as it begins.

    Raises Refused when the file cannot be read at all, NotAllowed when the viewer may not import this kind."""
    scope(viewer, "import_data")
    if kind not in kinds(viewer):
        raise refusal(viewer, "import_data", DENIED)
    begins = stage or (lambda one: None)
    begins("reading")
    sheets = tuple(read_file(name, content))
    begins("checking")
    tables = [read_table(kind, sheet, today) for sheet in suitable(kind, sheets)]
    values = pl.concat([table.values.with_columns(sheet=pl.lit(table.sheet.name)) for table in tables])
    problems = pl.concat([table.problems for table in tables])
    ignored, samples = sum((one.ignored for one in tables), ()), sum(one.samples for one in tables)
    none = values.select("sheet", "row").clear()
    report = Report(kind, None, values.height, 0, 0, 0, problems, none, sheets, ignored, samples)
    if values.is_empty() or (problems["row"] == 1).any():  # a missing column: nothing below it can be judged
        return finished(report, problems, none, 0)
    try:
        with writing(viewer) as write:
            found = RESOLVE[kind](viewer, write, values, problems, create_missing)
            report = finished(
                report, pl.concat([problems, localised(found.problems, tables)]), found.rows, found.duplicates
            )
            if report.rejected and not accept_valid:
                report = finished(report, report.problems, none, found.duplicates)
            if dry_run or report.good.is_empty():
                raise _NotStored
            begins("storing")
            batch = open_batch(viewer, write, report, name, content)
            found.store(write, found.rows, batch, progress or (lambda done, total: None))
            write.audit("import", "import_batch", batch, None, {"kind": kind, "file": name, "rows": report.accepted})
    except _NotStored:
        return report
    return replace(report, batch=batch)


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


def finished(report: Report, problems: pl.DataFrame, good: pl.DataFrame, duplicates: int) -> Report:
    """The report with its problems in the order of the sheet, each cell once: the first thing wrong with it."""
    problems = problems.unique(["sheet", "row", "column"], keep="first", maintain_order=True)
    problems = problems.sort("sheet", "row", maintain_order=True)
    rejected = problems.select("sheet", "row").unique().height
    good = good.select("sheet", "row")
    counted = {"accepted": good.height, "duplicates": duplicates, "rejected": rejected}
    return replace(report, problems=problems, good=good, **counted)


def open_batch(viewer: Viewer, write: Write, report: Report, name: str, content: bytes) -> int:
    facts = {
        "region_id": viewer.region,
        "branch_id": viewer.branch,
        "manager_id": viewer.manager,
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


def batches(viewer: Viewer) -> pl.DataFrame:
    """The batches the viewer may undo, and those of other kinds of file from his scope, newest first (BATCH); moments
    are the bank's."""
    place = {"region": ImportBatch.region_id, "branch": ImportBatch.branch_id, "manager": ImportBatch.manager_id}
    columns = [getattr(ImportBatch, name) for name in BATCH]
    statement = select(*columns).where(within(viewer, "undo_import", **place)).order_by(ImportBatch.id.desc())
    with viewer.store.reading() as connection:
        rows = connection.execute(statement).all()
    found = pl.DataFrame([tuple(row) for row in rows], BATCH, orient="row")
    return found.with_columns(pl.col("at", "undone_at") + BANK_TIME)
