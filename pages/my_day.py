"""My day: what is done today against what the plan needs, the next entry, and today's rows."""

import streamlit as st

from dashboard import boards, entry, filters, session
from dashboard.words import _

viewer, today = session.viewer(), session.today()

head = st.container()
with filters.bar():
    manager = filters.manager(viewer, today)
    on = filters.on_day()
with head:
    boards.title(_("My day"), viewer, None, on)

if manager is None:
    boards.nobody()
    st.stop()

boards.today(viewer, on, manager)
if on == today:
    entry.form(viewer, manager)

st.subheader(_("Recorded this day"))
entry.rows(viewer, manager, on)
