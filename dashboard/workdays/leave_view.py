"""Leave on screen: who is away when, recorded and taken back by the branch head; a manager sees their own."""

from datetime import date

import polars as pl
import streamlit as st

from dashboard.shell.language import _, ngettext, word
from dashboard.widgets import filters, formats, grids
from dashboard.widgets.saving import saving
from dashboard.workdays.calendar_view import WIDTH
from db.access import Viewer, may, reach
from db.codes import DAY_PARTS
from db.people import leave, people
from metrics import periods
from metrics.periods import Period


def concerns(viewer: Viewer) -> bool:
    """Whether the viewer has leave of their own, or records that of others."""
    return viewer.manager is not None or may(viewer, "record_absences")


def board(viewer: Viewer, year: Period, today: date) -> None:
    """A month of the year: its leave as a table, and the forms for whoever records it."""
    months = [date(year.first.year, number, 1) for number in range(1, 13)]
    with st.container(width=WIDTH):
        month = periods.month(filters.choose("month", _("Month"), months, formats.month, today.replace(day=1)))
        found = leave.read(viewer, month)
        if found.is_empty():
            st.info(_("No leave is recorded for this month."))
        else:
            table(viewer, found)
        if may(viewer, "record_absences"):
            record(viewer, month, today)
            withdraw(viewer, found)


def table(viewer: Viewer, found: pl.DataFrame) -> None:
    """One line a day of leave, in order."""
    columns = [
        grids.Column(_("Day"), lambda row: formats.day(row["day"]), left=True),
        *([grids.manager()] if viewer.manager is None else []),
        *([grids.text("branch_name", _("Branch"))] if viewer.branch is None else []),
        grids.Column(_("Part of the day"), lambda row: word(row["part"]), left=True),
    ]
    grids.show(found, columns)


def record(viewer: Viewer, month: Period, today: date) -> None:
    """Leave from a day to a day; only the working days among them are stored."""
    here = [pl.col(level) == place for level, place in reach(viewer, "record_absences").items()]
    staff = people.managers(viewer, month).filter(*here)
    names = {
        one: f"{number} · {name} · {branch}"
        for one, number, name, branch in staff.select("manager", "staff_no", "manager_name", "branch_name").iter_rows()
    }
    usual = today if today in month else month.first
    st.subheader(_("Record leave"))
    with st.form(f"leave {month.first}", border=False):
        manager = st.selectbox(_("Manager"), list(names), None, names.get, placeholder=_("Choose"))
        with st.container(horizontal=True):
            first = st.date_input(_("From"), usual) or usual
            last = st.date_input(_("To"), usual) or first
        part = st.segmented_control(
            _("Part of the day"), list(DAY_PARTS), default="full", format_func=word, required=True
        )
        sent = st.form_submit_button(_("Record the leave"), type="primary")
    st.caption(_("Only working days are stored. What is already recorded for a day is replaced."))
    if sent and manager is None:
        st.warning(_("Choose the manager first."))
    elif sent:
        store(viewer, manager, first, last, part)


def store(viewer: Viewer, manager: int, first: date, last: date, part: str) -> None:
    with saving(_("It is recorded already.")) as outcome:
        number = leave.record(viewer, manager, first, last, part)
        if number:
            outcome.message = ngettext(
                "{number} working day of leave is recorded.", "{number} working days of leave are recorded.", number
            )


def withdraw(viewer: Viewer, found: pl.DataFrame) -> None:
    """A day of leave taken back."""
    rows = found.to_dicts()
    if not rows:
        return
    labels = {
        (row["manager"], row["day"]): f"{formats.day(row['day'])} · {row['manager_name']} · {word(row['part'])}"
        for row in rows
    }
    st.subheader(_("Take leave back"))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(_("Day"), list(labels), None, labels.get, key="leave taken back", placeholder=_("Choose"))
        if st.button(_("Take it back"), disabled=chosen is None):
            with saving(_("The day of leave is taken back.")):
                leave.withdraw(viewer, *chosen)
