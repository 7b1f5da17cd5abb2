"""Who runs the branch's meetings in its head's stead: named and ended by the head, seen by whoever looks on."""

from datetime import date

import polars as pl
import streamlit as st

from dashboard.agenda.form import AHEAD, WIDTH
from dashboard.shell.language import _
from dashboard.widgets import formats, grids
from dashboard.widgets.saving import saving
from db.access import Viewer, covers
from db.meetings import deputies
from db.people import people
from metrics import periods


def board(viewer: Viewer, region: int, branch: int, today: date) -> None:
    """Who stands in today or later, and for the head the way to change it."""
    found = deputies.read(viewer, branch, today)
    may_name = covers(viewer, "name_deputy", region=region, branch=branch)
    if found.is_empty() and not may_name:
        return
    st.subheader(_("Deputies"))
    st.caption(
        _(
            "A deputy chairs and closes the branch's meetings, sets promises, settles commitments, sends messages to the"
            " group, enters what was forgotten, and sees what the meeting room sees: customers masked, no plans to set."
            " It ends by itself the day after."
        )
    )
    with st.container(width=WIDTH):
        if found.height:
            table(found)
        if may_name:
            name(viewer, branch, today)
            end(viewer, found, today)


def table(found: pl.DataFrame) -> None:
    columns = [
        grids.text("manager_name", _("Manager")),
        grids.Column(_("From"), lambda row: formats.day(row["from_day"]), left=True),
        grids.Column(_("To"), lambda row: formats.day(row["to_day"]), left=True),
    ]
    grids.show(found, columns)


def name(viewer: Viewer, branch: int, today: date) -> None:
    team = people.managers(viewer, periods.day(today), branch)
    names = dict(team.select("manager", "manager_name").iter_rows())
    with st.form("deputy", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(_("Manager"), list(names), None, names.get, key="deputy", placeholder=_("Choose"))
        first = st.date_input(_("From"), today, today, today + AHEAD, key="deputy from", width=160) or today
        last = st.date_input(_("To"), today, today, today + AHEAD, key="deputy to", width=160) or first
        sent = st.form_submit_button(_("Name them deputy"))
    if sent and chosen is None:
        st.warning(_("Choose the manager first."))
    elif sent:
        with saving(_("The deputy is named.")):
            deputies.name(viewer, chosen, first, last, today)


def end(viewer: Viewer, found: pl.DataFrame, today: date) -> None:
    for row in found.to_dicts():
        if st.button(_("End at once: {name}", name=row["manager_name"]), key=f"end deputy {row['deputy']}"):
            with saving(_("They are deputy no longer.")):
                deputies.end(viewer, row["deputy"], today)
