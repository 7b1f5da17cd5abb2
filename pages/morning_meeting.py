"""Morning meeting: yesterday, where each manager stands this month, what they need a day, what they promise today."""

from functools import partial

import streamlit as st

from dashboard.meetings import days_off, look_back, promises
from dashboard.meetings.content.asked import Asked
from dashboard.meetings.run_mode import meeting
from dashboard.people import first_steps
from dashboard.reverse_plan import gather, views
from dashboard.shell import session
from dashboard.shell.language import _
from dashboard.shell.page_end import end_page
from dashboard.standing import boards, headline
from dashboard.standing.book import open_book
from dashboard.standing.part import Part
from dashboard.widgets import filters
from dashboard.workdays import calendar_view, meeting_day
from metrics import periods
from metrics.catalog import FUNNEL

viewer = session.viewer()

head = st.container()
with filters.bar():
    branch = filters.branch(viewer)
    on = meeting_day.choose(viewer, ahead=True)
    measure = filters.measure()
with head:
    boards.title(_("Morning meeting"), viewer, branch, on)

book = open_book(viewer, on, Part(branch=branch))
month = book.month()
if month.people.is_empty():
    boards.nobody()
    first_steps.show(viewer)
    end_page()

order = month.ranked(measure)["manager"].to_list()
editor = partial(promises.editor, viewer, periods.day(on), branch, gather.proposed(book, month), order)
meeting.show(Asked(book, "morning", measure), {"targets": editor})
calendar_view.note(viewer, month.period, periods.Period(book.workday_before(), on))
if boards.no_log(book):
    first_steps.show(viewer)
else:
    views.board(book, measure)
    boards.late(book, month)
    headline.of_month(book)
    st.subheader(_("The last working day"))
    look_back.yesterday(book)
    views.of_team(book, measure)

st.subheader(_("Today's promises"))
if days_off.works(viewer, branch, on):
    editor()
boards.by_product(book, month, measure)
boards.about(FUNNEL, month.rules, month.earlier)
