"""The log's own page: who recorded what when, every correction, and for the branch head the rows of a closed day."""

import streamlit as st

from dashboard import correcting, filters, logs, session
from dashboard.words import _
from db import activity_log

viewer, today = session.viewer(), session.today()

st.title(_("Activity log"))
with filters.bar():
    branch = filters.any_branch(viewer)
    manager = logs.manager(viewer, branch)
    first, last = filters.days(today)

found = activity_log.read(viewer, first, last, branch, manager, logs.AT_ONCE)
if found.is_empty():
    st.info(_("Nothing was recorded for these days."))
else:
    logs.table(viewer, found)
    logs.history(viewer, found)

if manager is not None and first == last:
    correcting.of_day(viewer, manager, last)
