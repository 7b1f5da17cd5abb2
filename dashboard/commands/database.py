"""The database itself: brought to the current schema, and checked."""

import json
from typing import Annotated

import typer

from dashboard.audit import checks
from dashboard.commands.cli import Database, Json, New, cli, store
from dashboard.shell.language import _
from dashboard.shell.settings import settings
from dashboard.shell.store import operator, passphrase
from db.backup import opening
from metrics.definitions import DEFAULT


@cli.command()
def migrate(
    database: Database = None,
    new: New = False,
    without_backup: Annotated[bool, typer.Option("--without-backup", help="Make no backup first.")] = False,
) -> None:
    """Bring the database to the current schema, after a backup of it that is looked through; --new begins one."""
    folder = None if without_backup else settings().backups
    made = opening.prepare(database or settings().database_url, DEFAULT, new, folder, passphrase())
    if made is not None:
        typer.echo(_("Backed up as it was: {file}", file=str(made.file)))
    typer.echo(_("The database is up to date."))


@cli.command()
def check(database: Database = None, as_json: Json = False) -> None:
    """Verify the audit trail, the links between tables, the mirror beside the log, and the definitions."""
    parts = checks.found(operator(store(database)))
    if as_json:
        typer.echo(json.dumps(checks.as_record(parts), ensure_ascii=False))
    else:
        typer.echo("\n".join(checks.lines(parts)))
    raise typer.Exit(1 if any(findings for _rows, findings in parts.values()) else 0)
