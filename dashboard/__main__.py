"""The command line: python -m dashboard COMMAND. Exit code 0 done, 1 refused (a person can mend it), 2 unusable
call."""

import json
import logging
import sys

import typer
from pydantic import ValidationError

from dashboard.commands import (
    accounts,
    backups,
    customers,
    database,
    diagnoses,
    exports,
    imports,
    jobs,
    meetings,
    reports,
    serving,
)
from dashboard.commands.cli import cli
from dashboard.shell.language import _, say
from db.errors import StorageError

GROUPS = (
    serving,
    database,
    backups,
    imports,
    accounts,
    reports,
    exports,
    diagnoses,
    meetings,
    jobs,
    customers,
)  # each adds its commands to the root


def main() -> None:
    logging.basicConfig(level=logging.ERROR)  # a refusal is said in words below; the log's own lines are for the server
    try:
        cli()
    except ValidationError as error:  # of the settings, which come from the environment
        for one in error.errors():
            typer.echo(f"CHENXI_{one['loc'][0].upper()}: {_(one['msg'])}", err=True)
        sys.exit(2)
    except StorageError as error:
        typer.echo(say(error), err=True)
        if "--json" in sys.argv:  # a program reads one shape, whatever went wrong
            problem = {"sheet": None, "row": None, "column": None, "value": None, "problem": say(error)}
            typer.echo(json.dumps({"errors": [problem]}, ensure_ascii=False))
        sys.exit(1)
    except OSError as error:  # --xlsx, --csv or --errors leads where nothing can be written
        typer.echo(_("“{file}” cannot be written: {reason}", file=error.filename, reason=error.strerror), err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
