"""Pipeline: what is under way, what is due, what stands still or broke the procedure; and one tap to move it on."""

import streamlit as st

from dashboard import filters, moving, pipelines, session
from dashboard.report import Part
from dashboard.words import _

viewer, today = session.viewer(), session.today()
board = pipelines.board(viewer, today)

st.title(_("Pipeline"))
with filters.bar():
    branch = filters.some_branch(viewer)
    manager = filters.manager(viewer, board.of(Part(branch=branch)).managers)
    alone = moving.which()
moving.news(viewer)

found = board.of(Part(branch=branch, manager=manager))
if found.table.is_empty():
    st.info(_("Nothing is under way here: an opportunity begins with a visit that names the customer and the product."))
    st.stop()

moving.strip(found)
moving.sections(viewer, found, today, alone)
moving.about(found.rules)
