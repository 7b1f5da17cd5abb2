"""Import from the command line: progress on the way, then what became of the file, as text or JSON."""

import json
import sys
from pathlib import Path

import typer

from dashboard import clock, export
from dashboard.stores import operator
from dashboard.words import _, say
from db import imports
from db.engine import Store
from db.errors import Refused
from db.imports import Report

LONG = 5_000  # rows from which a progress bar is worth its line
SHOWN = 20  # problems listed on the terminal; the errors workbook has all


def run(store: Store, kind: str, file: Path, errors: Path | None, as_json: bool, **options) -> bool:
    """Imports a file and says what became of it; True when it was refused."""
    bar = None

    def progress(done: int, total: int) -> None:
        nonlocal bar
        if bar is None and total > LONG and not as_json and sys.stderr.isatty():
            bar = typer.progressbar(length=total, label=_("Storing"), file=sys.stderr)
            bar.__enter__()
        if bar is not None:
            bar.update(done - bar.pos)
            if done == total:
                bar.__exit__(None, None, None)

    try:
        report = imports.import_file(
            operator(store), kind, file.name, file.read_bytes(), clock.today(), progress=progress, **options
        )
    except Refused as error:
        if as_json:  # a program reads the same shape whether a cell is wrong or the file cannot be read at all
            typer.echo(json.dumps(unread(file.name, error), ensure_ascii=False))
        raise
    typer.echo(json.dumps(as_record(report), ensure_ascii=False) if as_json else in_words(report, options["dry_run"]))
    if errors and report.problems.height:
        errors.write_bytes(export.with_reasons(report.sheets, report.problems))
    return report.refused


def as_record(report: Report) -> dict:
    """The contract other programs use."""
    return {
        "batch": report.batch,
        "rows": report.rows,
        "accepted": report.accepted,
        "duplicates": report.duplicates,
        "rejected": report.rejected,
        "errors": [row | {"problem": _(row["problem"])} for row in report.problems.to_dicts()],
    }


def unread(name: str, error: Refused) -> dict:
    """The contract's answer for a file of which nothing could be read."""
    problem = {"sheet": name, "row": None, "column": None, "value": None, "problem": say(error)}
    return {"batch": None, "rows": 0, "accepted": 0, "duplicates": 0, "rejected": 0, "errors": [problem]}


def in_words(report: Report, dry_run: bool) -> str:
    lines = [
        _(
            "{rows} rows read: {accepted} accepted, {duplicates} stored already, {rejected} rejected.",
            rows=report.rows,
            accepted=report.accepted,
            duplicates=report.duplicates,
            rejected=report.rejected,
        )
    ]
    for row in report.problems.head(SHOWN).to_dicts():
        place = _("{sheet}, row {row}, {column}", sheet=row["sheet"], row=row["row"], column=row["column"])
        value = f" “{row['value']}”" if row["value"] else ""
        lines.append(f"  {place}{value}: {_(row['problem'])}")
    if report.problems.height > SHOWN:
        lines.append(
            _("  … and {number} more; write them all with --errors FILE.xlsx", number=report.problems.height - SHOWN)
        )
    if report.samples:
        lines.append(_("The sample row of the template was left out."))
    if report.ignored:
        lines.append(_("Columns not used: {columns}", columns=", ".join(report.ignored)))
    if dry_run:
        lines.append(_("Checked only: nothing was stored."))
    elif report.batch is not None:
        lines.append(_("Batch {batch}.", batch=report.batch))
    elif report.problems.height:
        lines.append(_("Nothing was stored: mend the rows above, or take the others with --accept-valid."))
    return "\n".join(lines)
