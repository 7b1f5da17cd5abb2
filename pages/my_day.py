"""My day: what is done today against what was promised, whom to call next, the next entry, and today's rows."""

from functools import partial

import streamlit as st

from dashboard.activity import bulk_form, day_cards, day_rows, due_steps, entry_form
from dashboard.interviews import notice
from dashboard.meetings.content.asked import Asked
from dashboard.meetings.own import link, promise
from dashboard.meetings.run_mode import agreed
from dashboard.shell import session
from dashboard.shell.language import _
from dashboard.standing import boards
from dashboard.standing.book import open_book
from dashboard.standing.part import Part
from dashboard.widgets import filters
from dashboard.workdays import calendar_view, meeting_day, working_days
from metrics import periods

viewer, today = session.viewer(), session.today()

head = st.container()
with filters.bar():
    on = filters.on_day()
    meeting_day.turns(viewer, on, today)
with head:
    boards.title(_("My day"), viewer, None, on)

closed = day_rows.locked(viewer, viewer.branch, on)
calendar_view.note(viewer, periods.month(on), *([working_days.soon(viewer, on)] if on == today else []))
book = open_book(viewer, on, Part(manager=viewer.manager))
notice.show(viewer)
promise.show(book)
link.to_own_meeting()
agreed.of_person(Asked(book.narrowed(branch=viewer.branch), "morning"))
day_cards.show(book)
if on == today and not closed:
    due_steps.show(viewer, viewer.manager, on)
    visit = partial(entry_form.form, viewer, viewer.manager, viewer.branch)
    street = partial(bulk_form.form, viewer, viewer.manager)  # its table is the heaviest thing on a phone
    session.tabs({_("One visit"): visit, _("A whole street"): street}, "way in")
    entry_form.without_network()

st.subheader(_("Recorded this day"))
day_rows.show(viewer, viewer.manager, on, may_change=not closed)
