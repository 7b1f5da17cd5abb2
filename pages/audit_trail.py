"""Audit trail: who signed in, saw, changed, was refused or took something away; and whether the record is whole."""

import streamlit as st

from dashboard.audit import trail_view
from dashboard.shell import session
from dashboard.shell.language import _
from dashboard.widgets import filters

viewer = session.viewer()

st.title(_("Audit trail"))
with filters.bar():
    first, last = filters.days(trail_view.latest_day(viewer))
    action = trail_view.action()
    account = st.text_input(_("Account"), key="trail account", placeholder=_("all"), max_chars=60)

found = trail_view.entries(viewer, first, last, account.strip() or None, action)
if found.is_empty():
    st.info(_("Nothing was recorded in these days."))
else:
    trail_view.table(viewer, found)
    trail_view.download(viewer, found, {"from": first, "to": last, "account": account, "action": action})

trail_view.verification(viewer)
