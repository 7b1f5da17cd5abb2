"""Branches: who is behind his plan, who works how much, whose conversion differs for more than chance, and penetration."""

import streamlit as st

from dashboard import boards, calendars, charts, filters, session, standings
from dashboard.report import Part
from dashboard.words import _, plain
from metrics.catalog import CONVERSION_RATE, FUNNEL

viewer, today = session.viewer(), session.today()

st.title(_("Branches"))
with filters.bar():
    month = filters.month()
    branch = filters.any_branch(viewer)
    measure = filters.measure()

region = standings.of_period(viewer, month, today, Part(), ["branch"])
if region.people.is_empty():
    boards.nobody()
    st.stop()

calendars.note(viewer, month)
boards.headline(region)
boards.table(viewer, region, measure, drill=True)
boards.download(viewer, region)

if branch is not None:
    st.subheader(_("Managers of {place}", place=plain(filters.name_of(viewer, branch))))
    managers = standings.of_period(viewer, month, today, Part(branch=branch), ["manager"])
    boards.table(viewer, managers, measure)

boards.by_product(viewer, region, Part(branch=branch), measure)
st.subheader(_("Activity and conversion"))
boards.activity(viewer, region, ["branch"])
left, right = st.columns(2)
with left:
    st.subheader(_("Conversion rate with its limits"))
    named = standings.with_names(viewer, region.table)
    charts.show(
        charts.intervals(named, CONVERSION_RATE, "branch_name", region.total), _("Conversion rate with its limits")
    )
with right:
    st.subheader(_("Penetration"))
    boards.penetration(viewer, min(month.last, today))

st.subheader(_("Product penetration"))
boards.products(viewer, min(month.last, today))
boards.about(FUNNEL, region.rules, region.earlier)
