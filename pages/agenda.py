"""Agenda: what each kind of meeting goes through, for how long, and from which day."""

import streamlit as st

from dashboard.agenda import deputies, form, words
from dashboard.shell import session
from dashboard.shell.language import _
from dashboard.shell.page_end import end_page
from dashboard.standing import boards
from dashboard.widgets import filters
from db.access import covers
from db.meetings import agenda

viewer, today = session.viewer(), session.today()

st.title(_("Agenda"))
with filters.bar():
    region = filters.region(viewer)
    branch = filters.any_branch(viewer, region)
    kind = filters.segments("meeting", _("Meeting"), {one: _(name) for one, name in agenda.NAMES.items()})

if region is None:
    boards.nobody()
    end_page()

found = agenda.versions(viewer, region, branch, kind)
held = agenda.at(found, branch, today)
items = agenda.ITEMS[kind] if held is None else held.items
words.present(found, branch, today)
if covers(viewer, "set_agenda", region=region, branch=branch):
    form.show(viewer, kind, region, branch, items, agenda.last_set(found, branch), today)
else:
    words.listing(kind, items)
    words.total(kind, items)
words.history(kind, found)
if branch is not None:
    deputies.board(viewer, region, branch, today)
