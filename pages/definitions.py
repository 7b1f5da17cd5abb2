"""Definitions: what the numbers mean here today, who changed it from which day, and what a change would do to this month."""

import streamlit as st

from dashboard import definition_forms, definition_history, session
from dashboard.words import _

viewer, today = session.viewer(), session.today()

st.title(_("Definitions"))
region = definition_history.region(viewer)
found = definition_history.stored(viewer, region)
definition_history.present(found, region, today)
definition_forms.form(viewer, found, today)
definition_history.history(found, region, today)
