"""Import: a file goes in whole or not at all, every refusal names its cell, and the same file again stores nothing."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date

import polars as pl
from sqlalchemy import insert, select

from db.access import DENIED, Viewer, may, refusal, scope, within, writing
from db.engine import BANK_TIME, Write
from db.files.columns import Column
from db.files.files import Sheet, read_file
from db.files.headings import Spellings
from db.files.table import LEFT_OUT, Table, read_table
from db.imports.kinds import BY_NAME, KINDS
from db.imports.resolving import Progress
from db.models import ImportBatch
from db.rights import OPERATOR

TEMPLATE_LISTS = "lists"  # the hidden sheet of a template, with what may be chosen
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
    """What became of a file. `problems` has one row a cell in error (PROBLEM), `warnings` one a cell that was taken and
    has to be looked at; `rejected` counts the rows the problems stand in. `good` names the rows (sheet, row) that were
    taken or would be, `samples` counts those a template brought along. `batch` is None where nothing was stored;
    `sheets` are as they were read, to be given back with the reasons.

    Nothing is left out without a word: `ignored` are columns (sheet, heading → the column it may be meant for),
    `unused` sheets, `left_out` rows (LEFT_OUT). `free` are the columns of the kind that no heading stands for."""

    kind: str
    batch: int | None
    rows: int
    accepted: int
    duplicates: int
    rejected: int
    problems: pl.DataFrame
    good: pl.DataFrame
    sheets: tuple[Sheet, ...]
    ignored: dict[tuple[str, str], str | None]
    samples: int
    warnings: pl.DataFrame
    unused: tuple[str, ...]
    left_out: pl.DataFrame
    free: tuple[str, ...]

    @property
    def refused(self) -> bool:
        """Something is wrong and nothing was taken."""
        return self.problems.height > 0 and self.accepted == 0


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
    columns = BY_NAME[kind].columns
    spellings = Spellings(columns, mapping)
    book = read_file(name, content, spellings.known)
    begins("checking")
    tables = [read_table(columns, sheet, today, mapping) for sheet in suitable(columns, spellings, book.sheets)]
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
            batch = open_batch(viewer, write, report, name, content)
            found.store(write, found.rows, batch, progress or (lambda done, total: None))
            write.audit("import", "import_batch", batch, None, {"kind": kind, "file": name, "rows": report.accepted})
    except _NotStored:
        return report
    return replace(report, batch=batch)


def unresolved(kind: str, tables: list[Table], sheets: tuple[Sheet, ...], hidden: tuple[str, ...]) -> Report:
    """What can be said of a file before its names are looked up."""
    samples = sum(table.samples for table in tables)
    values = pl.concat([table.values.with_columns(sheet=pl.lit(table.sheet.name)) for table in tables])
    used = {table.sheet.name for table in tables}
    unused = [one.name for one in sheets if one.name not in used]
    unused += [one for one in hidden if not (samples and one == TEMPLATE_LISTS)]
    known = set().union(*(table.headings for table in tables))
    return Report(
        kind,
        batch=None,
        rows=values.height,
        accepted=0,
        duplicates=0,
        rejected=0,
        problems=with_values(pl.concat([table.problems for table in tables]), tables),
        good=values.select("sheet", "row").clear(),
        sheets=sheets,
        ignored={(one.sheet.name, heading): meant for one in tables for heading, meant in one.ignored.items()},
        samples=samples,
        warnings=with_values(pl.concat([table.warnings for table in tables]), tables),
        unused=tuple(unused),
        left_out=pl.concat([pl.DataFrame(schema=LEFT_OUT), *(table.left_out for table in tables)]),
        free=tuple(one.name for one in BY_NAME[kind].columns if one.name not in known),
    )


def suitable(columns: tuple[Column, ...], spellings: Spellings, sheets: tuple[Sheet, ...]) -> list[Sheet]:
    """The sheets that hold this kind of table; where none does, the likest, so that its missing columns are named.
    Raises the sheet's own problem (equal headings, a value under no heading)."""
    needed = {one.name for one in columns if one.header}

    def named(sheet: Sheet) -> set[str]:
        return needed & {spellings.column(written)[0] for written in sheet.headers}

    def likeness(sheet: Sheet) -> tuple[int, int]:
        meant = {spellings.column(written)[0] or spellings.suggestion(written, needed) for written in sheet.headers}
        return len(needed & meant), -len(sheet.headers)

    short = {sheet.name: len(needed - named(sheet)) for sheet in sheets}
    most = 1 if 0 in short.values() else (len(needed) - 1) // 2  # beside a whole table, half of one is something else
    chosen = [sheet for sheet in sheets if short[sheet.name] <= most] or [max(sheets, key=likeness)]
    for sheet in chosen:
        if sheet.problem:
            raise sheet.problem
    return chosen


def localised(problems: pl.DataFrame, tables: list[Table]) -> pl.DataFrame:
    """Columns and values as the person wrote them, sheet by sheet."""
    named = [
        problems.filter(sheet=one.sheet.name).with_columns(pl.col("column").replace(one.headings)) for one in tables
    ]
    return with_values(pl.concat(named), tables)


def with_values(problems: pl.DataFrame, tables: list[Table]) -> pl.DataFrame:
    """What is written in each cell that something is said of."""
    parts = []
    for one in tables:
        here = problems.filter(sheet=one.sheet.name)
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
    """The batches the viewer may undo, and those of other kinds of file from their scope, newest first (BATCH); moments
    are the bank's."""
    place = {"region": ImportBatch.region_id, "branch": ImportBatch.branch_id, "manager": ImportBatch.manager_id}
    columns = [getattr(ImportBatch, name) for name in BATCH]
    statement = select(*columns).where(within(viewer, "undo_import", **place)).order_by(ImportBatch.id.desc())
    with viewer.reading() as connection:
        rows = connection.execute(statement).all()
    found = pl.DataFrame([tuple(row) for row in rows], BATCH, orient="row")
    return found.with_columns(pl.col("at", "undone_at") + BANK_TIME)
