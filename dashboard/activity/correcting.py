"""For whoever may change a manager's rows: the rows of one day, and what they forgot."""

from datetime import date

import streamlit as st
from markupsafe import Markup

from dashboard.activity import day_rows, entry_form
from dashboard.shell import session
from dashboard.shell.language import _
from dashboard.widgets import grids
from db.access import Viewer, covers, may
from db.people import people

LINK = Markup('<a href="{}" target="_self">{} ›</a>')


def link(viewer: Viewer, on: date) -> list[grids.Column]:
    """A column that leads whoever may change a manager's rows to the entry of what was forgotten on a day, manager and
    day filled in; none for everybody else."""
    if viewer.manager is not None or not may(viewer, "correct_activity") or not session.may_open("activity_log"):
        return []

    def cell(row: dict) -> Markup:
        link = {"manager": row["manager"], "day": on} | dict.fromkeys(("since", "until", "kind", "way", "product"))
        return LINK.format(session.href("activity_log", **link), _("Enter what they missed"))

    return [grids.Column("", cell, left=True)]


def of_day(viewer: Viewer, manager: int, on: date) -> None:
    """The day's rows to be mended, and an entry in the manager's name; nothing for those who only look."""
    place = people.branch_on(viewer.store, manager, on)
    if place is None or not covers(viewer, "correct_activity", region=place[0], branch=place[1], manager=manager):
        return
    st.subheader(_("Change this day's entries"))
    closed = day_rows.locked(viewer, place[1], on)
    day_rows.show(viewer, manager, on, may_change=not closed)
    if viewer.manager is None:
        with st.expander(_("Enter what they missed"), expanded=True):
            entry_form.form(viewer, manager, place[1], on)
