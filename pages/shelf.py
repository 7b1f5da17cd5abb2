"""Shelf: what is new, what the bank wants, and what can be learned from others; read anywhere, also on the phone."""

import streamlit as st

from dashboard.shelf import entries
from dashboard.shell import session
from dashboard.shell.language import _

viewer, today = session.viewer(), session.today()

st.title(_("Cases and knowledge"))
found = entries.choose(viewer, today)
entries.writing(viewer, today)
entries.show(viewer, found, today)
