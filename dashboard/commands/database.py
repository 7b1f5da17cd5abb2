"""The database itself: brought to the current schema, checked, and its audit trail anchored."""

import json
from pathlib import Path
from typing import Annotated

import typer

from dashboard.audit import anchoring, checks
from dashboard.commands.cli import Database, Json, New, cli, group, store
from dashboard.shell.language import _
from dashboard.shell.settings import settings
from dashboard.shell.store import notary, operator, passphrase
from db.backup import opening, signing
from metrics.definitions import DEFAULT


@cli.command()
def migrate(
    database: Database = None,
    new: New = False,
    without_backup: Annotated[bool, typer.Option("--without-backup", help="Make no backup first.")] = False,
) -> None:
    """Bring the database to the current schema, after a backup of it that is looked through; --new begins one."""
    folder = None if without_backup else settings().backups
    made = opening.prepare(database or settings().database_url, DEFAULT, new, folder, passphrase(), notary())
    if made is not None:
        typer.echo(_("Backed up as it was: {file}", file=str(made.file)))
    typer.echo(_("The database is up to date."))


@cli.command()
def check(
    database: Database = None,
    as_json: Json = False,
    anchors: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="Anchors of the audit trail; else those of CHENXI_BACKUPS."),
    ] = None,
    public_key: Annotated[
        str | None, typer.Option(help="The key that signed them, in hexadecimal; else that of CHENXI_AUDIT_KEY.")
    ] = None,
) -> None:
    """Verify the audit trail beside its anchors, the links between tables, the mirror beside the log, the definitions."""
    parts = checks.found(operator(store(database)), anchors, public_key)
    if as_json:
        typer.echo(json.dumps(checks.as_record(parts), ensure_ascii=False))
    else:
        typer.echo("\n".join(checks.lines(parts)))
    raise typer.Exit(1 if any(part.findings for part in parts.values()) else 0)


trail = group("trail", "The key that signs the audit trail, and the anchors that prove it.")


@trail.command("key")
def make_key() -> None:
    """Make the key that anchors are signed with, in the file CHENXI_AUDIT_KEY names; print the public key."""
    file = settings().audit_key
    typer.echo(signing.public(signing.make_key(file)))
    typer.echo(_("The private key is in {file}. Keep a copy of it where neither database nor backups are.", file=file))


@trail.command("anchor")
def anchor(database: Database = None) -> None:
    """Anchor the present end of the audit trail beside the backups; the jobs do so every hour."""
    done = anchoring.anchor(store(database))
    typer.echo(
        _("Anchored in {file}", file=anchoring.file()) if done else _("Nothing was added since the last anchor.")
    )
