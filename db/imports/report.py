"""What became of a file: what is said of it before and after its names are looked up, each cell as the person wrote it."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace

import polars as pl
from sqlalchemy import insert

from db.access import Viewer
from db.engine import Write
from db.files.columns import Column
from db.files.files import Sheet
from db.files.headings import Spellings
from db.files.table import LEFT_OUT, Table
from db.imports.kinds import BY_NAME
from db.models import ImportBatch

TEMPLATE_LISTS = "lists"  # the hidden sheet of a template, with what may be chosen


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


def unresolved(kind: str, tables: list[Table], sheets: tuple[Sheet, ...], hidden: tuple[str, ...]) -> Report:
    """What can be said of a file before its names are looked up."""
    samples = sum(table.samples for table in tables)
    values = pl.concat([table.values.with_columns(sheet=pl.lit(table.sheet.name)) for table in tables])
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
        unused=unused(sheets, [table.sheet for table in tables], hidden, samples),
        left_out=pl.concat([pl.DataFrame(schema=LEFT_OUT), *(table.left_out for table in tables)]),
        free=tuple(one.name for one in BY_NAME[kind].columns if one.name not in known),
    )


def unused(sheets: Iterable[Sheet], used: Iterable[Sheet], hidden: Iterable[str], samples: int) -> tuple[str, ...]:
    """The sheets that nothing was taken from; without the one that comes with a template."""
    names = {one.name for one in used}
    others = [one.name for one in sheets if one.name not in names]
    return (*others, *(one for one in hidden if not (samples and one == TEMPLATE_LISTS)))


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


def open_batch(viewer: Viewer, write: Write, report: Report, name: str, content: bytes, version: int | None) -> int:
    """Stores what became of a file, and gives the batch's id; without a version nobody sees what comes with it yet."""
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
        "version": version,
    }
    return write.session.execute(insert(ImportBatch).values(facts).returning(ImportBatch.id)).scalar_one()
