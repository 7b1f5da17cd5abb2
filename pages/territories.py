"""Territories: how many customers each may hold, who looks after it, and how far it is penetrated."""

import streamlit as st

from dashboard.penetration import territories_view
from dashboard.shell import session
from dashboard.shell.language import _
from dashboard.standing import boards
from dashboard.widgets import filters

viewer = session.viewer()

head = st.container()
with filters.bar():
    branch = filters.any_branch(viewer)
    on = filters.through()
with head:
    boards.place_title(_("Territories"), viewer, branch)

territories_view.show(viewer, on, branch)
