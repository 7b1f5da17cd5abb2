"""Visiting day: who goes where with whom, whom they visit, and what it brought beside a normal day."""

import streamlit as st

from dashboard.shell import session
from dashboard.shell.language import _
from dashboard.shell.page_end import end_page
from dashboard.standing import boards
from dashboard.visiting import board, form, gather, mine
from dashboard.widgets import filters
from db.access import covers

viewer, today = session.viewer(), session.today()

st.title(_("Visiting day"))
with filters.bar():
    branch = filters.branch(viewer)
    days = board.days(viewer, branch, today)
    chosen = board.choose(days, today)
if branch is None:
    boards.nobody()
    end_page()

may_plan = covers(viewer, "plan_visiting", region=viewer.region, branch=branch)
if chosen is None:
    st.info(_("No visiting day is planned."))
elif chosen["cancelled"]:
    board.cancelled(chosen)
else:
    outing = gather.outing(viewer, chosen)
    board.facts(viewer, outing)
    board.groups(viewer, outing)
    if viewer.manager is not None:
        mine.show(viewer, outing, today)
    if outing.day["day"] <= today:
        board.brought(viewer, outing)
    if may_plan and outing.day["day"] >= today:
        form.cancel(viewer, outing.day, today)
if may_plan:
    form.show(viewer, branch, days, today)
