"""Working days: which days of a year the bank works and why, who is on leave, and how the calendar is changed."""

import streamlit as st

from dashboard import calendar_forms, calendars, filters, leave, session
from dashboard.words import _
from db.access import may

viewer, today = session.viewer(), session.today()

st.title(_("Working days"))
with filters.bar():
    year = calendars.year(viewer, today)
calendars.note(viewer, year)

shown = {_("Calendar"): calendars.board}
if leave.concerns(viewer):
    shown[_("Leave")] = leave.board
if may(viewer, "manage_calendar"):
    shown[_("Change the calendar")] = calendar_forms.board

for tab, board in zip(st.tabs(list(shown)), shown.values(), strict=True):
    with tab:
        board(viewer, year, today)
