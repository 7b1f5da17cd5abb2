"""The work of the day, for a timer of the operating system."""

import typer

from dashboard.audit import anchoring
from dashboard.commands.cli import Database, cli, store
from dashboard.delivery import deliver
from dashboard.retention import deleting as retention
from dashboard.shell import jobs
from dashboard.shell.language import _
from dashboard.summaries import summaries

FEATURES = (anchoring, deliver, summaries, retention)  # each registers its jobs, besides those of the shell


@cli.command()
def tick(database: Database = None) -> None:
    """Do the jobs that are due, such as hand-overs whose day has come; each is done by one process at a time."""
    done = jobs.tick(store(database))
    typer.echo(_("Done: {jobs}", jobs=", ".join(done)) if done else _("Nothing is due."))
