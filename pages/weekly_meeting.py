"""Weekly meeting: the week's plan against actual, and each manager's activity and conversion over eight weeks."""

import streamlit as st

from dashboard import boards, calendars, charts, filters, grids, session, standings
from dashboard.report import Part
from dashboard.words import _
from metrics import periods
from metrics.catalog import CONVERSION_RATE, COUNTS, FUNNEL, RATES

viewer = session.viewer()

head = st.container()
with filters.bar():
    branch = filters.branch(viewer)
    on = filters.on_day()
    measure = filters.measure()
with head:
    boards.title(_("Weekly meeting"), viewer, branch, on)

part = Part(branch=branch)
week = standings.of_period(viewer, periods.week(on), on, part, ["manager"])
if week.people.is_empty():
    boards.nobody()
    st.stop()

calendars.note(viewer, week.period)
st.subheader(_("The week: {days}", days=boards.span(week.period)))
boards.headline(week)
boards.table(viewer, week, measure)

eight = standings.of_period(viewer, periods.weeks_back(on, 8), on, part, ["manager"])
weekly = standings.of_period(viewer, eight.period, on, part, ["week"])
left, right = st.columns(2)
with left:
    st.subheader(_("Eight weeks, from consultation to deal"))
    charts.show(charts.funnel(eight.total), _("Funnel"))
with right:
    st.subheader(_("Week by week"))
    charts.show(charts.trend(weekly.table, COUNTS), _("Trend"))

st.subheader(_("Activity and conversion in eight weeks"))
people = standings.with_names(viewer, eight.table)
history = standings.by_week(viewer, eight.period, part)
numbers = [grids.metric(one, eight.rules.small_sample) for one in (*COUNTS, *RATES)]
trend = grids.spark(history, "manager", "consultations", _("Consultations by week"))
together = eight.total | {"manager_name": _("Together"), "manager": None}
grids.show(people, [grids.text("manager_name", _("Manager")), *numbers, trend], together)

st.subheader(_("Conversion rate with its limits"))
charts.show(
    charts.intervals(people, CONVERSION_RATE, "manager_name", eight.total), _("Conversion rate with its limits")
)
boards.by_product(viewer, week, part, measure)
boards.about(FUNNEL, eight.rules, eight.earlier)
