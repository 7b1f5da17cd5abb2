"""Accounts from the command line: whoever holds the database makes the first one."""

import sys
from typing import Annotated

import typer

from dashboard.commands.cli import Database, group, store
from dashboard.people import account_names
from dashboard.shell.language import _

commands = group("account", "Who may sign in; whoever holds the database makes the first one.")
FromStdin = Annotated[bool, typer.Option("--password-stdin", help="Read it from standard input.")]


@commands.command("add")
def add(
    login: str,
    role: Annotated[str, typer.Option(help="manager, branch_head, regional, screen, administrator or auditor.")],
    name: Annotated[str | None, typer.Option(help="The person's name; the login if left out.")] = None,
    place: Annotated[
        str | None, typer.Option(help="Staff number of a manager; name of the branch or region of the others.")
    ] = None,
    password_stdin: FromStdin = False,
    database: Database = None,
) -> None:
    """Make an account; the password is asked for twice."""
    account_names.add(store(database), login, name or login, role, place, password(password_stdin))
    typer.echo(_("{login} can sign in.", login=login))


@commands.command("disable")
def disable(login: str, database: Database = None) -> None:
    """Let nobody in by this account any more; whoever is in is out at once."""
    account_names.disable(store(database), login)
    typer.echo(_("{login} can no longer sign in.", login=login))


@commands.command("password")
def change_password(login: str, password_stdin: FromStdin = False, database: Database = None) -> None:
    """Give an account a new password; its sessions end."""
    account_names.set_password(store(database), login, password(password_stdin))
    typer.echo(_("{login} has a new password.", login=login))


def password(from_stdin: bool) -> str:
    """The password as it is typed twice, or as standard input has it."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    return typer.prompt(_("Password"), hide_input=True, confirmation_prompt=_("Repeat the password"))
