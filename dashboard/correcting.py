"""For whoever may change a manager's rows: the rows of one day, and what he forgot."""

from datetime import date

import streamlit as st

from dashboard import day_rows, entry
from dashboard.words import _
from db import people
from db.access import Viewer, covers


def of_day(viewer: Viewer, manager: int, on: date) -> None:
    """The day's rows to be mended, and an entry in the manager's name; nothing for those who only look."""
    place = people.branch_on(viewer.store, manager, on)
    if place is None or not covers(viewer, "correct_activity", region=place[0], branch=place[1], manager=manager):
        return
    st.subheader(_("Change this day's rows"))
    day_rows.show(viewer, manager, on)
    if viewer.manager is None:
        with st.expander(_("Enter what he forgot")):
            entry.form(viewer, manager, place[1])
