"""Working days: which days of a year the bank works and why, who is on leave, and how the calendar is changed."""

from functools import partial

import streamlit as st

from dashboard.shell import session
from dashboard.shell.language import _
from dashboard.widgets import filters
from dashboard.workdays import calendar_form, calendar_view, leave_view
from db.access import may

viewer, today = session.viewer(), session.today()

st.title(_("Working days"))
with filters.bar():
    year = calendar_view.year(viewer, today)
calendar_view.note(viewer, year)

shown = {_("Calendar"): calendar_view.board}
if leave_view.concerns(viewer):
    shown[_("Leave")] = leave_view.board
if may(viewer, "manage_calendar"):
    shown[_("Change the calendar")] = calendar_form.board

session.tabs({label: partial(board, viewer, year, today) for label, board in shown.items()}, "working days")
