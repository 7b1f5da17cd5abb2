"""A day off: nothing is promised and nothing is closed, unless somebody says that the branch works."""

from datetime import date

import streamlit as st

from dashboard.shell.language import _
from dashboard.widgets.saving import saving
from db.access import Viewer, covers
from db.meetings import days_off


def works(viewer: Viewer, branch: int, on: date) -> bool:
    """Whether the branch works on the day; where it does not, that is said, and the branch head can say otherwise."""
    if days_off.works(viewer, branch, on):
        return True
    st.info(_("A day off: nothing is promised or closed."))
    if covers(viewer, "close_day", region=viewer.region, branch=branch) and st.button(_("We work on this day")):
        with saving():
            days_off.say_works(viewer, branch, on)
    return False
