"""Plans: what the month asks of a region, its branches and their managers; whether the parts make the whole."""

import streamlit as st

from dashboard.plans import demand, gather, table, views
from dashboard.shell import session
from dashboard.shell.language import _
from dashboard.shell.page_end import end_page
from dashboard.standing import bank_rules, boards
from dashboard.standing.part import Part
from dashboard.widgets import filters
from dashboard.workdays import calendar_view

viewer, today = session.viewer(), session.today()

head = st.container()
with filters.bar():
    month = filters.month(ahead=3)
    region = filters.region(viewer)
    branch = filters.any_branch(viewer, region)
    product = filters.product(viewer)
    tier = filters.tier(bank_rules.definitions(viewer, month.last, Part(region=region)))

if region is None:
    head.title(_("Plans"))
    boards.nobody()
    end_page()

found = gather.gather(viewer, month, region, branch, product, tier)
with head:
    views.title(viewer, found)

calendar_view.note(viewer, month)
sums = st.container()
typed = table.editor(viewer, found, today)
with sums:
    views.sums(found, typed)
demand.of_edited(viewer, found, typed, today)
views.grounds(found)
views.history(viewer, found)
