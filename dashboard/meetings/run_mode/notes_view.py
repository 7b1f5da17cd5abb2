"""What is written down about an item: one's own text, and what others wrote beside it."""

import polars as pl
import streamlit as st
from markupsafe import Markup

from dashboard.meetings.content.asked import Asked
from dashboard.shelf import extracting
from dashboard.shell import session
from dashboard.shell.language import _, plain
from dashboard.widgets import notices
from dashboard.widgets.components import note_field
from dashboard.widgets.components.note_field import Typed
from db.access import Viewer
from db.errors import Refused
from db.meetings import held, notes
from db.meetings.held import Held
from db.privacy import validate_text

WORTH_KEEPING = ("success", "kept", "lesson", "review", "cases")  # items whose notes may become a method
OTHERS = Markup('<div class="cx-others"><small>{}</small>{}</div>')


@session.part
def show(viewer: Viewer, asked: Asked, meeting: Held, item: str) -> None:
    """Kept while it is typed. Where the same person wrote something else on another device, both texts are shown."""
    written = held.notes(viewer, meeting.meeting, asked.branch).filter(pl.col("item") == item)
    own = notes.author_now(viewer)
    mine = written.filter(pl.col("author") == own)["text"]
    stored = mine[0] if len(mine) else ""
    key = f"{meeting.meeting} {item}"

    def save(typed: Typed) -> bool:
        with notices.refusals() as outcome:
            try:
                notes.write_note(viewer, meeting.meeting, item, typed.text, typed.base)
            except Refused:  # said below, for as long as the text stands
                return False
        return outcome.refused is None

    refused = note_field.note(key, stored, _("Notes"), _("Notes: kept while you type"), save)
    if refused is not None and refused.base != stored:
        both(viewer, meeting, item, key, refused, stored)
    elif refused is not None:
        with notices.refusals():
            validate_text(refused.text)
    if item in WORTH_KEEPING:
        extracting.button(viewer, asked.branch, meeting.meeting, item, stored)
    for row in written.filter(pl.col("author") != own).to_dicts():
        st.html(OTHERS.format(row["author"], row["text"]))


def both(viewer: Viewer, meeting: Held, item: str, key: str, refused: Typed, stored: str) -> None:
    """The text that stands here, and the one that was written on another device: one of them is chosen."""
    st.warning(_("You changed this note on another device meanwhile: both texts are shown."))
    left, right = st.columns(2)
    with left:
        st.caption(_("Here"))
        st.text(refused.text)
        if st.button(_("Keep this one"), key=f"here {key}"):
            with notices.refusals() as outcome:
                notes.write_note(viewer, meeting.meeting, item, refused.text, stored)
            if outcome.refused is None:
                note_field.settled(key)
                st.rerun(scope="fragment")
    with right:
        st.caption(_("On the other device"))
        st.text(plain(stored) if stored else _("nothing"))
        if st.button(_("Keep this one"), key=f"there {key}"):
            note_field.drop(key)
            st.rerun(scope="fragment")
