"""Import: bring an Excel file in, see every problem beside its cell, take the good rows or none, undo it later."""

import streamlit as st

from dashboard.imports import history, upload
from dashboard.shell import session
from dashboard.shell.language import _
from dashboard.widgets import filters

viewer = session.viewer()

st.title(_("Import"))
with filters.bar():
    kind = upload.kind(viewer)
    upload.template(viewer, kind)
upload.upload(viewer, kind)
history.earlier(viewer)
