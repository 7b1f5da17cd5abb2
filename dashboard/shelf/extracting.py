"""A note of a meeting put on the shelf with one tap."""

import streamlit as st

from dashboard.shell.language import _
from dashboard.widgets.saving import saving
from db.access import Viewer, covers
from db.meetings import shelf


def button(viewer: Viewer, branch: int, meeting: int, item: str, text: str, step: str | None = None) -> None:
    """For whoever runs the branch's meetings: the note of an item becomes an extracted method (萃取方法), which comes back
    as a lesson. `step` (codes.FUNNEL_STEPS) is the one it helps with. Nothing for everybody else, or for no note."""
    if not text.strip() or not covers(viewer, "run_meeting", region=viewer.region, branch=branch):
        return
    if st.button(
        _("Keep it as a method"), key=f"extract {meeting} {item} {hash(text)}", icon=":material/bookmark_add:"
    ):
        with saving(_("It is on the shelf.")):
            shelf.extract(viewer, meeting, item, text, step=step)
