"""Accounts: who may sign in and as what; who works where, transfers and leaving included."""

import streamlit as st

from dashboard.people import account_form, first_steps, staff_form
from dashboard.shell import session
from dashboard.shell.language import _

viewer = session.viewer()

st.title(_("Accounts"))
first_steps.show(viewer)
accounts, people = st.tabs([_("Accounts"), _("People and postings")])
with accounts:
    account_form.show_new_password()
    account_form.everybody(viewer)
    account_form.table(viewer)
    account_form.change(viewer)
    account_form.add(viewer)
with people:
    staff_form.table(viewer)
    staff_form.move(viewer)
    staff_form.hire(viewer)
    staff_form.branch(viewer)
