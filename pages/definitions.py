"""Definitions: what the numbers mean here today, who changed it from which day, and what a change would do to this
month."""

import streamlit as st

from dashboard.definitions import form, history
from dashboard.shell import session
from dashboard.shell.language import _

viewer, today = session.viewer(), session.today()

st.title(_("Definitions"))
region = history.region(viewer)
found = history.stored(viewer, region)
history.present(found, region, today)
form.form(viewer, found, today)
history.history(found, region, today)
