"""Pipeline: what is under way, what is due, what stands still or broke the procedure; and one tap to move it on."""

import streamlit as st

from dashboard.pipeline import callbacks, gather, lists
from dashboard.shell import session
from dashboard.shell.language import _
from dashboard.shell.page_end import end_page
from dashboard.standing.part import Part
from dashboard.widgets import filters
from dashboard.workdays import calendar_view, working_days

viewer, today = session.viewer(), session.today()

st.title(_("Pipeline"))
with filters.bar():
    branch = filters.any_branch(viewer)
    manager = filters.manager(viewer, gather.board(viewer, today, Part(branch=branch)).managers)
    alone = lists.which()
callbacks.page_begins(viewer)

found = gather.board(viewer, today, Part(branch=branch, manager=manager))
if found.table.is_empty():
    st.info(_("No open opportunities here: one begins with a visit that names the customer and the product."))
    end_page()

calendar_view.note(viewer, found.days, working_days.soon(viewer, today))
lists.strip(found)
lists.sections(viewer, found, today, alone)
lists.about(found.rules)
