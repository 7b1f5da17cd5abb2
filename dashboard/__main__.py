"""The command line: python -m dashboard COMMAND. Exit code 0 done, 1 refused (a person can mend it), 2 unusable call."""

import json
import logging
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from dashboard import clock, words
from dashboard.settings import settings
from dashboard.words import _, say
from db.engine import Store
from db.errors import StorageError

cli = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help=__doc__)
import_cli = typer.Typer(no_args_is_help=True, help="Take a CSV or Excel file in, whole or not at all.")
account_cli = typer.Typer(no_args_is_help=True, help="Who may sign in; whoever holds the database makes the first one.")
report_cli = typer.Typer(no_args_is_help=True, help="Reports for people and programs.")
cli.add_typer(import_cli, name="import")
cli.add_typer(report_cli, name="report")
cli.add_typer(account_cli, name="account")

Database = Annotated[str | None, typer.Option("--database", help="Database URL; else DATABASE_URL.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def store(url: str | None) -> Store:
    from dashboard.stores import open_store

    return open_store(url)


def day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"“{text}” is not a day: write 2026-11-20") from None


@cli.command()
def run(database: Database = None, port: int = 8501, address: str = "127.0.0.1") -> None:
    """Serve the pages on a database of your own; --address 0.0.0.0 opens them to the network."""
    from dashboard.server import serve
    from db import accounts

    own = store(database)
    if not accounts.exist(own):
        typer.echo(_("Nobody can sign in yet: python -m dashboard account add admin --role administrator"))
    serve(own.url, address, port, demo=False)


@cli.command()
def demo(port: int = 8501, address: str = "127.0.0.1") -> None:
    """Fill var/demo.db with a believable region and serve it."""
    from dashboard.demo import fill
    from dashboard.server import serve

    url = fill()
    typer.echo(_("No password is needed: the sign-in page lists the people of the region, to enter as any of them."))
    serve(url, address, port, demo=True)


@cli.command()
def migrate(database: Database = None) -> None:
    """Bring the database to the current schema."""
    store(database).close()
    typer.echo(_("The database is up to date."))


@cli.command()
def undo(batch: Annotated[int, typer.Argument(min=1, max=2**31 - 1)], database: Database = None) -> None:
    """Withdraw every activity of an import batch that nobody has edited since."""
    from dashboard.stores import operator
    from db import undoing

    done = undoing.undo(operator(store(database)), batch)
    typer.echo(_("Batch {batch} undone: {rows} rows withdrawn.", batch=batch, rows=done.rows))
    if done.kept.height:
        entries = ", ".join(str(one) for one in done.kept["id"])
        typer.echo(
            _("{number} rows were edited since and are kept: {entries}", number=done.kept.height, entries=entries)
        )


def import_command(kind: str):
    def command(
        file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)],
        database: Database = None,
        dry_run: Annotated[bool, typer.Option("--dry-run", help="Check only; store nothing.")] = False,
        errors: Annotated[Path | None, typer.Option(help="Write the sheet back with a 错误原因 column.")] = None,
        create_missing: Annotated[bool, typer.Option("--create-missing", help="Add unknown names.")] = False,
        accept_valid: Annotated[bool, typer.Option("--accept-valid", help="Take the rows that are right.")] = False,
        as_json: Json = False,
    ) -> None:
        from dashboard import imports

        options = {"create_missing": create_missing, "accept_valid": accept_valid, "dry_run": dry_run}
        refused = imports.run(store(database), kind, file, errors, as_json, **options)
        raise typer.Exit(1 if refused else 0)

    command.__doc__ = f"Import {kind} from FILE."
    import_cli.command(kind)(command)


for one in ("activities", "people", "plans", "territories", "calendar", "absences"):
    import_command(one)


@account_cli.command("add")
def add_account(
    login: str,
    role: Annotated[str, typer.Option(help="manager, branch_head, regional, screen, administrator or auditor.")],
    name: Annotated[str | None, typer.Option(help="The person's name; the login if left out.")] = None,
    place: Annotated[
        str | None, typer.Option(help="Staff number of a manager; name of the branch or region of the others.")
    ] = None,
    password_stdin: Annotated[bool, typer.Option("--password-stdin", help="Read it from standard input.")] = False,
    database: Database = None,
) -> None:
    """Make an account; the password is asked for twice."""
    from dashboard import accounts

    accounts.add(store(database), login, name or login, role, place, asked(password_stdin))
    typer.echo(_("{login} can sign in.", login=login))


