"""My day: what is done today against what the plan needs, the next entry, and today's rows."""

import streamlit as st

from dashboard import boards, entry, filters, session
from dashboard.words import _

viewer, today = session.viewer(), session.today()

head = st.container()
with filters.bar():
    on = filters.on_day()
with head:
    boards.title(_("My day"), viewer, None, on)

boards.today(viewer, on, viewer.manager)
if on == today:
    entry.form(viewer, viewer.manager)

st.subheader(_("Recorded this day"))
entry.rows(viewer, viewer.manager, on)
