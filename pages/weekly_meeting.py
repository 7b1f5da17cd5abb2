"""Weekly meeting: the week's plan against actual, and each manager's activity and conversion over eight weeks."""

from functools import partial

import streamlit as st

from dashboard.diagnosis import board as why_board
from dashboard.meetings import week_promises
from dashboard.meetings.content.asked import Asked
from dashboard.meetings.run_mode import meeting
from dashboard.penetration import board as penetration_board
from dashboard.shell import session
from dashboard.shell.language import _
from dashboard.shell.page_end import end_page
from dashboard.standing import boards, headline, weeks
from dashboard.standing.book import open_book
from dashboard.standing.part import Part
from dashboard.widgets import filters, formats
from dashboard.workdays import calendar_view, meeting_day
from metrics import periods
from metrics.catalog import FUNNEL

viewer = session.viewer()

head = st.container()
with filters.bar():
    branch = filters.branch(viewer)
    on = meeting_day.choose(viewer)
    manager = boards.manager(viewer, branch, periods.week(on))
    measure = filters.measure()
with head:
    boards.title(_("Weekly meeting"), viewer, branch, on, manager)

book = open_book(viewer, on, Part(branch=branch, manager=manager))
week = book.week()
if week.people.is_empty():
    boards.nobody()
    end_page()
asked = Asked(book, "weekly", measure)
if manager is None:
    meeting.show(asked, {"other": partial(week_promises.editor, asked)})
calendar_view.note(viewer, week.period)
if boards.no_log(book):
    end_page()
st.subheader(_("The week: {days}", days=formats.days(week.period)))
month = book.period(periods.month(on))
headline.show(week, month, book.part)
boards.week_table(book, week, month, measure, more=why_board.column(book, month, measure))
week_promises.show(asked)

eight = book.period(periods.weeks_back(on, 8))
weeks.pictures(book, eight)
weeks.of_each(book, eight)
boards.by_product(book, headline.of_week(measure, week, month)[0], measure)
penetration_board.of_managers(book)
boards.about((*FUNNEL, *penetration_board.DEFINED), eight.rules, eight.earlier)
