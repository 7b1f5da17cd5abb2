"""Closing a branch's day at the end of its evening meeting."""

import streamlit as st

from dashboard.shell import clock
from dashboard.shell.language import _
from dashboard.standing.book import Book
from dashboard.widgets.saving import saving
from db.access import covers
from db.meetings import closing
from metrics.catalog import COUNTS


def results(book: Book) -> closing.Results:
    """What everyone promised and did by now, to be kept as the day's result."""
    return {
        row["manager"]: {one.name: (row[f"{one.name}_promise"], row[one.name]) for one in COUNTS}
        for row in book.reconciled().to_dicts()
    }


def button(book: Book, branch: int) -> None:
    """Whether the book's day is closed; for the branch head the way to close and to open it."""
    viewer, on = book.viewer, book.on
    closed = closing.closed(viewer, branch, on)
    if closed:
        st.caption(":material/lock: " + _("This day is closed: only the branch head can change its entries."))
    if not covers(viewer, "close_day", region=viewer.region, branch=branch):
        return
    if closed and st.button(_("Reopen the day")):
        with saving():
            closing.reopen_day(viewer, branch, on)
    if not closed and st.button(_("Close the day"), type="primary"):
        with saving():
            closing.close_day(viewer, branch, on, clock.today(), results(book))
