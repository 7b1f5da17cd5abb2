"""Evening meeting: what each manager did today against what they promised in the morning, not kept first."""

import streamlit as st

from dashboard.activity import correcting
from dashboard.meetings import closing, days_off, look_back
from dashboard.meetings.content.asked import Asked
from dashboard.meetings.run_mode import meeting
from dashboard.shell import session
from dashboard.shell.language import _
from dashboard.shell.page_end import end_page
from dashboard.standing import boards, standing
from dashboard.standing.book import open_book
from dashboard.standing.part import Part
from dashboard.widgets import filters, grids
from dashboard.workdays import calendar_view, meeting_day
from metrics.catalog import COUNTS

viewer = session.viewer()

head = st.container()
with filters.bar():
    branch = filters.branch(viewer)
    on = meeting_day.choose(viewer)
with head:
    boards.title(_("Evening meeting"), viewer, branch, on)

book = open_book(viewer, on, Part(branch=branch))
day = book.day()
if day.people.is_empty():
    boards.nobody()
    end_page()

meeting.show(Asked(book, "evening"))
calendar_view.note(viewer, day.period)
boards.no_log(book)
if book.promised().is_empty():
    st.info(_("Nobody promised anything for this day: promises are entered in the morning meeting."))

table = standing.with_names(viewer, book.reconciled())
look_back.kept_promises(table)
counts = [
    grids.pair(one.name, f"{one.name}_promise", _(one.label), lead=boards.to_rows(book, day, one.name))
    for one in COUNTS
]
grids.show(table, [grids.manager(), grids.status("promise_status"), *counts, *correcting.link(viewer, on)])
st.caption(_("Actual / promised. Kept means that every promised count was reached."))
if days_off.works(viewer, branch, on):
    closing.button(book, branch)
