"""Audit trail: who signed in, saw, changed, was refused or took something away; and whether the record is whole."""

import streamlit as st

from dashboard.audit import trail_view
from dashboard.shell import session
from dashboard.shell.language import _
from dashboard.widgets import filters
from db.audit.trail import Wanted

viewer = session.viewer()

st.title(_("Audit trail"))
with filters.bar():
    first, last = filters.days(trail_view.latest_day(viewer))
    action = trail_view.action()
    account = st.text_input(_("Person"), key="trail account", placeholder=_("Name or sign-in name"), max_chars=60)
    customer = trail_view.customer(viewer)

account = account.strip() or None
trail_view.show(viewer, Wanted(first, last, account, action, customer))
trail_view.verification(viewer)
