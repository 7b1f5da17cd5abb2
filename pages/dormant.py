"""Dormant leads: how many whose, for how long; and closed, handed over or woken with a next step, many at once."""

import streamlit as st

from dashboard.customers import dormant_leads
from dashboard.pipeline import gather
from dashboard.shell import session
from dashboard.shell.language import _
from dashboard.shell.page_end import end_page
from dashboard.standing.part import Part
from dashboard.widgets import filters

viewer, today = session.viewer(), session.today()
board = gather.board(viewer, today)

st.title(_("Dormant leads"))
with filters.bar():
    branch = filters.any_branch(viewer)
    manager = filters.manager(viewer, set(board.of(Part(branch=branch)).dormant["manager"]))
    low, high = dormant_leads.silence()

st.caption(_("No next step due, and working days without contact: {number} or more.", number=board.rules.dormant_days))
found = dormant_leads.within(board.of(Part(branch=branch, manager=manager)).dormant, low, high)
if found.is_empty():
    st.info(_("No dormant leads here."))
    end_page()

dormant_leads.summary(viewer, found)
chosen = dormant_leads.choose(viewer, board, found)
dormant_leads.actions(viewer, found, chosen, today)
