"""What is kept: of whom, how much, since when and for how long, and who saw a customer in full."""

import streamlit as st

from dashboard.retention import kept_view
from dashboard.shell import session
from dashboard.shell.language import _

viewer = session.viewer()

st.title(_("What is kept"))
kept_view.table(viewer)
kept_view.who_saw(viewer)
