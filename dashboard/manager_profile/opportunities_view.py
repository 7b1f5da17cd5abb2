"""Where in the procedure their opportunities stand, and how long they stay at each step."""

from datetime import date

import polars as pl
import streamlit as st

from dashboard.pipeline import gather, lists
from dashboard.shell.language import _, word
from dashboard.standing.book import Book
from dashboard.standing.part import Part
from dashboard.widgets import formats, grids
from db.calendar import calendar
from db.pipeline import opportunities
from metrics import pipeline

PIPELINE = "pipeline"  # the page


def show(book: Book, today: date) -> None:
    """Those open now by step, and for how many working days those that moved on had stayed, beside the branch's."""
    st.subheader(_("Where their opportunities stay"))
    found = gather.board(book.viewer, today, book.part)
    if found.table.is_empty():
        st.caption(_("No opportunity yet."))
        return
    lists.strip(found, PIPELINE, branch=book.part.branch, manager=book.part.manager)
    columns = [
        grids.Column(_("Step"), lambda row: word(row["step"]), left=True),
        grids.number("left", _("Moved on"), help=_("opportunities that have left the step")),
        grids.Column(_("Working days there"), lambda row: days(row["stay"]), _("median")),
    ]
    table = stays(book, today, found)
    if "branch_stay" in table.columns:
        columns.append(grids.Column(_("In the branch"), lambda row: days(row["branch_stay"]), _("median")))
    if table.height:
        grids.show(table, columns)


def stays(book: Book, today: date, found: gather.Board) -> pl.DataFrame:
    """metrics.pipeline.stay_by_step of theirs, and for who sees the branch `branch_stay`."""
    viewer, branch = book.viewer, Part(branch=book.part.branch)

    def of(part: Part) -> pl.DataFrame:
        theirs = gather.board(viewer, today, part).table
        return pipeline.stay_by_step(opportunities.log_of(viewer, theirs), calendar.read(viewer, found.days))

    def read() -> pl.DataFrame:
        own = of(book.part)
        if viewer.manager is not None:
            return own
        beside = of(branch).select("step", branch_stay="stay")
        return own.join(beside, on="step", how="left", maintain_order="left")

    return viewer.cached("stays", book.part, today, read=read)


def days(value: float | None) -> str:
    return formats.NOTHING if value is None else formats.number_short(value)
