"""Customers for whoever holds the database."""

from typing import Annotated

import typer

from dashboard.commands.cli import Database, group, store
from dashboard.customers import forgetting
from dashboard.shell import clock
from dashboard.shell.store import operator

commands = group("customer", "Customers who ask to be forgotten.")


@commands.command("forget")
def forget(
    customer: int,
    reason: Annotated[str, typer.Option(help="Why; it stands in the audit trail, and names nobody.")],
    database: Database = None,
) -> None:
    """Strip name, phone and notes of a customer and keep the counts; backups that are put back forget them too."""
    done = forgetting.forget(operator(store(database)), customer, reason, clock.today())
    typer.echo(forgetting.said(*done))
