"""Audit trail: who signed in, saw, changed, was refused or took something away; and whether the record is whole."""

import streamlit as st

from dashboard import filters, session, trails
from dashboard.words import _

viewer = session.viewer()

st.title(_("Audit trail"))
with filters.bar():
    first, last = filters.days(trails.latest_day(viewer))
    action = trails.action()
    account = st.text_input(_("Account"), key="trail account", placeholder=_("all"), max_chars=60)

found = trails.entries(viewer, first, last, account.strip() or None, action)
if found.is_empty():
    st.info(_("Nothing was recorded in these days."))
else:
    trails.table(found)
    trails.download(viewer, found, {"from": first, "to": last, "account": account, "action": action})

trails.verification(viewer)
