"""My day: what is done today against what was promised, whom to call next, the next entry, and today's rows."""

import streamlit as st

from dashboard import boards, calendars, day_rows, dues, entry, filters, session, standings, street
from dashboard.words import _
from metrics import periods

viewer, today = session.viewer(), session.today()

head = st.container()
with filters.bar():
    on = filters.on_day()
with head:
    boards.title(_("My day"), viewer, None, on)

calendars.note(viewer, periods.month(on), *([standings.soon(viewer, on)] if on == today else []))
boards.today(viewer, on, viewer.manager)
if on == today:
    dues.show(viewer, viewer.manager, on)
    visit, evening = st.tabs([_("One visit"), _("A whole street")])
    with visit:
        entry.form(viewer, viewer.manager, viewer.branch)
    with evening:
        street.form(viewer, viewer.manager)
    entry.without_network()

st.subheader(_("Recorded this day"))
day_rows.show(viewer, viewer.manager, on)
