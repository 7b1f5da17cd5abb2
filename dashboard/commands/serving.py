"""Serving the pages, on one's own database or on the demo's."""

from typing import Annotated, Literal

import typer

from dashboard.commands.cli import Database, New, cli, store
from dashboard.shell.language import _
from db.accounts import accounts

Size = Annotated[
    Literal["branch", "region"],
    typer.Option(help="branch: 8 branches, 14 months; region: 50 branches, a year of 2.1 million rows."),
]


@cli.command()
def run(database: Database = None, port: int = 8501, address: str = "127.0.0.1", new: New = False) -> None:
    """Serve the pages on a database of your own; --new begins one, --address 0.0.0.0 opens them to the network."""
    from dashboard.web.server import serve

    own = store(database, new)
    if not accounts.exist(own):
        typer.echo(_("Nobody can sign in yet: python -m dashboard account add admin --role administrator"))
    serve(own.url, address, port, demo=False)


@cli.command()
def demo(
    port: int = 8501,
    address: str = "127.0.0.1",
    size: Size = "branch",
) -> None:
    """Fill a database in var/ with a believable region and serve it."""
    from dashboard.commands import demo as demos
    from dashboard.web.server import serve

    url = demos.fill(demos.Size(size))
    typer.echo(_("No password is needed: the sign-in page lists the people of the region, to enter as any of them."))
    serve(url, address, port, demo=True)
