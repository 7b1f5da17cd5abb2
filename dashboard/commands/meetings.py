"""Minutes from the command line: as JSON, Word, PDF or one picture, masked as for the screen of a meeting room."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from dashboard.commands.cli import Database, Json, day, store
from dashboard.commands.reports import commands
from dashboard.meetings import minutes, report
from dashboard.meetings.content.asked import Asked
from dashboard.shell.store import operator
from dashboard.standing.book import open_book
from dashboard.standing.part import Part, find_part
from db.access import Viewer
from db.audit import trail
from db.codes import MEETINGS
from db.meetings import agenda
from db.people import people
from metrics.periods import Period


def asked_for(url: str | None, kind: str, branch: str, on: str) -> Asked:
    """The meeting, as whoever looks at the branch's screen sees it."""
    whole, held_on = operator(store(url)), day(on)
    if not 2000 <= held_on.year <= 2100:
        raise typer.BadParameter("the day lies between 2000 and 2100", param_hint="--on")
    found = find_part(whole, None, branch, None, Period(held_on, held_on)).branch
    places = dict(people.branches(whole).select("branch", "region").iter_rows())
    viewer = Viewer(whole.store, whole.account, "screen", places[found], found)
    return Asked(open_book(viewer, held_on, Part(branch=found)), kind)


def put_out(asked: Asked, as_json: bool, files: dict[str, Path | None]) -> None:
    """As JSON, as files, or, where neither is asked for, what it holds in a few lines."""
    if as_json:
        typer.echo(json.dumps(report.as_report(asked), ensure_ascii=False))
    made = minutes.document(asked)
    for name, path in files.items():
        if path is not None:
            path.write_bytes(DRAWN[name]()(made))
            about = {"kind": agenda.trail_code(asked.kind), "on": asked.book.on.isoformat(), "branch": asked.branch}
            trail.exported(operator(asked.book.viewer.store), "minutes", about, len(made.sections))
    if not as_json and not any(files.values()):
        typer.echo(made.title)
        for section in made.sections:
            typer.echo(f"· {section.title}")


def add(kind: str) -> None:
    """The command of one kind of meeting."""

    @commands.command(kind, help=f"The minutes of a branch's {kind} meeting, held or not.")
    def command(
        branch: Annotated[str, typer.Option(help="The branch, by name.")],
        on: Annotated[str, typer.Option("--on", help="The day, or one of the week, month or quarter.")],
        as_json: Json = False,
        docx: Path | None = None,
        pdf: Path | None = None,
        png: Path | None = None,
        database: Database = None,
    ) -> None:
        put_out(asked_for(database, kind, branch, on), as_json, {"docx": docx, "pdf": pdf, "png": png})


def word_renderer() -> Callable:
    from dashboard.documents.word import docx

    return docx


def pdf_renderer() -> Callable:
    from dashboard.documents.typeset import pdf

    return pdf


def png_renderer() -> Callable:
    from dashboard.documents.typeset import png

    return png


DRAWN = {"docx": word_renderer, "pdf": pdf_renderer, "png": png_renderer}

for one in MEETINGS:
    add(one)
