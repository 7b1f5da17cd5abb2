"""Pipeline: what is under way, what is due, what stands still or broke the procedure; and one tap to move it on."""

import streamlit as st

from dashboard import calendars, filters, pipeline_lists, pipelines, session, standings, taps
from dashboard.report import Part
from dashboard.words import _

viewer, today = session.viewer(), session.today()
board = pipelines.board(viewer, today)

st.title(_("Pipeline"))
with filters.bar():
    branch = filters.any_branch(viewer)
    manager = filters.manager(viewer, board.of(Part(branch=branch)).managers)
    alone = pipeline_lists.which()
taps.whole_page(drawn=False)

found = board.of(Part(branch=branch, manager=manager))
if found.table.is_empty():
    st.info(_("Nothing is under way here: an opportunity begins with a visit that names the customer and the product."))
    st.stop()

calendars.note(viewer, found.days, standings.soon(viewer, today))
pipeline_lists.strip(found)
pipeline_lists.sections(viewer, found, today, alone)
taps.whole_page(drawn=True)
pipeline_lists.about(found.rules)
