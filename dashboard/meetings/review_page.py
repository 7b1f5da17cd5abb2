"""The monthly and the quarterly review: one page in two lengths."""

import streamlit as st

from dashboard.meetings.content import contents
from dashboard.meetings.content.asked import Asked
from dashboard.meetings.run_mode import blocks_view, meeting
from dashboard.shell import session
from dashboard.shell.language import _
from dashboard.standing import boards
from dashboard.standing.book import open_book
from dashboard.standing.part import Part
from dashboard.widgets import filters
from dashboard.workdays import meeting_day
from db.meetings import agenda


def show(kind: str) -> None:
    """The meeting where one runs; else every item of it, as far as the data fill it."""
    viewer = session.viewer()
    head = st.container()
    with filters.bar():
        branch = filters.branch(viewer)
        on = meeting_day.choose(viewer)
        measure = filters.measure()
    with head:
        boards.title(_(agenda.NAMES[kind]), viewer, branch, on)
    book = open_book(viewer, on, Part(branch=branch))
    if branch is None or book.day().people.is_empty():
        boards.nobody()
        return
    asked = Asked(book, kind, measure)
    meeting.show(asked)
    if boards.no_log(book):
        return
    for one in agenda.read(viewer, branch, kind, on):
        blocks = contents.blocks(asked, one.key) if one.held else ()
        if blocks:
            st.subheader(_(one.title))
            blocks_view.show(blocks)
