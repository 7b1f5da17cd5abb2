"""The log's own page: who recorded what when, every correction, and for the branch head the rows of a closed day."""

import streamlit as st

from dashboard.activity import correcting, log_view
from dashboard.shell import session
from dashboard.shell.language import _
from dashboard.widgets import filters
from db.log import entry_history

viewer, today = session.viewer(), session.today()

st.title(_("Activity log"))
with filters.bar():
    branch = filters.any_branch(viewer)
    manager = log_view.manager(viewer, branch)
    first, last = filters.days(today, log_view.linked_days(today))
    kind, way, product = log_view.kind(), log_view.way(), log_view.product(viewer)

found = entry_history.read(viewer, first, last, branch, manager, log_view.AT_ONCE, kind, way, product)
if found.is_empty():
    st.info(_("Nothing was recorded for these days."))
else:
    log_view.table(viewer, found)
    log_view.history(viewer, found)

if manager is not None and first == last:
    correcting.of_day(viewer, manager, last)
