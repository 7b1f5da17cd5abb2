"""All that a meeting shows, as text to compare."""

from datetime import date

import polars as pl

from dashboard.penetration.tables import Penetration
from dashboard.pipeline import gather
from dashboard.standing.book import open_book
from dashboard.standing.part import Part
from db.access import Viewer
from db.meetings import closing
from metrics import periods
from tests.support.builders import EAST


def everything(viewer: Viewer, on: date) -> str:
    """The book of the viewer's part of the bank, its pipeline, and whether its day is closed."""
    return repr([*(one.to_dicts() for one in frames(viewer, on)), closed(viewer, on)])


def with_penetration(viewer: Viewer, on: date) -> str:
    """The same, and penetration by manager."""
    held = Penetration(viewer, on, part=Part(branch=viewer.branch)).table(["branch", "manager"])
    return everything(viewer, on) + repr(held.to_dicts())


def closed(viewer: Viewer, on: date) -> bool:
    return closing.closed(viewer, viewer.branch if viewer.branch is not None else EAST, on)


def frames(viewer: Viewer, on: date) -> tuple[pl.DataFrame, ...]:
    book, found = open_book(viewer, on, Part(branch=viewer.branch)), gather.board(viewer, on)
    month = book.month()
    plans = book.frames(month.period).plans
    promised = book.reconciled(), book.reconciled(periods.week(on))
    return month.table, book.promised(), *promised, plans, found.table, found.breaches
