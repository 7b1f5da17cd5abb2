"""The audit trail for whoever looks after the machine: its key, and its anchors."""

import typer

from dashboard.audit import anchoring
from dashboard.commands.cli import Database, group, store
from dashboard.shell.language import _
from dashboard.shell.settings import settings
from db.backup import signing

commands = group("trail", "The key that signs the audit trail, and the anchors that prove it.")


@commands.command("key")
def make_key() -> None:
    """Make the key that anchors are signed with, in the file CHENXI_AUDIT_KEY names; print the public key."""
    file = settings().audit_key
    typer.echo(signing.public(signing.make_key(file)))
    typer.echo(_("The private key is in {file}. Keep a copy of it where neither database nor backups are.", file=file))


@commands.command("anchor")
def anchor(database: Database = None) -> None:
    """Anchor the present end of the audit trail beside the backups; the jobs do so every hour."""
    done = anchoring.anchor(store(database))
    typer.echo(
        _("Anchored in {file}", file=anchoring.file()) if done else _("Nothing was added since the last anchor.")
    )
