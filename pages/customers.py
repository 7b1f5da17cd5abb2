"""Customers: whose is this one, found by name, phone or its last four digits; merged, handed over, seen whole with a
reason."""

import streamlit as st

from dashboard.customers import form, unmasking
from dashboard.shell import session
from dashboard.shell.language import _
from dashboard.shell.page_end import end_page
from db.customers import customers

viewer = session.viewer()

st.title(_("Customers"))
wanted = st.text_input(
    _("Name, phone, or its last four digits"), key="wanted customer", placeholder=_("the latest ones"), max_chars=60
)

found = customers.search(viewer, wanted)
if found.is_empty():
    st.info(_("No customer of that name or number within your scope."))
    end_page()

unmasking.table(found)
unmasking.one(viewer, found)
form.forms(viewer, found)
if not wanted:
    form.equal_names(viewer)
