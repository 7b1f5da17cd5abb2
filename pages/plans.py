"""Plans: what the month asks of a region, its branches and their managers; whether the parts make the whole."""

import streamlit as st

from dashboard import boards, calendars, filters, need_views, plan_table, plan_views, planning, report, session
from dashboard.report import Part
from dashboard.words import _

viewer, today = session.viewer(), session.today()

head = st.container()
with filters.bar():
    month = filters.month(ahead=3)
    region = filters.region(viewer)
    branch = filters.any_branch(viewer, region)
    product = filters.product(viewer)
    tier = filters.tier(report.definitions(viewer, month.last, Part(region=region)))

if region is None:
    head.title(_("Plans"))
    boards.nobody()
    st.stop()

found = planning.gather(viewer, month, region, branch, product, tier)
with head:
    plan_views.title(viewer, found)

calendars.note(viewer, month)
sums = st.container()
typed = plan_table.editor(viewer, found, today)
with sums:
    plan_views.sums(found, typed)
need_views.of_typed(viewer, found, typed, today)
plan_views.grounds(found)
plan_views.history(viewer, found)
