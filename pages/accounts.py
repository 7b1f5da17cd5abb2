"""Accounts: who may sign in and as what; who works where, transfers and leaving included."""

import streamlit as st

from dashboard import account_forms, people_forms, session
from dashboard.words import _

viewer = session.viewer()

st.title(_("Accounts"))
accounts, people = st.tabs([_("Accounts"), _("People and postings")])
with accounts:
    account_forms.handed_over()
    account_forms.table(viewer)
    account_forms.change(viewer)
    account_forms.add(viewer)
with people:
    people_forms.table(viewer)
    people_forms.move(viewer)
    people_forms.hire(viewer)
    people_forms.branch(viewer)
