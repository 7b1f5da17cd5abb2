"""Import: bring an Excel file in, see every problem beside its cell, take the good rows or none, undo it later."""

import streamlit as st

from dashboard import batches, filters, session, uploads
from dashboard.words import _

viewer = session.viewer()

st.title(_("Import"))
with filters.bar():
    kind = uploads.kind(viewer)
    uploads.template(viewer, kind)
uploads.bring(viewer, kind)
batches.earlier(viewer)
