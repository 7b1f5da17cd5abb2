"""What is written down about an item: one's own text, and what others wrote beside it."""

from functools import partial

import polars as pl
import streamlit as st
from markupsafe import Markup

from dashboard.meetings.content.asked import Asked
from dashboard.meetings.run_mode import own_text
from dashboard.shelf import extracting
from dashboard.shell import session
from dashboard.shell.language import _
from db.access import Viewer
from db.meetings import held, notes
from db.meetings.held import Held

WORTH_KEEPING = ("success", "kept", "lesson", "review", "cases")  # items whose notes may become a method
OTHERS = Markup('<div class="cx-others"><small>{}</small>{}</div>')


@session.part
def show(viewer: Viewer, asked: Asked, meeting: Held, item: str) -> None:
    """Kept while it is typed. Ctrl+Enter sends the note and takes up the next item in one message, which runs this part
    alone: the rest of the page follows."""
    written = held.notes(viewer, meeting.meeting, asked.branch).filter(pl.col("item") == item)
    own = notes.author_now(viewer)
    mine = written.filter(pl.col("author") == own)["text"]
    stored = mine[0] if len(mine) else ""
    write = partial(notes.write_note, viewer, meeting.meeting, item)
    own_text.field(f"{meeting.meeting} {item}", stored, _("Notes"), _("Notes: kept while you type"), write)
    now = asked.held() if session.alone() else meeting
    if now is None or now.item != meeting.item:
        st.rerun()
    if item in WORTH_KEEPING:
        extracting.button(viewer, asked.branch, meeting.meeting, item, stored)
    for row in written.filter(pl.col("author") != own).to_dicts():
        st.html(OTHERS.format(row["author"], row["text"]))