@account_cli.command("disable")
def disable_account(login: str, database: Database = None) -> None:
    """Let nobody in by this account any more; whoever is in is out at once."""
    from dashboard import accounts

    accounts.disable(store(database), login)
    typer.echo(_("{login} can no longer sign in.", login=login))


@account_cli.command("password")
def account_password(
    login: str,
    password_stdin: Annotated[bool, typer.Option("--password-stdin", help="Read it from standard input.")] = False,
    database: Database = None,
) -> None:
    """Give an account a new password; its sessions end."""
    from dashboard import accounts

    accounts.set_password(store(database), login, asked(password_stdin))
    typer.echo(_("{login} has a new password.", login=login))


def asked(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    return typer.prompt(_("Password"), hide_input=True, confirmation_prompt=True)


@cli.command()
def check(database: Database = None, as_json: Json = False) -> None:
    """Verify the audit trail, the links between tables, the mirror beside the log, and the definitions."""
    from dashboard import checks

    raise typer.Exit(0 if checks.run(store(database), as_json) else 1)


@report_cli.command()
def summary(
    first: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"])],
    last: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"])],
    by: Annotated[
        list[str] | None, typer.Option(help="region, branch, manager, product, channel, method, day, week, month.")
    ] = None,
    region: str | None = None,
    branch: str | None = None,
    manager: Annotated[str | None, typer.Option(help="Staff number or name.")] = None,
    as_of: Annotated[str | None, typer.Option(help="Activity and time as of the end of this day.")] = None,
    as_json: Json = False,
    xlsx: Path | None = None,
    csv: Path | None = None,
    database: Database = None,
) -> None:
    """Consultations, applications, deals, rates, plan and attainment of a period."""
    from dashboard import report, standings, tables
    from dashboard.stores import operator
    from db import trail
    from metrics.periods import Period
    from metrics.summary import KEYS, TIME

    by = [key for given in by or [] for key in given.split(",")]
    if [key for key in by if key not in KEYS] or sum(key in TIME for key in by) > 1 or len(set(by)) < len(by):
        raise typer.BadParameter(f"use keys of {', '.join(KEYS)}, each once, one of time at most", param_hint="--by")
    if last < first or first.year < 2000 or last.year > 2100:
        raise typer.BadParameter("the period must end after it begins, between 2000 and 2100", param_hint="--to")
    period = Period(first.date(), last.date())
    through = day(as_of) if as_of else clock.done_through()
    viewer = operator(store(database))
    part = report.find_part(viewer, region, branch, manager, period)
    table, total, rules = report.summary(viewer, period, through, by, part, through if as_of else None)
    known = standings.calendar_known(viewer, period)
    if as_json:
        typer.echo(json.dumps(report.as_json(table, total, rules, period, by, known), ensure_ascii=False))
    if xlsx or csv:
        asked = {"from": str(period.first), "to": str(period.last), "by": by} | part.__dict__
        trail.exported(viewer, "summary", asked, table.height)
        tables.save(table, total, by, rules, period, known, xlsx, csv)
    if not (as_json or xlsx or csv):
        tables.show(table, total, by, rules, period, known)


@cli.callback()
def language(lang: Annotated[str | None, typer.Option(help="zh or en; else CHENXI_LANG.")] = None) -> None:
    words.speak(lang or settings().lang)


def main() -> None:
    logging.basicConfig(level=logging.ERROR)  # a refusal is said in words below; the log's own lines are for the server
    try:
        cli()
    except ValidationError as error:  # of the settings, which come from the environment
        for one in error.errors():
            typer.echo(f"CHENXI_{one['loc'][0].upper()}: {one['msg']}", err=True)
        sys.exit(2)
    except StorageError as error:
        typer.echo(say(error), err=True)
        sys.exit(1)
    except OSError as error:  # --xlsx, --csv or --errors leads where nothing can be written
        typer.echo(_("“{file}” cannot be written: {reason}", file=error.filename, reason=error.strerror), err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
