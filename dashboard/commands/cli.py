"""python -m dashboard COMMAND. Exit code 0 done, 1 refused (a person can mend it), 2 unusable call."""

from datetime import date
from typing import Annotated

import typer

from dashboard.shell.language import speak
from dashboard.shell.settings import settings
from dashboard.shell.store import open_store
from db.engine import Store
from db.store import connecting

cli = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help=__doc__)

PATIENCE = 12  # times as long as a person a command waits for its turn to write: nobody looks at it
Database = Annotated[str | None, typer.Option("--database", help="Database URL; else DATABASE_URL.")]
New = Annotated[bool, typer.Option("--new", help="Begin a new, empty bank where there is none yet.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def group(name: str, about: str) -> typer.Typer:
    """A group of commands below the root."""
    added = typer.Typer(no_args_is_help=True, help=about)
    cli.add_typer(added, name=name)
    return added


def store(url: str | None, new: bool = False) -> Store:
    opened = open_store(url, new)
    opened.patience = PATIENCE * connecting.BUSY_SECONDS
    return opened


def day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"“{text}” is not a day: write 2026-11-20") from None


def given_keys(by: list[str] | None) -> list[str]:
    """The keys of --by, given one at a time or with commas between."""
    return [key for given in by or [] for key in given.split(",")]


@cli.callback()
def language(lang: Annotated[str | None, typer.Option(help="zh or en; else CHENXI_LANG.")] = None) -> None:
    speak(lang or settings().lang)
