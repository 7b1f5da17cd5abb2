"""Accounts: who may sign in and as what; who works where, transfers and leaving included."""

from functools import partial

import streamlit as st

from dashboard.people import account_form, first_steps, staff_form
from dashboard.shell import session
from dashboard.shell.language import _

viewer = session.viewer()

st.title(_("Accounts"))
first_steps.show(viewer)
shown = {_("Accounts"): account_form.board, _("People and postings"): staff_form.board}
session.tabs({label: partial(board, viewer) for label, board in shown.items()}, "people")
