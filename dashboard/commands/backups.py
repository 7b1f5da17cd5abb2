"""Backup and restore, for whoever looks after the machine."""

import json
from pathlib import Path
from typing import Annotated

import typer

from dashboard.commands.cli import Database, Json, cli
from dashboard.shell.language import _, ngettext
from dashboard.shell.settings import settings
from dashboard.shell.store import notary, passphrase
from db.backup import restore as restoring
from db.backup.backup import Backup, take, take_into
from db.errors import Refused
from metrics.definitions import DEFAULT

Passphrase = Annotated[
    Path | None, typer.Option("--passphrase-file", help="Its first line encrypts; else CHENXI_BACKUP_PASSPHRASE.")
]


@cli.command()
def backup(
    file: Annotated[Path | None, typer.Argument(dir_okay=False)] = None,
    to: Annotated[Path | None, typer.Option(file_okay=False, help="A folder, in which each gets its name.")] = None,
    keep: Annotated[int | None, typer.Option(min=1, help="How many stay in the folder, with this one.")] = None,
    passphrase_file: Passphrase = None,
    as_json: Json = False,
    database: Database = None,
) -> None:
    """Back up the database into FILE or a folder while it is used, and look through what was written."""
    if (file is None) == (to is None) or (keep is not None and to is None):
        raise typer.BadParameter("say FILE, or --to DIR, the latter perhaps with --keep N")
    url, key = database or settings().database_url, chosen(passphrase_file)
    made = take(url, file, key, notary()) if file is not None else take_into(url, to, keep, key, notary())
    typer.echo(json.dumps(as_record(made), ensure_ascii=False) if as_json else in_words(made))


@cli.command()
def restore(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)],
    passphrase_file: Passphrase = None,
    other_bank: Annotated[bool, typer.Option("--other-bank", help="Put it over another bank's data.")] = False,
    as_json: Json = False,
    database: Database = None,
) -> None:
    """Put a backup back, also under running pages: they go on with it, and everybody signs in again."""
    url = database or settings().database_url
    done = restoring.restore(url, file, DEFAULT, chosen(passphrase_file), other_bank, notary())
    if as_json:
        facts = {"version": done.facts.version, "token": done.facts.token, "rows": done.facts.rows}
        typer.echo(
            json.dumps(
                {"file": str(file), **facts, "kept": done.kept, "rewound": done.rewound, "forgotten": done.forgotten},
                ensure_ascii=False,
            )
        )
        return
    typer.echo(_("Restored to version {version}; everybody signs in again.", version=done.facts.version))
    if done.forgotten:
        typer.echo(
            ngettext(
                "{number} customer was forgotten after this backup was made, and is again.",
                "{number} customers were forgotten after this backup was made, and are again.",
                done.forgotten,
            )
        )
    if done.rewound:
        typer.echo(
            ngettext(
                "{number} later row of the audit trail is taken back; the anchors say so.",
                "{number} later rows of the audit trail are taken back; the anchors say so.",
                done.rewound,
            )
        )
    if done.kept:
        typer.echo(_("What was there before is kept: {place}", place=done.kept))


def chosen(file: Path | None) -> str | None:
    """The passphrase, None where there is none. Raises Refused for a file that says nothing."""
    if file is None:
        return passphrase()
    said = next(iter(file.read_text().splitlines()), "")
    if not said:
        raise Refused("The first line of “{file}” is empty: it is to be the passphrase.", file=str(file))
    return said


def as_record(made: Backup) -> dict:
    """The contract other programs read."""
    facts = made.facts
    rows = {"version": facts.version, "token": facts.token, "rows": facts.rows}
    return {"file": str(made.file), **rows, "sha256": made.sha256}


def in_words(made: Backup) -> str:
    number = sum(made.facts.rows.values())
    return ngettext(
        "Backed up and looked through: {file}, version {version}, {number} row.",
        "Backed up and looked through: {file}, version {version}, {number} rows.",
        number,
        file=str(made.file),
        version=made.facts.version,
    )
