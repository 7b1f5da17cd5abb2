"""Branches, or the managers of one: which is really behind, why, and who in it; and how they compare in all else."""

import streamlit as st

from dashboard.comparison import behind, periods_view, sections, workbook
from dashboard.comparison.gather import Compared
from dashboard.people import first_steps
from dashboard.shell import session
from dashboard.shell.language import _
from dashboard.shell.page_end import end_page
from dashboard.standing import boards, headline
from dashboard.standing.book import open_book
from dashboard.standing.part import Part
from dashboard.widgets import filters
from dashboard.workdays import calendar_view
from metrics.catalog import FUNNEL

viewer, today = session.viewer(), session.today()

head = st.container()
with filters.bar():
    month = filters.month()
    branch = filters.any_branch(viewer)
    measure = filters.measure()

with head:
    boards.place_title(_("Branches"), viewer, branch)

book, key = open_book(viewer, today, Part(branch=branch)), "branch" if branch is None else "manager"
found = book.period(month, [key])
if found.people.is_empty():
    boards.nobody()
    first_steps.show(viewer)
    end_page()

calendar_view.note(viewer, month)
if boards.no_log(book):
    first_steps.show(viewer)
    end_page()
headline.show(found, part=book.part)

asked = Compared(book, found, key, measure)
behind.show(asked)
sections.show(asked)
workbook.button(asked, periods_view.chosen(asked))
boards.about(FUNNEL, found.rules, found.earlier)
