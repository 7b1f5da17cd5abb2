"""Import from the command line: progress on the way, then what became of the file, as text or JSON."""

import json
import sys
from pathlib import Path
from typing import Annotated

import polars as pl
import typer

from dashboard.commands.cli import Database, Json, cli, group, store
from dashboard.imports import headings
from dashboard.shell import clock
from dashboard.shell.language import _, ngettext, say
from dashboard.shell.store import operator
from dashboard.widgets import workbooks
from db.errors import StorageError
from db.files.headings import Spellings
from db.files.headings import heading as spelt
from db.files.table import A_SAMPLE
from db.imports import imports
from db.imports.imports import Report
from db.imports.kinds import BY_NAME, KINDS
from db.imports.undo import undo_batch

LONG = 5_000  # rows from which a progress bar is worth its line
SHOWN = 20  # problems listed on the terminal; the errors workbook has all

commands = group("import", "Take a CSV or Excel file in, whole or not at all.")


@cli.command()
def undo(batch: Annotated[int, typer.Argument(min=1, max=2**31 - 1)], database: Database = None) -> None:
    """Withdraw every activity of an import batch that nobody has edited since."""
    done = undo_batch(operator(store(database)), batch)
    typer.echo(
        ngettext(
            "Batch {batch} undone: {number} row withdrawn.",
            "Batch {batch} undone: {number} rows withdrawn.",
            done.rows,
            batch=batch,
        )
    )
    if done.kept.height:
        entries = ", ".join(str(one) for one in done.kept["id"])
        typer.echo(
            ngettext(
                "{number} row was edited since and is kept: {entries}",
                "{number} rows were edited since and are kept: {entries}",
                done.kept.height,
                entries=entries,
            )
        )


def add_command(kind: str) -> None:
    """One command a kind of file."""

    def command(
        file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)],
        database: Database = None,
        dry_run: Annotated[bool, typer.Option("--dry-run", help="Check only; store nothing.")] = False,
        errors: Annotated[Path | None, typer.Option(help="Write the sheet back with a 错误原因 column.")] = None,
        create_missing: Annotated[bool, typer.Option("--create-missing", help="Add unknown names.")] = False,
        accept_valid: Annotated[bool, typer.Option("--accept-valid", help="Take the rows that are right.")] = False,
        mapping: Annotated[
            list[str] | None,
            typer.Option(
                "--map", metavar="HEADING=COLUMN", help="Which column a heading is; nothing behind = for none."
            ),
        ] = None,
        as_json: Json = False,
    ) -> None:
        options = {"create_missing": create_missing, "accept_valid": accept_valid, "dry_run": dry_run}
        options["mapping"] = mapped(kind, mapping or [])
        refused = run(database, kind, file, errors, as_json, **options)
        raise typer.Exit(1 if refused else 0)

    command.__doc__ = f"Import {kind} from FILE."
    commands.command(kind)(command)


def mapped(kind: str, said: list[str]) -> dict[str, str]:
    """What --map says: heading → column, which goes by any of its names."""
    names = Spellings(BY_NAME[kind].columns).names
    found = {}
    for one in said:
        heading, is_one, column = one.rpartition("=")
        if not is_one or not heading.strip() or (column.strip() and spelt(column) not in names):
            usable = ", ".join(column.name for column in BY_NAME[kind].columns)
            raise typer.BadParameter(f"“{one}”: write HEADING=COLUMN, COLUMN one of {usable}", param_hint="--map")
        found[heading] = names[spelt(column)] if column.strip() else ""
    return found


for one in KINDS:
    add_command(one.name)


def run(database: str | None, kind: str, file: Path, errors: Path | None, as_json: bool, **options) -> bool:
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
            operator(store(database)), kind, file.name, file.read_bytes(), clock.today(), progress=progress, **options
        )
    except StorageError as error:
        if not as_json:
            raise
        # A program reads the same shape whether a cell is wrong or the file cannot be read at all.
        typer.echo(json.dumps(unread(file.name, error), ensure_ascii=False))
        typer.echo(say(error), err=True)
        return True
    typer.echo(json.dumps(as_record(report), ensure_ascii=False) if as_json else in_words(report, options["dry_run"]))
    if errors and report.problems.height:
        errors.write_bytes(workbooks.with_reasons(report.sheets, headings.problems(report)))
    return report.refused


def as_record(report: Report) -> dict:
    """The contract other programs use."""
    return {
        "batch": report.batch,
        "rows": report.rows,
        "accepted": report.accepted,
        "duplicates": report.duplicates,
        "rejected": report.rejected,
        "errors": [row | {"problem": _(row["problem"])} for row in headings.problems(report).to_dicts()],
        "ignored": {
            "columns": [{"sheet": sheet, "column": column} for sheet, column in report.ignored],
            "sheets": list(report.unused),
            "rows": [row | {"reason": _(row["reason"])} for row in report.left_out.to_dicts()],
        },
        "warnings": [row | {"problem": _(row["problem"])} for row in report.warnings.to_dicts()],
    }


def unread(name: str, error: StorageError) -> dict:
    """The contract's answer for a file of which nothing could be read."""
    problem = {"sheet": name, "row": None, "column": None, "value": None, "problem": say(error)}
    nothing = {"batch": None, "rows": 0, "accepted": 0, "duplicates": 0, "rejected": 0, "errors": [problem]}
    return nothing | {"ignored": {"columns": [], "sheets": [], "rows": []}, "warnings": []}


def in_words(report: Report, dry_run: bool) -> str:
    lines = [
        ngettext(
            "{number} row read: {accepted} accepted, {duplicates} stored already, {rejected} rejected.",
            "{number} rows read: {accepted} accepted, {duplicates} stored already, {rejected} rejected.",
            report.rows,
            accepted=report.accepted,
            duplicates=report.duplicates,
            rejected=report.rejected,
        )
    ]
    lines += [cell_in_words(row) for row in headings.problems(report).head(SHOWN).to_dicts()]
    if report.problems.height > SHOWN:
        lines.append(
            _("  … and {number} more; write them all with --errors FILE.xlsx", number=report.problems.height - SHOWN)
        )
    lines += left_out(report)
    if dry_run:
        lines.append(_("Checked only: nothing was stored."))
    elif report.batch is not None:
        lines.append(_("Batch {batch}.", batch=report.batch))
    elif report.problems.height:
        lines.append(_("Nothing was stored: fix the rows above, or import the others with --accept-valid."))
    return "\n".join(lines)


def cell_in_words(row: dict) -> str:
    place = [_("{sheet}, row {row}", sheet=row["sheet"], row=row["row"]), *filter(None, [row["column"]])]
    value = f" “{row['value']}”" if row["value"] else ""
    return f"  {' · '.join(place)}{value}: {_(row['problem'])}"


def left_out(report: Report) -> list[str]:
    """What was not used, and what was taken but has to be looked at."""
    lines = [_("The sample row of the template was left out.")] if report.samples else []
    if report.ignored:
        named = {column for _sheet, column in report.ignored}
        lines.append(_("Columns not used: {columns}", columns=", ".join(dict.fromkeys(named))))
    if report.unused:
        lines.append(_("Sheets not used: {sheets}", sheets=", ".join(report.unused)))
    over = report.left_out.filter(pl.col("reason") != A_SAMPLE)["row"]
    if len(over):
        lines.append(_("Rows above the headings, not used: {rows}", rows=", ".join(map(str, over))))
    if report.warnings.height:
        lines.append(_("Taken, but to be looked at: {number}", number=report.warnings.height))
        lines += [cell_in_words(row) for row in report.warnings.head(SHOWN).to_dicts()]
    return lines
