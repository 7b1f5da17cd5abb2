"""Closing a branch's day at the end of its evening meeting."""

from datetime import date

import streamlit as st

from dashboard.shell import clock
from dashboard.shell.language import _
from dashboard.widgets.saving import saving
from db.access import Viewer, covers
from db.meetings import closing


def button(viewer: Viewer, branch: int, on: date) -> None:
    """Whether the day is closed; for the branch head the way to close and to open it."""
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
            closing.close_day(viewer, branch, on, clock.today())
