"""One customer: who they are and whose, what they need and what they have, and everything that was done for them."""

import streamlit as st

from dashboard.customers import filing_form, forgetting_form, profile, unmasking
from dashboard.pipeline import callbacks
from dashboard.shell import session
from dashboard.shell.language import _, plain
from dashboard.shell.page_end import end_page
from dashboard.widgets import filters
from db.access import may
from db.customers import customers

viewer, today = session.viewer(), session.today()

found = customers.one(viewer, filters.identity("customer"))
if found.is_empty():
    st.title(_("Customer"))
    st.info(_(customers.NO_SUCH_CUSTOMER))
    profile.back()
    end_page()

customer = found.row(0, named=True)
st.title(plain(customer["customer_name"]))
callbacks.page_begins(viewer)
profile.about(viewer, customer)
unmasking.one(viewer, found)
filing_form.show(viewer, customer)
if may(viewer, "read_activity"):
    profile.needs(viewer, customer["customer"], today)
filing_form.held_before(viewer, customer["customer"])
profile.history(viewer, customer["customer"])
forgetting_form.show(viewer, customer["customer"], today)
profile.trail(viewer, customer["customer"])
profile.back()
