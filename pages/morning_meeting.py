"""Morning meeting: yesterday, where each manager stands this month, what he needs a day, and what he promises today."""

import streamlit as st

from dashboard import boards, calendars, filters, need_views, promises, session, standings
from dashboard.report import Part
from dashboard.words import _
from metrics import meeting
from metrics.catalog import FUNNEL
from metrics.periods import Period

viewer = session.viewer()

head = st.container()
with filters.bar():
    branch = filters.branch(viewer)
    on = filters.on_day()
    measure = filters.measure()
with head:
    boards.title(_("Morning meeting"), viewer, branch, on)

part = Part(branch=branch)
month = standings.month_before(viewer, on, part, ["manager"])
if month.people.is_empty():
    boards.nobody()
    st.stop()

calendars.note(viewer, month.period, Period(standings.workday_before(viewer, on), on))
st.subheader(_("The last working day"))
boards.yesterday(viewer, on, part)

st.subheader(_("This month"))
boards.headline(month)
boards.table(viewer, month, measure)

need_views.of_team(viewer, month, branch, measure)

st.subheader(_("Today's promises"))
promises.editor(viewer, on, branch, meeting.proposals(month.standing))
boards.by_product(viewer, month, part, measure)
boards.about(FUNNEL, month.rules, month.earlier)
