"""The database itself: brought to the current schema, and checked."""

import json

import typer

from dashboard.audit import checks
from dashboard.commands.cli import Database, Json, cli, store
from dashboard.shell.language import _
from dashboard.shell.store import operator


@cli.command()
def migrate(database: Database = None) -> None:
    """Bring the database to the current schema."""
    store(database).close()
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
