"""Customers: whose is this one, found by name, phone or its last four digits; whole only for those who look after him."""

import streamlit as st

from dashboard import session, unmasking
from dashboard.words import _
from db import customers

viewer = session.viewer()

st.title(_("Customers"))
wanted = st.text_input(
    _("Name, phone, or its last four digits"), key="wanted customer", placeholder=_("the latest ones"), max_chars=60
)

found = customers.search(viewer, wanted)
if found.is_empty():
    st.info(_("No customer of that name or number within your scope."))
    st.stop()

unmasking.table(found)
unmasking.one(viewer, found)
