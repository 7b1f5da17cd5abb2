"""One manager: where they stand in the month, why, what was agreed about it, whether it has changed, and what became of
their opportunities, customers and promises."""

import streamlit as st

from dashboard.diagnosis import why_view
from dashboard.interviews import section as interviews
from dashboard.manager_profile import changes, cohorts, customers_view, opportunities_view, promises_view, rates, who
from dashboard.penetration import board as penetration_board
from dashboard.shell import session
from dashboard.shell.language import _
from dashboard.shell.page_end import end_page
from dashboard.standing import boards, headline
from dashboard.standing.book import open_book
from dashboard.standing.part import Part
from dashboard.widgets import filters
from metrics import periods
from metrics.catalog import FUNNEL

viewer = session.viewer()

head = st.container()
with filters.bar():
    on = filters.through()
    manager, branch = who.choose(viewer, on)
    measure = filters.measure()
with head:
    boards.title(_("Manager profile"), viewer, branch, on, manager)

if manager is None:
    boards.nobody()
    end_page()

book = open_book(viewer, on, Part(branch=branch, manager=manager))
if boards.no_log(book):
    end_page()
month = book.period(periods.month(on))
headline.show(month, part=book.part)
why_view.of_manager(book, month, measure)
interviews.show(book, month, measure)
rates.show(book, month)
changes.show(book, month)
cohorts.show(book, month)
opportunities_view.show(book, session.today())
customers_view.show(book)
promises_view.show(book, month)
boards.about((*FUNNEL, *penetration_board.DEFINED), month.rules, month.earlier)
