"""Weekly meeting: the week's plan against actual, and each manager's activity and conversion over eight weeks."""

import streamlit as st

from dashboard.diagnosis import board as why_board
from dashboard.meetings.content.asked import Asked
from dashboard.meetings.run_mode import meeting
from dashboard.penetration import board as penetration_board
from dashboard.shell import session
from dashboard.shell.language import _
from dashboard.standing import boards, headline, standing, weeks
from dashboard.standing.book import open_book
from dashboard.standing.part import Part
from dashboard.widgets import charts, filters, grids
from dashboard.workdays import calendar_view, meeting_day
from metrics import periods
from metrics.catalog import CONVERSION_RATE, COUNTS, FUNNEL, FUNNEL_RATIOS

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
    st.stop()
if manager is None:
    meeting.show(Asked(book, "weekly", measure))
calendar_view.note(viewer, week.period)
if boards.no_log(book):
    st.stop()
st.subheader(_("The week: {days}", days=boards.span(week.period)))
month = book.period(periods.month(on))
headline.show(week, month, book.part)
boards.week_table(book, week, month, measure, more=why_board.column(book, month, measure))

eight = book.period(periods.weeks_back(on, 8))
weeks.pictures(book, eight)

st.subheader(_("Activity and conversion in eight weeks"))
people = standing.with_names(viewer, eight.table)
numbers = [grids.metric(one, eight.rules.small_sample) for one in (*COUNTS, *FUNNEL_RATIOS)]
trend = grids.spark(book.by_week(eight.period), "manager", "consultations", _("Consultations by week"))
total = eight.total | {"manager_name": _("Together"), "manager": None}
grids.show(people, [grids.manager(), *numbers, trend], total)

st.subheader(title := _("Conversion rate with its limits"))
charts.show(charts.intervals(people, CONVERSION_RATE, "manager_name", eight.total), title)
boards.by_product(book, headline.of_week(measure, week, month)[0], measure)
penetration_board.of_managers(book)
boards.about((*FUNNEL, *penetration_board.DEFINED), eight.rules, eight.earlier)
