"""Closing a branch's day at the end of its evening meeting."""

from datetime import date

import streamlit as st

from dashboard import clock, notices
from dashboard.words import _
from db import meetings
from db.access import Viewer, covers
from db.errors import StorageError


def button(viewer: Viewer, branch: int, on: date) -> None:
    """Whether the day is closed; for the branch head the way to close and to open it."""
    closed = meetings.closed(viewer, branch, on)
    if closed:
        st.caption(":material/lock: " + _("This day is closed: its rows are changed by the branch head alone."))
    if not covers(viewer, "close_day", region=viewer.region, branch=branch):
        return
    try:
        if closed and st.button(_("Open the day again")):
            meetings.reopen_day(viewer, branch, on)
            st.rerun()
        if not closed and st.button(_("Close the day"), type="primary"):
            meetings.close_day(viewer, branch, on, clock.today())
            st.rerun()
    except StorageError as error:
        notices.refused(error)
