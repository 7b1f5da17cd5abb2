"""Evening meeting: what each manager did today against what he promised in the morning, not kept first."""

import streamlit as st

from dashboard import boards, calendars, closing, filters, grids, session, standings
from dashboard.report import Part
from dashboard.words import _
from metrics import meeting
from metrics.catalog import COUNTS

viewer = session.viewer()

head = st.container()
with filters.bar():
    branch = filters.branch(viewer)
    on = filters.on_day()
with head:
    boards.title(_("Evening meeting"), viewer, branch, on)

part = Part(branch=branch)
day = standings.of_day(viewer, on, part, ["manager"])
if day.people.is_empty():
    boards.nobody()
    st.stop()

calendars.note(viewer, day.period)
promised = standings.promised(viewer, on, part)
if promised.is_empty():
    st.info(_("Nobody promised anything for this day: promises are entered in the morning meeting."))

table = standings.with_names(viewer, meeting.against_promise(day.table, promised))
boards.promises(table)
counts = [grids.pair(one.name, f"{one.name}_promise", _(one.label)) for one in COUNTS]
grids.show(table, [grids.text("manager_name", _("Manager")), grids.status("promise_status"), *counts])
st.caption(_("Actual / promised. Kept means that every promised count was reached."))
closing.button(viewer, branch, on)
